"""How a setting such as ``optimizer.learning_rate=0.1`` can go on, for the completion of a shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from dltrain.spec.docstrings import settings_of, summary_of
from dltrain.spec.schema import bare_names, is_family
from dltrain.spec.section import Section

Proposal = tuple[str, str]
"""A text, and what it means."""


def proposals(root: type[Section], values: Any, written: str) -> list[Proposal]:
    """Texts that begin with `written`, up to the next dot or the sign ``=``, or with a value behind it.

    Args:
        root: the section of a whole config.
        values: of a config, which decide what components have as settings; may be empty.
        written: the beginning of a setting.
    """
    key, equals, _ = written.partition("=")
    *path, name = key.split(".")
    kinds, at = [root], values
    for part in path if not equals else [*path, name]:
        kinds, at = _step(kinds, at, part), _value(at, part)
    prefix = ".".join([*path, ""]) if path else ""
    if equals:
        found = [(f"{key}={text}", meaning) for kind in kinds for text, meaning in _values(kind)]
    else:
        found = [(f"{prefix}{text}", meaning) for kind in kinds for text, meaning in _keys(kind, at)]
    return [(text, meaning) for text, meaning in dict(found).items() if text.startswith(written)]


def _fields(kind: Any, value: Any) -> dict[str, list[tuple[Any, str]]]:
    """The settings of a section, each with its types and meanings; of a family those of the chosen member."""
    sections = [kind]
    if is_family(kind):
        chosen = kind.written_type(value)[0] if value is not None else None
        sections = [kind.member(chosen)] if chosen else list(dict.fromkeys(kind.choices().values()))
    fields: dict[str, list[tuple[Any, str]]] = {}
    for section in sections:
        texts = settings_of(section)
        for name, field in section.model_fields.items():
            fields.setdefault(name, []).append((field.annotation, texts.get(name, "")))
    return fields


def _step(kinds: list[Any], value: Any, part: str) -> list[Any]:
    """What a part of a key leads to, from each of several kinds of values."""
    found: list[Any] = []
    for kind in kinds:
        if get_origin(kind) in (tuple, dict):
            inner = [get_args(kind)[-1 if get_origin(kind) is dict else 0]]
        elif not _is_section(kind):
            inner = []
        elif part == "type" and is_family(kind):
            inner = [Literal[tuple(kind.types())]]
        else:
            inner = [annotation for annotation, _ in _fields(kind, value).get(part, [])]
        found += [plain for annotation in inner for plain in _plain(annotation) if plain not in found]
    return found


def _value(value: Any, part: str) -> Any:
    """What a config has below a part of a key."""
    if isinstance(value, Mapping):
        inner = next(iter(value.values())) if len(value) == 1 and part not in value else None
        return inner.get(part) if isinstance(inner, Mapping) else value.get(part)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None


def _keys(kind: Any, value: Any) -> list[Proposal]:
    """What can stand behind a dot."""
    if get_origin(kind) is tuple and isinstance(value, Sequence) and any(map(_is_section, _plain(get_args(kind)[0]))):
        return [(f"{index}.", "") for index in range(len(value))]
    if get_origin(kind) is dict and isinstance(value, Mapping):
        return [(f"{name}=", "") for name in value if "." not in name]
    if not _is_section(kind):
        return []
    found: list[Proposal] = []
    for name, fields in _fields(kind, value).items():
        plain = [inner for annotation, _ in fields for inner in _plain(annotation)]
        listed = isinstance(_value(value, name), list)
        leads_on = any(
            _is_section(inner) or get_origin(inner) in ((tuple, dict) if listed else (dict,)) for inner in plain
        )
        mapping = any(_is_section(inner) and not is_family(inner) for inner in plain)
        meaning = fields[0][1] or f"which {getattr(kind, 'noun', '')}"
        found += [(f"{name}{mark}", meaning) for mark, shown in ((".", leads_on), ("=", not mapping)) if shown]
    return found


def _values(kind: Any) -> list[Proposal]:
    """What can stand behind the sign ``=``, where that is one of some names."""
    if kind is bool:
        return [("true", ""), ("false", "")]
    if get_origin(kind) is Literal:
        return [(str(name), "") for name in get_args(kind)]
    if _is_section(kind) and is_family(kind):
        return [(name, summary_of(kind.choices()[name])) for name in bare_names(kind)]
    return []


def _plain(annotation: Any) -> list[Any]:
    """The alternatives of a type, without their marks."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [plain for inner in get_args(annotation) if inner is not NoneType for plain in _plain(inner)]
    return [annotation]


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
