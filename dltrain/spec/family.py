"""Families: sections that are chosen by `type:` among the classes in a package."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args

from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from dltrain.spec.problems import LONG_LIST, one_of, suggestion
from dltrain.spec.scalars import resolve
from dltrain.spec.section import Section, describe, plain_value, rewritten


class _Chosen:
    """Tells type checkers of the field that every member of a family has."""

    if TYPE_CHECKING:

        @property
        def type(self) -> str:
            """What chose this member."""


_LONGEST_NAME = 60


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
        spellings: other names of a member's settings, such as ``group`` of ``column``.
        inlined: a setting of a member whose component may stand beside the other settings.
        elsewhere: names that people look for here, and what to write instead.
    """

    noun: ClassVar[str] = "component"
    default_type: ClassVar[str | None] = None
    aliases: ClassVar[tuple[str, ...]] = ()
    spellings: ClassVar[Mapping[str, str]] = {}
    inlined: ClassVar[str | None] = None
    elsewhere: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _FOUND.clear()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if "type" in cls.model_fields:
            return super().__get_pydantic_core_schema__(source, handler)
        serialization = core_schema.plain_serializer_function_ser_schema(plain_value)
        return core_schema.no_info_plain_validator_function(cls.choose, serialization=serialization)

    @classmethod
    def choices(cls) -> dict[str, type[Self]]:
        """All members by type and alias, sorted by name."""
        _import_members(cls.__module__)
        return dict(sorted(cls._imported().items()))

    @classmethod
    def types(cls) -> list[str]:
        """The types of all members, without aliases, sorted."""
        return sorted({type_name(member) for member in cls.choices().values()})

    @classmethod
    def member(cls, name: str) -> type[Self] | None:
        """The member that `name` chooses; of the family's modules only those that declare it are imported."""
        if name not in (imported := cls._imported()):
            _import_members(cls.__module__, name)
            imported = cls._imported()
        return imported.get(name)

    @classmethod
    def _imported(cls) -> dict[str, type[Self]]:
        if cls not in _FOUND:
            found = {name: member for member in _members(cls) for name in (type_name(member), *member.aliases)}
            _FOUND[cls] = found
        return _FOUND[cls]

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """The type of a mapping without `type`, from its other keys; families that can, override."""
        return cls.default_type

    @classmethod
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """The types that `infer_type` may give, each with a JSON Schema of the mappings that it gives them for."""
        return {cls.default_type: {}} if cls.default_type else {}

    @classmethod
    def choose(cls, value: Any) -> Self:
        """The member that `value` describes, in any of the written forms."""
        if isinstance(value, cls):
            return value
        name, arguments, prefix = cls._expand(value)
        member = cls.member(name) or cls.choices().get(name)
        if member is None:
            raise cls._unknown(name, ("type",) if isinstance(value, Mapping) and "type" in value else prefix)
        if not isinstance(arguments, Mapping):
            prefix = (*prefix, ...)
            arguments = {} if arguments is None else {member.first_argument(): arguments}
        try:
            return member.model_validate({**arguments, "type": type_name(member)})
        except ValidationError as error:
            raise rewritten(error, prefix, title=type_name(member)) from None

    @classmethod
    def _unknown(cls, name: str, prefix: tuple[Any, ...]) -> ValidationError:
        hint, types = suggestion(name[:_LONGEST_NAME], cls.choices()), cls.types()
        expected = "" if hint and len(types) > LONG_LIST else f"; expected {one_of(types)}"
        advice = f"; {cls.elsewhere[name]}" if name in cls.elsewhere else f"{expected}{hint}"
        kind = PydanticCustomError("unknown_type", "{text}", {"text": f"unknown {cls.noun} '{name}'{advice}"})
        loc = tuple(part for part in prefix if part is not ...)
        return ValidationError.from_exception_data(cls.noun, [InitErrorDetails(type=kind, loc=loc, input=name)])

    @classmethod
    def _expand(cls, value: Any) -> tuple[str, Any, tuple[Any, ...]]:
        """Name, arguments, and the keys that the written form has before the arguments."""
        if isinstance(value, str) and not (cls.default_type and _is_number(value)):
            return value, {}, (...,)
        if isinstance(value, Mapping):
            if "type" in value:
                return str(value["type"]), value, ()
            if len(value) == 1 and cls.member(key := str(next(iter(value)))):
                return key, value[key], (key,)
            if name := cls.infer_type(value):
                return name, value, ()
            return cls._unclear(value)
        if value is not None and cls.default_type:
            return cls.default_type, value, ()
        written = f"expected {_article(cls.noun)} {cls.noun}, got {describe(value)}"
        text = f"{written}; write its name or a mapping with `type:`"
        raise PydanticCustomError("family", "{text}", {"text": text})

    @classmethod
    def written_type(cls, value: Any) -> tuple[str | None, bool]:
        """The type that a value in the config chooses, None where that is unclear; and whether it is written there."""
        try:
            name, _, prefix = cls._expand(value)
        except (PydanticCustomError, ValidationError):
            return None, False
        known = cls.member(name) is not None
        return name if known else None, known and (bool(prefix) or (isinstance(value, Mapping) and "type" in value))

    @classmethod
    def _unclear(cls, value: Mapping[str, Any]) -> tuple[str, Any, tuple[Any, ...]]:
        """Raises for a mapping that names no member, or returns the name that it seems to mean."""
        settings = {name for member in cls.choices().values() for name in member.model_fields}
        if len(value) == 1 and (key := str(next(iter(value)))) not in settings:
            return key, value[key], (key,)
        named = [key for key in value if key in cls.choices()]
        if len(named) == 1:
            other = next(key for key in value if key != named[0])
            text = f"'{named[0]}' and '{other}' stand side by side; write '{other}' below '{named[0]}'"
        elif named:
            text = f"'{named[0]}' and '{named[1]}' are both here; keep one {cls.noun}"
        else:
            text = f"the {cls.noun} has no `type:`; write one of {one_of(cls.types(), limit=12)}"
        raise PydanticCustomError("family", "{text}", {"text": text})

    @classmethod
    def family(cls) -> "type[Family]":
        """The family that this is a member of."""
        return next(base for base in cls.__mro__ if Family in base.__bases__ and issubclass(base, Family))

    @classmethod
    def first_argument(cls) -> str:
        """The field that a scalar in the place of this member's settings stands for."""
        own = [name for name in cls.model_fields if name not in cls.family().model_fields and name != "type"]
        if not own:
            text = f"{type_name(cls)} takes no value; write `{type_name(cls)}` alone or a mapping of its settings"
            raise PydanticCustomError("no_argument", "{text}", {"text": text})
        return own[0]


