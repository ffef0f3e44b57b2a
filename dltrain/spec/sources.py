"""Where each value of an experiment comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import PydanticCustomError

from dltrain.spec.document import Document
from dltrain.spec.environment import Reference
from dltrain.spec.family import Family
from dltrain.spec.problems import Path, Position
from dltrain.spec.section import Section


@dataclass(frozen=True)
class Source:
    """Where a value comes from; ``str()`` gives a few words, such as ``base.yaml:3`` or ``default``.

    Attributes:
        kind: ``written`` at a place, ``implied`` by what is written there (``model: mlp`` implies nothing but a type;
            ``path: a.csv`` implies ``type: csv``), ``derived`` from something else, or a ``default``.
        position: where; None for a default or a derived value.
        reference: to environment variables, in the text there.
    """

    kind: Literal["written", "implied", "derived", "default"]
    position: Position | None = None
    reference: Reference | None = None

    def __str__(self) -> str:
        if self.position is None:
            return self.kind
        at = f"{self.position.source}:{self.position.line}" if self.position.line else self.position.source
        names, unset = (self.reference.names, self.reference.unset) if self.reference else ((), ())
        named = "".join(f"{'default of ' if name in unset else ''}env {name}, " for name in names)
        return f"{'from ' if self.kind == 'implied' else ''}{named}{at}"


def sources(section: Section, document: Document) -> dict[Path, Source]:
    """The source of every value of ``section.plain()``, in its order, by path.

    A list without mappings in it counts as one value, and so does an empty mapping.

    Args:
        section: the experiment as `load` gives it. Of one that was completed later, ask for the loaded one: what is
            not in the result, or has another value since, was derived.
        document: what it was loaded from.
    """
    return dict(_Walk(document).values(section.plain(), section, _Written(document.values, ()), ()))


def is_value(plain: Any) -> bool:
    """Whether a part of plain settings counts as one value: a scalar, an empty mapping, a list of scalars."""
    if isinstance(plain, Mapping):
        return not plain
    return not (isinstance(plain, list) and any(isinstance(item, Mapping | list) for item in plain))


@dataclass(frozen=True)
class _Written:
    """A part of a document.

    Attributes:
        node: its value.
        path: where it lies in the document.
        stands_for: the settings that a scalar or a shorthand means, each with its path; None where `node` is as it is.
        type_at: the path of what names the type, for a family.
    """

    node: Any
    path: Path
    stands_for: Mapping[str, Path] | None = None
    type_at: Path | None = None


class _Walk:
    def __init__(self, document: Document) -> None:
        self.document = document

    def values(self, plain: Any, value: Any, written: _Written | None, path: Path) -> Iterator[tuple[Path, Source]]:
        """Of the plain form of `value`; `written` is None where nothing is."""
        if is_value(plain):
            yield path, self.source("written", written.path) if written else Source("default")
            return
        if isinstance(value, Family) and written:
            written = _entered(value, written)
        items = plain.items() if isinstance(plain, Mapping) else enumerate(plain)
        for key, item in items:
            below = (*path, key)
            child = getattr(value, str(key), None) if isinstance(value, Section) else value[key]
            found = self.child(value, key, written)
            if isinstance(found, Source):
                yield from ((leaf, found) for leaf in _leaves(item, below))
            else:
                yield from self.values(item, child, found, below)

    def child(self, value: Any, key: str | int, written: _Written | None) -> _Written | Source:
        """What is written of a part of `value`, or else where it comes from."""
        if written is None:
            return Source("default")
        if key == "type" and isinstance(value, Family):
            return self.source("written" if written.type_at is not None else "implied", written.type_at or written.path)
        if written.stands_for is not None:
            return _Written(self.at(at), at) if (at := written.stands_for.get(str(key))) else Source("default")
        node, at = written.node, (*written.path, key)
        there = key in node if isinstance(node, Mapping) else isinstance(node, list) and key in range(len(node))
        if there and at not in self.document.values_at and isinstance(value, Section) and not written.path:
            return Source("derived")
        if there:
            return _Written(node[key], at)
        if isinstance(value, Section) and key not in value.model_fields_set:
            return Source("default")
        for other, name in value.spellings.items() if isinstance(value, Family) and isinstance(node, Mapping) else ():
            if name == key and other in node:
                return _Written(node[other], (*written.path, other))
        return self.source("implied", written.path) if written.path else Source("derived")

    def at(self, path: Path) -> Any:
        node = self.document.values
        for part in path:
            node = node[part]
        return node

    def source(self, kind: Literal["written", "implied"], path: Path) -> Source:
        keyed = kind == "written" and path not in self.document.values_at
        position = self.document.position(path, key=keyed)
        return Source(kind, position, self.document.references.get(position))


def _entered(value: Family, written: _Written) -> _Written:
    """Inside the settings of a component, however it is written."""
    node, path = written.node, written.path
    family = value.family()
    if isinstance(node, Mapping):
        if "type" in node:
            return _Written(node, path, type_at=(*path, "type"))
        name = next(iter(node), "") if len(node) == 1 else ""
        if name and family.member(name) is type(value):
            inside = _Written(node[name], (*path, name))
            if isinstance(inside.node, Mapping):
                return _Written(inside.node, inside.path, type_at=inside.path)
            return _Written(inside.node, inside.path, _first(value, inside), inside.path)
        return written
    if isinstance(node, str) and family.written_type(node)[1]:
        return _Written(node, path, {}, path)
    return _Written(node, path, _first(value, written) if node is not None else {})


def _first(value: Family, written: _Written) -> Mapping[str, Path]:
    """The one setting that a scalar in the place of all stands for."""
    if written.node is None:
        return {}
    try:
        return {type(value).first_argument(): written.path}
    except PydanticCustomError:
        return {}


def _leaves(plain: Any, path: Path) -> Iterator[Path]:
    if is_value(plain):
        yield path
    else:
        for key, item in plain.items() if isinstance(plain, Mapping) else enumerate(plain):
            yield from _leaves(item, (*path, key))
