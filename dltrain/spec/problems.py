"""What is wrong with a config: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

Path = tuple[str | int, ...]

LONG_LIST = 20
"""The number of names from which on a near name is shown instead of all of them."""

_MOST_HOLDING = 6


class Position(NamedTuple):
    """A place in a config file, or an override given on the command line.

    Attributes:
        source: the file as the user named it, or ``--set key=value``.
        line: 1-based, or 0 where a line has no meaning (an override).
        column: 1-based, or 0.
    """

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True)
class Problem:
    """One mistake. ``str()`` gives the line that is shown to the user.

    Attributes:
        message: ``what is wrong; what to do``, in lower case.
        path: the key concerned, from the root of the config; empty for the whole file.
        position: where ``path`` was written; None until the document that holds it is known.
        key: True to point at the key itself rather than at its value.
        absent: whether nothing is wrong but that data is not on this machine.
    """

    message: str
    path: Path = ()
    position: Position | None = None
    key: bool = False
    absent: bool = False

    def plain(self) -> dict[str, str | int]:
        """For ``--json``."""
        place = self.position or Position("")
        return {
            "file": place.source,
            "line": place.line,
            "column": place.column,
            "path": dotted(self.path),
            "message": self.message,
        }

    def __str__(self) -> str:
        parts = (str(self.position or ""), dotted(self.path), self.message)
        return ": ".join(part for part in parts if part)


class SpecError(Exception):
    """Problems found below the level that knows the document; `Document.locating` adds positions."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, path: str, message: str) -> SpecError:
        """One problem at a dotted path such as ``model.layers.2``."""
        parts = tuple(int(part) if part.isdigit() else part for part in path.split("."))
        return cls([Problem(message, parts if path else ())])


@contextmanager
def below(*prefix: str) -> Iterator[None]:
    """Prefixes the paths of problems raised inside with that of the section they are in."""
    try:
        yield
    except SpecError as error:
        raise SpecError(replace(problem, path=(*prefix, *problem.path)) for problem in error.problems) from None


def dotted(path: Path) -> str:
    """``("model", "layers", 2)`` as ``model.layers.2``; parts that hold a dot are quoted."""
    return ".".join(f'"{part}"' if "." in str(part) else str(part) for part in path)


def suggestion(name: object, known: Iterable[str]) -> str:
    """``; did you mean 'adam'?`` for a near name or for the few that hold this one, else an empty string."""
    names, meant = list(known), str(name).lower()
    holding = [other for other in names if meant in other.split("_") or other.endswith(f"_{meant}")]
    if 1 < len(holding) <= _MOST_HOLDING and meant not in names:
        return f"; did you mean {one_of(map(repr, holding))}?"
    from difflib import get_close_matches  # 2 ms that a config without mistakes need not wait

    near = get_close_matches(meant, names, n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def one_of(names: Iterable[str], limit: int = 40) -> str:
    """``a, b or c``; longer lists are cut with the count of the rest."""
    listed = list(names)
    if len(listed) > limit:
        return f"{', '.join(listed[:limit])} and {len(listed) - limit} more"
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} or {listed[-1]}"
