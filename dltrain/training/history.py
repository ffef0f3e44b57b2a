"""`history.csv`: loss and metrics of every epoch, without clock values, so that runs compare bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from dltrain.runs.files import storing, write

Row = dict[str, float]


class History:
    """Rows of scores, written through at each epoch's end."""

    def __init__(self, path: Path) -> None:
        self.rows: list[Row] = []
        self._path = path

    def add(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Appends the scores of `epoch`, from 1; floats are written with every digit."""
        row = {"epoch": epoch, **logs}
        with storing(self._path), self._path.open("a", encoding="utf-8") as file:
            if not self.rows:
                file.write(_line(row))
            file.write(_line(map(repr, row.values())))
        self.rows.append(row)

    def restore(self, rows: Iterable[Row]) -> None:
        """Goes back to these rows; the file loses what came after them."""
        self.rows = [dict(row) for row in rows]
        lines = [_line(self.rows[0]), *(_line(map(repr, row.values())) for row in self.rows)] if self.rows else []
        write(self._path, "".join(lines).encode())


def _line(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\n"
