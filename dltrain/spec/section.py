"""Sections of a config, and families of sections chosen by `type:`."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from dltrain.spec.problems import Path


class Section(BaseModel):
    """A block of the config: immutable, closed to unknown keys, and free of type coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Forgets the annotations of class variables: pydantic would evaluate them again for every subclass."""
        for name in cls.__class_vars__ & cls.__annotations__.keys():
            del cls.__annotations__[name]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # No `model_validator`, which pydantic would bind again for each class between this one and each subclass.
        return core_schema.no_info_wrap_validator_function(cls._explain, handler(source))

    @classmethod
    def _explain(cls, values: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        """Adds to errors what only this class knows: the keys that exist here."""
        try:
            found: Self = handler(values)
            return found
        except ValidationError as error:
            raise rewritten(error, (), known=tuple(cls.model_fields)) from None

    def sections(self, path: Path = ()) -> "Iterator[tuple[Path, Section]]":
        """This section and all sections below it, each with its path."""
        yield path, self
        for name in type(self).model_fields:
            yield from _sections_in(getattr(self, name), (*path, name))

    def plain(self) -> dict[str, Any]:
        """Every setting as mappings, lists and scalars, in the order of the fields; None is left out as a default."""
        fields = type(self).model_fields
        names = sorted(fields, key=lambda name: name != "type")
        values = ((name, getattr(self, name)) for name in names)
        return {
            name: plain_value(value) for name, value in values if value is not None or fields[name].default is not None
        }

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """What JSON Schema can say about several settings of this section together."""
        return []

    def arguments(self, *leave_out: str) -> dict[str, Any]:
        """The settings as keyword arguments of the Keras class they describe, nested sections built."""
        names = (name for name in type(self).model_fields if name != "type" and name not in leave_out)
        return {name: _built(getattr(self, name)) for name in names}


def describe(value: Any) -> str:
    """A value as messages show it: its text, cut, with what kind of value it is."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(str(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def rewritten(
    error: ValidationError, prefix: tuple[Any, ...], known: tuple[str, ...] = (), title: str = ""
) -> ValidationError:
    """The same errors under `prefix`; an Ellipsis in it ends the path, since nothing is written below."""
    details = []
    nothing_below = ... in prefix
    for line in error.errors(include_url=False):
        loc = prefix[: prefix.index(...)] if nothing_below else (*prefix, *line["loc"])
        name, context = line["type"], {"text": line["msg"], **line.get("ctx", {})}
        if name == "extra_forbidden" and len(line["loc"]) == 1:
            context.setdefault("known", known)
        if name == "missing" and nothing_below:
            key = line["loc"][-1]
            name, context = "needs", {"text": f"{title} needs `{key}`; write {title}: {{{key}: ...}}"}
        kind = PydanticCustomError(name, "{text}", context)
        details.append(InitErrorDetails(type=kind, loc=loc, input=line["input"]))
    return ValidationError.from_exception_data(title or error.title, details)


def _sections_in(value: Any, path: Path) -> Iterator[tuple[Path, Section]]:
    if isinstance(value, Section):
        yield from value.sections(path)
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _sections_in(item, (*path, index))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _sections_in(item, (*path, str(key)))


def _built(value: Any) -> Any:
    build = getattr(value, "build", None)
    return build() if isinstance(value, Section) and callable(build) else value


def plain_value(value: Any) -> Any:
    """A setting as mappings, lists and scalars."""
    if isinstance(value, Section):
        return value.plain()
    if isinstance(value, tuple | list):
        return [plain_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    return str(value) if isinstance(value, str) else value
