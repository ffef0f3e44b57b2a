"""Sections of a config, and families of sections chosen by `type:`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from dltrain.spec.problems import Path, one_of, suggestion


class Section(BaseModel):
    """A block of the config: immutable, closed to unknown keys, and free of type coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Adds to errors what only this class knows: the keys that exist here."""
        try:
            return handler(values)
        except ValidationError as error:
            raise _rewritten(error, (), known=tuple(cls.model_fields)) from None

    def sections(self, path: Path = ()) -> Iterator[tuple[Path, Section]]:
        """This section and all sections below it, each with its path."""
        yield path, self
        for name in type(self).model_fields:
            yield from _sections_in(getattr(self, name), (*path, name))

    def plain(self) -> dict[str, Any]:
        """Every setting as mappings, lists and scalars, in the order of the fields; None is left out."""
        names = sorted(type(self).model_fields, key=lambda name: name != "type")
        values = ((name, getattr(self, name)) for name in names)
        return {name: _plain(value) for name, value in values if value is not None}

    def arguments(self, *leave_out: str) -> dict[str, Any]:
        """The settings as keyword arguments of the Keras class they describe, nested sections built."""
        names = (name for name in type(self).model_fields if name != "type" and name not in leave_out)
        return {name: _built(getattr(self, name)) for name in names}


class _Chosen:
    """Tells type checkers of the field that every member of a family has."""

    if TYPE_CHECKING:

        @property
        def type(self) -> str:
            """What chose this member."""


class Family(Section, _Chosen):
    """A section whose `type` key chooses among subclasses of this class.

    A family is declared in the module `base` of a package; each of its choices is a subclass
    with a `type: Literal[...]` field in any other module of that package. Being there is the
    registration. Annotate a field with the family (``optimizer: OptimizerSpec``) and its value
    may be written in four ways, all equal::

        optimizer: {type: sgd, learning_rate: 0.1}
        optimizer: {sgd: {learning_rate: 0.1}}
        optimizer: {sgd: 0.1}                # the first argument
        optimizer: sgd                       # with its defaults

    Attributes:
        noun: what messages call a member, such as ``optimizer``.
        default_type: the type of a value that names none, such as a bare number.
        aliases: other names of a member, such as ``mse``.
    """

    noun: ClassVar[str] = "component"
    default_type: ClassVar[str | None] = None
    aliases: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if "type" in cls.model_fields:
            return handler(source)
        serialization = core_schema.plain_serializer_function_ser_schema(_plain)
        return core_schema.no_info_plain_validator_function(cls.choose, serialization=serialization)

    @classmethod
    def choices(cls) -> dict[str, type[Self]]:
        """The members by type and alias, sorted by name."""
        _import_package_of(cls.__module__)
        found: dict[str, type[Self]] = {}
        for member in _members(cls):
            for name in (type_name(member), *member.aliases):
                found[name] = member
        return dict(sorted(found.items()))

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """The type of a mapping without `type`, from its other keys; families that can, override."""
        return cls.default_type

    @classmethod
    def choose(cls, value: Any) -> Self:
        """The member that `value` describes, in any of the written forms."""
        if isinstance(value, cls):
            return value
        name, arguments, prefix = cls._expand(value)
        member = cls.choices().get(name)
        if member is None:
            names = [type_name(member) for member in dict.fromkeys(cls.choices().values())]
            hint = suggestion(name, cls.choices())
            raise PydanticCustomError(
                "unknown_type", "{text}", {"text": f"unknown {cls.noun} '{name}'; expected {one_of(names)}{hint}"}
            )
        if not isinstance(arguments, Mapping):
            prefix = (*prefix, ...)
            arguments = {} if arguments is None else {member.first_argument(): arguments}
        try:
            return member.model_validate({**arguments, "type": type_name(member)})
        except ValidationError as error:
            raise _rewritten(error, prefix, title=type_name(member)) from None

    @classmethod
    def _expand(cls, value: Any) -> tuple[str, Any, tuple[Any, ...]]:
        """Name, arguments, and the keys that the written form has before the arguments."""
        if isinstance(value, str) and (cls.default_type is None or value in cls.choices()):
            return value, {}, (...,)
        if isinstance(value, Mapping):
            if "type" in value:
                return str(value["type"]), value, ()
            if len(value) == 1 and (key := next(iter(value))) in cls.choices():
                return key, value[key], (key,)
            if name := cls.infer_type(value):
                return name, value, ()
            return cls._unclear(value)
        if value is not None and cls.default_type:
            return cls.default_type, value, ()
        text = (
            f"expected {_article(cls.noun)} {cls.noun}, got {describe(value)}; write its name or a mapping with `type:`"
        )
        raise PydanticCustomError("family", "{text}", {"text": text})

    @classmethod
    def _unclear(cls, value: Mapping[str, Any]) -> tuple[str, Any, tuple[Any, ...]]:
        """Raises for a mapping that names no member, or returns the name that it seems to mean."""
        if len(value) == 1 and isinstance(next(iter(value.values())), Mapping | None):
            key = next(iter(value))
            return str(key), value[key], (key,)
        named = [key for key in value if key in cls.choices()]
        if len(named) == 1 and len(value) > 1:
            other = next(key for key in value if key != named[0])
            text = f"'{named[0]}' and '{other}' stand side by side; write '{other}' below '{named[0]}'"
        else:
            names = list(dict.fromkeys(type_name(member) for member in cls.choices().values()))
            text = f"the {cls.noun} has no `type:`; write one of {one_of(names, limit=12)}"
        raise PydanticCustomError("family", "{text}", {"text": text})

    @classmethod
    def first_argument(cls) -> str:
        """The field that a scalar in the place of this member's settings stands for."""
        family = next(base for base in cls.__mro__ if Family in base.__bases__ and issubclass(base, Family))
        own = [name for name in cls.model_fields if name not in family.model_fields and name != "type"]
        if not own:
            text = f"{type_name(cls)} takes no value; write `{type_name(cls)}` alone or a mapping of its settings"
            raise PydanticCustomError("no_argument", "{text}", {"text": text})
        return own[0]


def type_name(member: type[Section]) -> str:
    """The `type` that chooses `member`, such as ``conv2d``."""
    (name,) = get_args(member.model_fields["type"].annotation)
    return str(name)


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


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _members(cls: type[Any]) -> Iterator[type[Any]]:
    for subclass in cls.__subclasses__():
        if "type" in subclass.model_fields:
            yield subclass
        yield from _members(subclass)


def _import_package_of(module: str) -> None:
    package, _, name = module.rpartition(".")
    if name == "base":
        for info in pkgutil.iter_modules(sys.modules[package].__path__):
            importlib.import_module(f"{package}.{info.name}")


def _rewritten(
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


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return value.plain()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, str) else value
