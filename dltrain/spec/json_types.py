"""What JSON Schema says of the type of a setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import combinations
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from dltrain.spec.fields import Written
from dltrain.spec.section import Section

Schema = dict[str, Any]
"""A JSON Schema, draft 7."""

ENVIRONMENT: Schema = {"$ref": "#/definitions/environment"}
"""A reference to an environment variable, which can stand for any scalar."""


class Refer(Protocol):
    """Gives the schema of a section; `listed` where it is an entry of a list."""

    def __call__(self, section: type[Section], /, *, listed: bool = False) -> Schema:
        """A reference to it."""


_SCALARS = {int: "integer", float: "number", bool: "boolean", str: "string", NoneType: "null"}

_NUMBER_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_LENGTHS = {
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "string": {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
}


def schema_of(annotation: Any, metadata: Iterable[Any], refer: Refer) -> Schema:
    """The schema of the values that a field takes.

    Args:
        annotation: of the field.
        metadata: constraints and validators, as `typing.Annotated` holds them.
        refer: gives the schema of a section.

    Raises:
        TypeError: nothing is known of the type; add `spec.fields.Written` to it.
    """
    marks = list(_flat(metadata))
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return schema_of(inner, [*more, *marks], refer)
    written = next((mark for mark in marks if isinstance(mark, Written)), None)
    alternatives = list(_alternatives(annotation if written is None else written.form, refer))
    kinds = {_kind(annotation)} if written else {"integer", "number", "string", "array", "object"}
    bounded = [_bounded(schema, marks) if schema.get("type") in kinds else schema for schema in alternatives]
    return any_of([*bounded, *[ENVIRONMENT for schema in bounded if "pattern" in schema]])


def not_together(*names: str) -> Schema:
    """Says of a mapping that at most one of some settings has a value."""
    value = {"not": {"type": "null"}}
    both = [{"required": list(pair), "properties": dict.fromkeys(pair, value)} for pair in combinations(names, 2)]
    return {"not": any_of(both)}


def any_of(schemas: Iterable[Schema]) -> Schema:
    """What fits one of the schemas, each of them once."""
    flat = [inner for schema in schemas for inner in (schema["anyOf"] if set(schema) == {"anyOf"} else [schema])]
    different = [schema for index, schema in enumerate(flat) if schema not in flat[:index]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _flat(mark.metadata)
        else:
            yield mark


def _alternatives(annotation: Any, refer: Refer) -> Iterator[Schema]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield schema_of(annotation, (), refer)
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _alternatives(argument, refer)
    elif origin is Literal:
        yield from ({"enum": list(arguments)}, ENVIRONMENT)
    elif origin is tuple:
        yield _list(arguments, refer)
    elif origin is dict:
        yield _mapping(arguments, refer)
    elif annotation in _SCALARS:
        yield {"type": _SCALARS[annotation]}
        if annotation not in (str, NoneType):
            yield ENVIRONMENT
    elif isinstance(annotation, type) and issubclass(annotation, Section):
        yield refer(annotation)
    else:
        raise TypeError(f"no schema for {annotation}; mark the field with `Written`")


def _list(arguments: tuple[Any, ...], refer: Refer) -> Schema:
    entries = partial(refer, listed=True)
    if arguments[1:] == (...,):
        return {"type": "array", "items": schema_of(arguments[0], (), entries)}
    items = [schema_of(argument, (), entries) for argument in arguments]
    # One schema for all, where it is the same: editors say more about it than about a list of schemas.
    same = all(item == items[0] for item in items)
    return {"type": "array", "items": items[0] if same else items, "minItems": len(items), "maxItems": len(items)}


def _mapping(arguments: tuple[Any, ...], refer: Refer) -> Schema:
    keys = schema_of(arguments[0], (), refer)
    named = {} if keys == {"type": "string"} else {"propertyNames": keys}
    return {"type": "object", **named, "additionalProperties": schema_of(arguments[1], (), refer)}


def _kind(annotation: Any) -> str:
    """The JSON type of the values that an annotation without marks stands for."""
    kinds = {tuple: "array", dict: "object"}
    return kinds.get(get_origin(annotation), "") or _SCALARS.get(annotation, "")


def _bounded(schema: Schema, marks: Iterable[Any]) -> Schema:
    """With bounds and lengths; several of a kind cannot be told apart from the last."""
    names = _LENGTHS.get(schema["type"], _NUMBER_BOUNDS)
    found = {key: getattr(mark, name) for mark in marks for name, key in names.items() if hasattr(mark, name)}
    return {**schema, **{key: value for key, value in found.items() if value is not None}}