def type_name(member: type[Section]) -> str:
    """The `type` that chooses `member`, such as ``conv2d``."""
    (name,) = get_args(member.model_fields["type"].annotation)
    return str(name)


def _is_number(text: str) -> bool:
    """Whether a text would be a number without its quotes."""
    try:
        return not isinstance(resolve(text), str)
    except ValueError:
        return False


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _members(cls: type[Any]) -> Iterator[type[Any]]:
    for subclass in cls.__subclasses__():
        if "type" in subclass.model_fields:
            yield subclass
        yield from _members(subclass)


_FOUND: dict[type[Any], dict[str, type[Any]]] = {}
"""Members by name, of the families that were asked for since the last class was made."""

_UNREAD: dict[str, dict[str, str | None]] = {}
"""Of each package that was looked through, the modules that were not imported for it, each with what it declares; a
file with a thousand unknown names must not read them as often."""


def _import_members(module: str, name: str | None = None) -> None:
    """Imports the package of the family whose base is `module`; of it only the files that declare a name."""
    package, _, last = module.rpartition(".")
    if last != "base" or package not in sys.modules:
        return
    if package not in _UNREAD:
        _UNREAD[package] = dict(_declarations(package))
    unread = _UNREAD[package]
    for found in [found for found, text in unread.items() if None in (name, text) or f'"{name}"' in str(text)]:
        importlib.import_module(found)
        unread.pop(found, None)


def _declarations(package: str) -> Iterator[tuple[str, str | None]]:
    """The modules of a package, each with its lines of types and aliases; None where there is no source to look at."""
    folders = [FilePath(folder) for folder in sys.modules[package].__path__]
    for info in pkgutil.iter_modules(list(map(str, folders))):
        files = [file for folder in folders if (file := folder / f"{info.name}.py").is_file()]
        source = files[0].read_text(encoding="utf-8") if files else None
        yield f"{package}.{info.name}", source and "".join(_lines_of(source, "type", "aliases"))


def _lines_of(source: str, *settings: str) -> Iterator[str]:
    """What stands in lines such as ``    type: ...``."""
    for setting in settings:
        yield from (part.partition("\n")[0] for part in source.split(f"\n    {setting}: ")[1:])
