"""A config file as plain values, with the position of every key and value."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

import yaml

from dltrain.errors import ConfigError
from dltrain.spec.encoding import MAX_BYTES, decode, line_and_column, problem_at
from dltrain.spec.problems import Path, Position, Problem, SpecError
from dltrain.spec.scalars import resolve
from dltrain.spec.syntax import syntax_problem

MAX_DEPTH = 32
MAX_VALUES = 20_000


class Text(str):
    """A string from a config, which remembers the folder that paths in it are relative to."""

    __slots__ = ("folder",)
    folder: FilePath

    @classmethod
    def of(cls, text: str, folder: FilePath) -> Text:
        """Text written in a file of `folder`."""
        made = cls(text)
        made.folder = folder
        return made


@dataclass
class Document:
    """A parsed config.

    Attributes:
        source: the file as the user named it.
        values: mappings, lists and scalars, as plain Python objects.
        values_at: the position of each value, by its path.
        keys_at: the position of each key, by the path of its value.
        text: the file, verbatim.
    """

    source: str
    values: Any = None
    values_at: dict[Path, Position] = field(default_factory=dict)
    keys_at: dict[Path, Position] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def read(cls, path: FilePath) -> Document:
        """Parses a file.

        Raises:
            ConfigError: the file is missing, unreadable, or not a single plain YAML mapping.
        """
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigError([Problem(f"{reason}; give the path of a YAML config", (), Position(str(path)))]) from None
        return cls.parse(data, source=str(path), folder=path.parent)

    @classmethod
    def parse(cls, data: bytes, *, source: str, folder: FilePath) -> Document:
        """Parses YAML text; paths written in it are relative to `folder`."""
        document = cls(source)
        with document.locating():
            document.text = decode(data, source)
            _Builder(document, folder).build()
        if not isinstance(document.values, dict):
            message = "the config is empty" if document.values is None else "a config is a mapping of keys to values"
            raise ConfigError([Problem(f"{message}; begin with `dataset:` and `model:`", (), Position(source, 1, 1))])
        return document

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where `path` is written; for what is not written, its nearest parent.

        A path may leave out the name of a component that is written as ``{name: {...}}``.
        """
        path = self._written(path)
        if key and path in self.keys_at:
            return self.keys_at[path]
        for length in range(len(path), 0, -1):
            if found := self.values_at.get(path[:length]):
                return found
        return self.values_at.get((), Position(self.source, 1, 1))

    def _written(self, path: Path) -> Path:
        node: Any = self.values
        written: Path = ()
        for index, part in enumerate(path):
            while isinstance(node, dict) and part not in node and (name := _only_mapping(node)):
                node, written = node[name], (*written, name)
            try:
                node = node[part]
            except (KeyError, IndexError, TypeError):
                return (*written, *path[index:])
            written = (*written, part)
        return written

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Turns a `SpecError` raised inside into a `ConfigError` whose problems have positions."""
        try:
            yield
        except SpecError as error:
            raise ConfigError(self.located(error.problems)) from None

    def located(self, problems: tuple[Problem, ...]) -> list[Problem]:
        """The same problems with positions, in the order of their lines, each once."""
        placed = [
            problem if problem.position else replace(problem, position=self.position(problem.path, key=problem.key))
            for problem in dict.fromkeys(problems)
        ]
        return sorted(placed, key=lambda problem: (problem.position.line, problem.position.column))  # type: ignore[union-attr]


def _only_mapping(node: dict[str, Any]) -> str | None:
    """The key of a mapping whose one value is a mapping, else None."""
    return next((key for key, child in node.items() if len(node) == 1 and isinstance(child, dict)), None)


@dataclass
class _Open:
    """A mapping or list whose end has not been reached."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

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


class _Builder:
    """Builds a document's values from PyYAML's events: no recursion, no aliases, no tags."""

    def __init__(self, document: Document, folder: FilePath) -> None:
        self.document = document
        self.folder = folder
        self.stack: list[_Open] = []
        self.count = 0

    def build(self) -> None:
        documents = 0
        try:
            for event in yaml.parse(self.document.text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.refuse(event, "a second YAML document begins here; keep one per file")
                elif isinstance(event, yaml.NodeEvent):
                    self.node(event)
                elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                    self.stack.pop()
        except yaml.MarkedYAMLError as error:
            raise syntax_problem(error, self.document.text, self.document.source) from None
        except yaml.reader.ReaderError as error:
            before = self.document.text[: error.position]
            message = f"unreadable character: {error.reason}; delete it"
            raise problem_at(message, self.document.source, *line_and_column(before)) from None

    def node(self, event: Any) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            self.refuse(event, f"more than {MAX_VALUES} values; a config holds settings, not data")
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, f"the alias *{event.anchor} is not supported; write the value out")
        if event.anchor:
            self.refuse(event, f"the anchor &{event.anchor} is not supported; write the value out where it is used")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(event, f"the tag {tag} is not supported; write a plain value")
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            self.key(event, top)
        else:
            self.value(event, top)

    def key(self, event: Any, top: _Open) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse(event, "a key must be text; write `key: value`")
        key = event.value
        if key == "<<" and event.style is None:
            self.refuse(event, "the merge key << is not supported; write the keys out")
        if unicodedata.normalize("NFKC", key) != key:
            self.refuse(
                event, f"the key {key!r} has look-alike characters; write {unicodedata.normalize('NFKC', key)!r}"
            )
        path = (*top.path, key)
        if path in self.document.keys_at:
            first = self.document.keys_at[path]
            self.refuse(event, f"duplicate key '{key}', first at {first.line}:{first.column}; keep one of the two")
        top.key = key
        self.document.keys_at[path] = self.position(event)

    def value(self, event: Any, top: _Open | None) -> None:
        path = top.next_path() if top else ()
        self.document.values_at[path] = self.position(event)
        value = self.content(event)
        if top:
            top.add(value)
        else:
            self.document.values = value
        if isinstance(value, dict | list):
            if len(self.stack) >= MAX_DEPTH:
                self.refuse(event, f"nested deeper than {MAX_DEPTH} levels; flatten it")
            self.stack.append(_Open(value, path))

    def content(self, event: Any) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if event.style is not None:
            return Text.of(event.value, self.folder)
        try:
            value = resolve(event.value)
        except ValueError as error:
            self.refuse(event, str(error))
        return Text.of(value, self.folder) if isinstance(value, str) else value

    def position(self, event: Any) -> Position:
        return Position(self.document.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def refuse(self, event: Any, message: str) -> None:
        place = self.position(event)
        raise problem_at(message, place.source, place.line, place.column)
