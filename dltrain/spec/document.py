"""A config file as plain values, with the position of every key and value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from dltrain.errors import ConfigError
from dltrain.spec.builder import Builder
from dltrain.spec.encoding import MAX_BYTES, decode
from dltrain.spec.environment import Reference
from dltrain.spec.problems import Path, Position, Problem, SpecError

_NO_VARIABLES: Mapping[str, str] = {}


class Base(NamedTuple):
    """A file that a config extends.

    Attributes:
        source: its path, as positions name it.
        text: the file, verbatim.
    """

    source: str
    text: str


@dataclass
class Document:
    """A parsed config.

    Attributes:
        source: the file as the user named it.
        values: mappings, lists and scalars, as plain Python objects.
        values_at: the position of each value, by its path.
        keys_at: the position of each key, by the path of its value.
        text: the file, verbatim.
        references: what became of values that name environment variables, by their positions, which may
            be of values that have been replaced since.
        bases: the files that it extends, the nearest first; their values are among `values`.
        settings: the texts of `--set` that were applied.
    """

    source: str
    values: Any = None
    values_at: dict[Path, Position] = field(default_factory=dict)
    keys_at: dict[Path, Position] = field(default_factory=dict)
    text: str = ""
    references: dict[Position, Reference] = field(default_factory=dict)
    bases: tuple[Base, ...] = ()
    settings: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: FilePath, environment: Mapping[str, str] = _NO_VARIABLES) -> Document:
        """Parses a file, which may refer to the variables of `environment`.

        Raises:
            ConfigError: the file is missing, unreadable, or not a single plain YAML mapping.
        """
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigError([Problem(f"{reason}; give the path of a YAML config", (), Position(str(path)))]) from None
        return cls.parse(data, source=str(path), folder=path.parent, environment=environment)

    @classmethod
    def parse(
        cls, data: bytes, *, source: str, folder: FilePath, environment: Mapping[str, str] = _NO_VARIABLES
    ) -> Document:
        """Parses YAML text; paths written in it are relative to `folder`."""
        document, builder = cls(source), Builder(source, folder, environment)
        with document.locating():
            document.text = decode(data, source)
            builder.build(document.text)
        document.values, document.references = builder.values, builder.references
        document.values_at, document.keys_at = builder.values_at, builder.keys_at
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

    def forget(self, path: Path, value: Any = None) -> None:
        """Drops the positions of a value that has been taken out, and of all in it."""
        for below in paths_in(value, path):
            self.values_at.pop(below, None)
            self.keys_at.pop(below, None)

    @property
    def variables(self) -> list[str]:
        """The environment variables that its values name, sorted."""
        names = {name for at in self.values_at.values() if at in self.references for name in self.references[at].names}
        return sorted(names)

    def unresolved(self) -> list[Problem]:
        """A problem for each value that names an environment variable and could not be had."""
        if not self.references:
            return []
        found = ((path, at, self.references.get(at)) for path, at in self.values_at.items())
        return [Problem(reference.error, path, at) for path, at, reference in found if reference and reference.error]

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Turns a `SpecError` raised inside into a `ConfigError` whose problems have positions."""
        try:
            yield
        except SpecError as error:
            raise ConfigError(self.located(error.problems)) from None

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """The same problems with positions, each once: those of settings, then by file and line."""
        placed = [
            problem if problem.position else replace(problem, position=self.position(problem.path, key=problem.key))
            for problem in dict.fromkeys(problems)
        ]
        files = [self.source, *(base.source for base in self.bases)]

        def place(problem: Problem) -> tuple[int, int, int]:
            at = problem.position or Position("")
            return files.index(at.source) if at.source in files else -1, at.line, at.column

        return sorted(placed, key=place)


def paths_in(value: Any, path: Path) -> Iterator[Path]:
    """The path of a value and those of all values in it."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from paths_in(child, (*path, key))


def _only_mapping(node: dict[str, Any]) -> str | None:
    """The key of a mapping whose one value is a mapping, else None."""
    return next((key for key, child in node.items() if len(node) == 1 and isinstance(child, dict)), None)
