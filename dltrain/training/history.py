"""`history.csv`: loss and metrics of every epoch, without clock values, so that runs compare bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dltrain.runs.files import storing


class History:
    """Rows of scores, written through at each epoch's end."""

    def __init__(self, path: Path) -> None:
        self.rows: list[dict[str, float]] = []
        self._path = path

    def add(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Appends the scores of `epoch`, from 1; floats are written with every digit."""
        row = {"epoch": epoch, **logs}
        with storing(self._path), self._path.open("a", encoding="utf-8") as file:
            if not self.rows:
                file.write(",".join(row) + "\n")
            file.write(",".join(repr(value) for value in row.values()) + "\n")
        self.rows.append(row)
