"""One config on top of another.

Mappings are merged key by key, and a list or a scalar takes the place of what was there. A component that is said to be
of another type takes the place of the whole component. Nothing (``key:`` or ``null``) takes the setting away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic_core import PydanticCustomError

from dltrain.spec.document import Base, Document, paths_in
from dltrain.spec.family import Family, type_name
from dltrain.spec.problems import Path
from dltrain.spec.section import Section

Kind = type[Section] | tuple[Any] | None
"""What a value is: a section or family, ``(kind,)`` for a mapping whose values are of that kind, None for all else."""


def merge(base: Document, over: Document, root: type[Section], selectors: Mapping[Path, bool]) -> Document:
    """A document with the values of `over` on top of those of `base`, neither of which is of use afterwards.

    Args:
        base: what is extended.
        over: what extends it.
        root: the section that both describe.
        selectors: paths that choose what their section is about. Where one is set that was not in the base, the
            whole section takes the place of the base's; where it was and the value here is true, only `type` goes.
    """
    merging = _Merging(base, over, selectors)
    merging.keys(base.values, over.values, (), root)
    base.values_at[()] = over.values_at[()]
    return Document(
        over.source,
        base.values,
        base.values_at,
        base.keys_at,
        over.text,
        {**base.references, **over.references},
        (*over.bases, Base(base.source, base.text), *base.bases),
    )


class _Merging:
    def __init__(self, base: Document, over: Document, selectors: Mapping[Path, bool]) -> None:
        self.base = base
        self.over = over
        self.selectors = selectors

    def keys(self, under: dict[str, Any], upper: dict[str, Any], path: Path, kind: Kind) -> None:
        """Puts the values of a mapping upon those of the other."""
        for key in list(upper):
            at = (*path, key)
            if upper[key] is None:
                self.base.forget(at, under.pop(key, None))
            elif key in under and isinstance(upper[key], dict):
                self.value(under, upper, at, _below(kind, key))
            else:
                self.replace(under, upper, at)

    def value(self, under: dict[str, Any], upper: dict[str, Any], at: Path, kind: Kind) -> None:
        """Puts a mapping upon what has the same key."""
        key = str(at[-1])
        if isinstance(kind, type) and issubclass(kind, Family):
            if not self.refines(kind, under[key], upper[key], at):
                return self.replace(under, upper, at)
            for document, holder in ((self.base, under), (self.over, upper)):
                _flatten(document, holder, at, kind)
            kind = _member(kind, under[key]) or kind
        if not isinstance(under[key], dict):
            return self.replace(under, upper, at)
        if any((*at, name) in self.selectors for name in upper[key]):
            under[key].pop("type", None)
            self.base.forget((*at, "type"))
        self.keys(under[key], upper[key], at, kind)
        _take_position(self.base, self.over, at)
        return None

    def refines(self, family: type[Family], old: Any, new: dict[str, Any], at: Path) -> bool:
        """Whether a component holds settings for the one of the base, and not another one."""
        if any(self.chooses(name, old, new, at) for name in new):
            return False
        name, is_written = family.written_type(new)
        was = _member(family, old)
        if not is_written and (was is None or new.keys() <= was.model_fields.keys()):
            return True
        return name is None or family.member(name) is was

    def chooses(self, name: str, old: Any, new: dict[str, Any], at: Path) -> bool:
        """Whether a key says that its section is about something else than that of the base."""
        if (*at, name) not in self.selectors:
            return False
        if not isinstance(old, dict) or name not in old:
            return True
        return not self.selectors[(*at, name)] and old[name] != new[name]

    def replace(self, under: dict[str, Any], upper: dict[str, Any], at: Path) -> None:
        """Puts a value in the place of what was there, with all its positions."""
        key = str(at[-1])
        if key in under:
            self.base.forget(at, under[key])
        under[key] = upper[key]
        for path in paths_in(upper[key], at):
            _take_position(self.base, self.over, path)


def _below(kind: Kind, key: str) -> Kind:
    """The kind of the value of a key."""
    if isinstance(kind, tuple):
        return kind[0]  # type: ignore[no-any-return]
    field = kind.model_fields.get(key) if kind else None
    return _kind(field.annotation) if field else None


def _kind(annotation: Any) -> Kind:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = [kind for part in get_args(annotation) if (kind := _kind(part))]
    if getattr(annotation, "__origin__", None) is tuple or not found:
        return None
    return (found[0],) if getattr(annotation, "__origin__", None) is dict else found[0]


def _member(family: type[Family], value: Any) -> type[Family] | None:
    name, _ = family.written_type(value)
    return family.member(name) if name else None


def _flatten(document: Document, holder: dict[str, Any], at: Path, family: type[Family]) -> None:
    """Writes ``adam``, ``{adam: {...}}`` and ``{adam: 0.1}`` as ``{type: adam, ...}``, to add settings to it."""
    key = str(at[-1])
    value = holder[key]
    name, is_written = family.written_type(value)
    if name is None:
        return
    if isinstance(value, dict) and ("type" in value or not is_written):
        _respell(document, value, at, family.member(name))
        return
    if isinstance(value, dict):
        inside, given, place = (*at, *value), next(iter(value.values())), document.keys_at.get((*at, *value))
    else:
        inside, given, place = at, None if is_written else value, document.values_at.get(at)
    settings = _settings(document, family.member(name), given, inside)
    if settings is not None:
        holder[key] = {"type": name, **settings}
        _move(document, settings, inside, at)
        if place:
            document.values_at[(*at, "type")] = document.keys_at[(*at, "type")] = place


def _settings(document: Document, member: type[Family] | None, given: Any, at: Path) -> dict[str, Any] | None:
    """The settings of a member for which `given` is written; None where it takes no scalar."""
    if given is None or isinstance(given, dict):
        return given or {}
    try:
        first = member.first_argument() if member else None
    except PydanticCustomError:
        return None
    if first is None:
        return None
    place = document.position(at)
    _move(document, given, at, (*at, first))
    document.values_at[at] = place
    return {first: given}


def _respell(document: Document, settings: dict[str, Any], at: Path, member: type[Family] | None) -> None:
    """Writes ``{group: patient}`` as ``{type: group, column: patient}``."""
    if member is None:
        return
    for other, name in member.spellings.items():
        if other in settings and name not in settings:
            settings.setdefault("type", type_name(member))
            settings[name] = settings.pop(other)
            _move(document, settings[name], (*at, other), (*at, name))


def _move(document: Document, value: Any, old: Path, new: Path) -> None:
    """Gives what was written at `old` and below it the paths at `new`."""
    for path in list(paths_in(value, old)) if old != new else []:
        for positions in (document.values_at, document.keys_at):
            if position := positions.pop(path, None):
                positions[(*new, *path[len(old) :])] = position


def _take_position(base: Document, over: Document, path: Path) -> None:
    for into, source in ((base.values_at, over.values_at), (base.keys_at, over.keys_at)):
        if position := source.get(path):
            into[path] = position
