"""Tables whose less important columns go where there is no room for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from shutil import get_terminal_size

from dltrain.cli.console import clean

_NARROWEST = 80
_BETWEEN = "  "


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: above it.
        cells: a text for each row.
        rank: columns of high rank go first.
        left: whether texts begin in one place; the first column's do in any case.
    """

    title: str
    cells: Sequence[str]
    rank: int
    left: bool = False


def fitted(columns: Sequence[Column]) -> list[str]:
    """The lines of a table, as wide as the terminal allows; elsewhere with all columns.

    A column without any text is left out. The first column is cut where it alone is too wide.
    """
    kept = [_Printed(column, first=index == 0) for index, column in enumerate(columns) if any(column.cells)]
    if sys.stdout.isatty():
        room = max(get_terminal_size().columns, _NARROWEST)
        while len(kept) > 1 and _width(kept) > room:
            last = max(kept[1:], key=lambda printed: printed.rank)
            if last.rank <= _KEPT:
                break
            kept.remove(last)
        kept[0].narrow(room - _width(kept))
    return [_BETWEEN.join(cells).rstrip() for cells in zip(*(printed.lines() for printed in kept), strict=True)]


_KEPT = 2
"""Columns up to this rank stay in any case."""


class _Printed:
    def __init__(self, column: Column, *, first: bool) -> None:
        # A cell is one line, or a name of others could put lines of its own below the table.
        self.cells = [clean(" ".join(cell.split("\n"))) for cell in (column.title, *column.cells)]
        self.rank = column.rank
        self.left = column.left or first
        self.width = max(map(len, self.cells))

    def narrow(self, by: int) -> None:
        if by < 0:
            self.width = max(self.width + by, 8)
            fits = (
                cell if len(cell) <= self.width else f"…{cell[len(cell) - self.width + 1 :]}" for cell in self.cells
            )
            self.cells = list(fits)

    def lines(self) -> list[str]:
        return [cell.ljust(self.width) if self.left else cell.rjust(self.width) for cell in self.cells]


def _width(kept: Sequence[_Printed]) -> int:
    return sum(printed.width for printed in kept) + len(_BETWEEN) * (len(kept) - 1)
