"""YAML text to plain values, with the position of every key and value."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

import yaml

from dltrain.spec.encoding import line_and_column, problem_at
from dltrain.spec.environment import MARK, Reference, expand
from dltrain.spec.problems import Path, Position
from dltrain.spec.scalars import resolve
from dltrain.spec.syntax import syntax_problem
from dltrain.spec.text import Text

MAX_DEPTH = 32
MAX_VALUES = 20_000


class _Open:
    """A mapping or list whose end has not been reached."""

    def __init__(self, value: dict[str, Any] | list[Any], path: Path) -> None:
        self.value = value
        self.path = path
        self.key: str | None = None

    def next_path(self) -> Path:
        if isinstance(self.value, dict):
            return (*self.path, self.key or "")
        return (*self.path, len(self.value))

    def add(self, value: Any) -> None:
        if isinstance(self.value, dict):
            self.value[self.key or ""] = value
            self.key = None
        else:
            self.value.append(value)


class Builder:
    """Builds values from PyYAML's events: no recursion, no aliases, no tags.

    Attributes:
        source: what positions call the text.
        folder: what paths in it are relative to.
        environment: the variables that it may refer to.
        values: mappings, lists and scalars; None before `build`.
        values_at: the position of each value, by its path.
        keys_at: the position of each key, by the path of its value.
        references: what became of values that name environment variables, by their positions.
    """

    def __init__(self, source: str, folder: FilePath, environment: Mapping[str, str]) -> None:
        self.source = source
        self.folder = folder
        self.environment = environment
        self.values: Any = None
        self.values_at: dict[Path, Position] = {}
        self.keys_at: dict[Path, Position] = {}
        self.references: dict[Position, Reference] = {}
        self._stack: list[_Open] = []
        self._count = 0

    def build(self, text: str) -> None:
        """Reads the text.

        Raises:
            SpecError: it is not one document of plain YAML.
        """
        documents = 0
        try:
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._refuse(event, "a second YAML document begins here; keep one per file")
                elif isinstance(event, yaml.NodeEvent):
                    self._node(event)
                elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                    self._stack.pop()
        except yaml.MarkedYAMLError as error:
            raise syntax_problem(error, text, self.source) from None
        except yaml.reader.ReaderError as error:
            before = text[: error.position]
            message = f"unreadable character: {error.reason}; delete it"
            raise problem_at(message, self.source, *line_and_column(before)) from None

    def _node(self, event: Any) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            self._refuse(event, f"more than {MAX_VALUES} values; a config holds settings, not data")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias *{event.anchor} is not supported; write the value out")
        if event.anchor:
            self._refuse(event, f"the anchor &{event.anchor} is not supported; write the value out where it is used")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, f"the tag {tag} is not supported; write a plain value")
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            self._key(event, top)
        else:
            self._value(event, top)

    def _key(self, event: Any, top: _Open) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(event, "a key must be text; write `key: value`")
        key = event.value
        if key == "<<" and event.style is None:
            self._refuse(event, "the merge key << is not supported; write the keys out")
        if event.style is None and unicodedata.normalize("NFKC", key) != key:
            self._refuse(
                event, f"the key {key!r} has look-alike characters; write {unicodedata.normalize('NFKC', key)!r}"
            )
        path = (*top.path, key)
        if path in self.keys_at:
            first = self.keys_at[path]
            self._refuse(event, f"duplicate key '{key}', first at {first.line}:{first.column}; keep one of the two")
        top.key = key
        self.keys_at[path] = self._position(event)

    def _value(self, event: Any, top: _Open | None) -> None:
        path = top.next_path() if top else ()
        self.values_at[path] = self._position(event)
        value = self._content(event)
        if top:
            top.add(value)
        else:
            self.values = value
        if isinstance(value, dict | list):
            if len(self._stack) >= MAX_DEPTH:
                self._refuse(event, f"nested deeper than {MAX_DEPTH} levels; flatten it")
            self._stack.append(_Open(value, path))

    def _content(self, event: Any) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if MARK in event.value:
            value, self.references[self._position(event)] = expand(
                event.value, self.environment, plain=event.style is None
            )
        elif event.style is not None:
            value = event.value
        else:
            try:
                value = resolve(event.value)
            except ValueError as error:
                self._refuse(event, str(error))
        return Text.of(value, self.folder) if isinstance(value, str) else value

    def _position(self, event: Any) -> Position:
        return Position(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Any, message: str) -> None:
        place = self._position(event)
        raise problem_at(message, place.source, place.line, place.column)
