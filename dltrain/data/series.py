"""The rows of a table in the order of their time, series after series."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from dltrain.data.source import Rows, Source
from dltrain.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Gaps = Literal["error", "split", "ignore"]
LARGEST_STEP = 1.5
"""Times that lie further apart than this many usual steps have a gap between them: months differ by less."""


@dataclass(frozen=True)
class Order:
    """What the rows are put in order by.

    Attributes:
        time: the column of the time; None to take rows as they stand.
        group: the column that tells series apart; None for a single one.
        dated: whether times are microseconds since 1970, and no plain numbers.
        gaps: what is done where a time lies further from the one before than usual.
        sort: whether rows may stand in any order.
    """

    time: str | None
    group: str | None
    dated: bool
    gaps: Gaps = "error"
    sort: bool = False

    def shown(self, value: Any) -> str:
        """A time as messages show it."""
        import numpy as np

        if not self.dated:
            return f"{value:g}"
        text = str(np.datetime64(int(value), "us")).replace("T", " ")
        return text.removesuffix(".000000").removesuffix(" 00:00:00")

    def distance(self, value: Any) -> str:
        """A difference of two times as messages show it."""
        return str(timedelta(microseconds=int(value))).removesuffix(", 0:00:00") if self.dated else f"{value:g}"


@dataclass(frozen=True)
class Origins:
    """Where the rows of several files stand.

    Attributes:
        names: of the files.
        ends: for each file the number of rows up to its end.
    """

    names: Sequence[str]
    ends: Sequence[int]

    def place(self, row: int) -> str:
        """``sensors.csv: row 17`` for the row of this number, from 0, in all files."""
        index = next(index for index, end in enumerate(self.ends) if row < end)
        return f"{self.names[index]}: row {row - (self.ends[index - 1] if index else 0) + 1}"


class Series:
    """All rows of one part of a table, in memory, each series by itself and in the order of time.

    Args of the constructor: the rows as they stand in the files, where they stand, and their order.

    Attributes:
        values: of the features, float32 (rows, columns).
        target: (rows,) or (rows, targets); None where the data has none.
        time: int64 microseconds or numbers, (rows,).
        extras: other columns, (rows,) each.
        bounds: the first row of each unbroken series, and the one behind its last.

    Raises:
        DataError: rows are not in order, or a time is missing in between.
    """

    def __init__(self, rows: Rows, origins: Origins, order: Order) -> None:
        import numpy as np

        self._origins, self._by = origins, order
        self.values = np.stack(list(rows.features.values()), axis=1)
        labels = np.zeros(len(rows), "int64") if order.group is None else rows.extras[order.group]
        self._groups, codes = _numbered(labels)
        time = np.zeros(len(rows)) if order.time is None else rows.extras[order.time]
        time = time.astype("int64") if order.dated else time
        self._rows = np.lexsort((time, codes)) if order.sort else np.argsort(codes, kind="stable")
        self._codes, self.time = codes[self._rows], time[self._rows]
        self.values = self.values[self._rows]
        self.target = None if rows.target is None else rows.target[self._rows]
        self.extras = {name: column[self._rows] for name, column in rows.extras.items()}
        self.bounds = list(self._unbroken())

    def __len__(self) -> int:
        return len(self.values)

    def error(self, row: int, text: str) -> DataError:
        """What is wrong with a row, named by its file and number."""
        return DataError(f"{self._origins.place(int(self._rows[row]))}: {text}")

    def label(self, row: int) -> str:
        """``series 'x'``, or ``the series`` where there is only one."""
        return "the series" if self._by.group is None else f"series '{self._groups[self._codes[row]]}'"

    def _unbroken(self) -> Iterator[tuple[int, int]]:
        import numpy as np

        edges = [0, *(np.flatnonzero(np.diff(self._codes)) + 1).tolist(), len(self)]
        for start, stop in pairwise(edges):
            if self._by.time is None:
                self.time[start:stop] = np.arange(stop - start)
            steps = np.diff(self.time[start:stop])
            if len(steps):
                self._check_order(start, steps)
            gaps = start + 1 + self._gaps(start, steps)
            pieces = [start, *gaps.tolist(), stop]
            yield from pairwise(pieces)

    def _check_order(self, start: int, steps: "np.ndarray") -> None:
        import numpy as np

        if not np.isfinite(steps).all():
            wrong = start + int((~np.isfinite(self.time[start:])).argmax())
            raise self.error(wrong, f"'{self._by.time}' is no finite number; mend or drop the row")
        if steps.min() > 0:
            return
        row = start + int((steps <= 0).argmax())
        time, by = self.time[row : row + 2], self._by
        series = "" if by.group is None else f" in {self.label(row)}"
        remedy = "" if by.group else ", or name the column that tells several series apart: `window: {group: ...}`"
        if time[0] == time[1]:
            above = self._origins.place(int(self._rows[row])).rpartition("row ")[2]
            text = f"'{by.time}' is {by.shown(time[1])}, as in row {above}{series}; keep one of the two{remedy}"
        else:
            text = f"'{by.time}' is {by.shown(time[1])}, earlier than {by.shown(time[0])} before it{series}"
            text = f"{text}; write `window: {{sort: true}}` to put rows in order{remedy}"
        raise self.error(row + 1, text)

    def _gaps(self, start: int, steps: "np.ndarray") -> "np.ndarray":
        """The places of steps that are too large."""
        import numpy as np

        if self._by.gaps == "ignore" or not len(steps):
            return np.empty(0, "int64")
        usual = np.median(steps)
        found = np.flatnonzero(steps > LARGEST_STEP * usual)
        if len(found) and self._by.gaps == "error":
            row, by = start + int(found[0]), self._by
            many = f" ({len(found)} such gaps in {self.label(row)})" if len(found) > 1 else ""
            text = f"'{by.time}' is {by.distance(steps[found[0]])} after the row before it, and the usual step is "
            remedy = "write `window: {gaps: split}` to begin a new series there, or `gaps: ignore` to take no notice"
            raise self.error(row + 1, f"{text}{by.distance(usual)}{many}; fill the gap, or {remedy}")
        return found


def read_series(sources: Sequence[tuple[str, Source]], order: Order) -> Series:
    """Reads files, each with its name, into memory.

    Raises:
        DataError: there are no rows, or they are not in order.
    """
    chunks: list[Rows] = []
    ends = []
    for _, source in sources:
        chunks += source.chunks()
        ends.append(sum(map(len, chunks)))
    names = [name for name, _ in sources]
    if not ends[-1]:
        raise DataError(f"{', '.join(names)}: has no rows")
    return Series(_joined(chunks), Origins(names, ends), order)


def _joined(chunks: list[Rows]) -> Rows:
    import numpy as np

    first = chunks[0]
    features = {name: np.concatenate([rows.features[name] for rows in chunks]) for name in first.features}
    target = None if first.target is None else np.concatenate([rows.target for rows in chunks])
    extras = {name: np.concatenate([rows.extras[name] for rows in chunks]) for name in first.extras}
    return Rows(features, target, extras)


def _numbered(labels: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """Distinct labels in the order in which they come, and for each row the number of its own."""
    import numpy as np

    distinct, firsts, codes = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(firsts)
    return distinct[rank], np.argsort(rank)[codes]
