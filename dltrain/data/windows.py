"""Windows over time: from the past of a series to its future, or to its label."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.data.series import Gaps, Order, Series
from dltrain.data.source import CHUNK_ROWS, NAIVE, Rows, Source
from dltrain.errors import DataError
from dltrain.spec import fields
from dltrain.spec.section import Section
from dltrain.splits.base import SPAN, ColumnName

if TYPE_CHECKING:
    import numpy as np

Steps = Annotated[int, Field(ge=1, le=1_000_000)]
Cycle = Literal["month", "day", "weekday", "hour", "minute", "second"]

WINDOW = "window"
"""The name of the one feature of a dataset of windows."""

_CHUNK_BYTES = 32 << 20


class WindowSpec(Section):
    """A table of rows in time as a dataset of windows, each an array (past, columns).

    Three kinds of examples. With `past` and `horizon`, a forecast: the target's `horizon` values that
    follow the window, whose columns are all numbers of the table, the target's own past among them.
    With `past` alone, the target of the window's last row from the other columns. With `group` alone,
    each whole series, and its one target; shorter series are padded at their end.

    By default such data is split by time: a window belongs to the split that its targets lie in, and
    one whose targets lie in two is left out. The past of the first windows of a later split may lie
    in an earlier one, as it is known by then.

    Attributes:
        time: the column of the time, dates or numbers; by default rows are in order as they stand.
        group: the column that tells several series apart; no window reaches over two.
        past: rows of a window.
        horizon: rows after the window to predict.
        output: ``all`` of them, or ``last``: only the one `horizon` rows ahead.
        stride: rows from the beginning of a window to that of the next one.
        length: of whole series, the rows that each is brought to; by default those of the longest.
        truncate: which end of a longer series is cut off; by default ``end``, and without `length` a
            longer one that is to be predicted is refused.
        calendar: parts of the time that the window gets as further columns, a sine and a cosine each.
        gaps: a time that is more than 1.5 usual steps after the one before is an error; or ``split``:
            it begins a new series, and pieces too short for `past` are left out; or ``ignore``: it
            counts as the next step, such as Monday after Friday.
        sort: whether rows are put in the order of time; otherwise rows out of order are refused.
        format: how a text is read as a time, such as ``"%d/%m/%Y %H:%M"``; by default ISO 8601.
    """

    time: ColumnName | None = None
    group: ColumnName | None = None
    past: Steps | None = None
    horizon: Steps | None = None
    output: Literal["all", "last"] = "all"
    stride: Steps = 1
    length: Steps | None = None
    truncate: Literal["end", "beginning"] | None = None
    calendar: Annotated[tuple[Cycle, ...], fields.Sequence, Field(max_length=6)] = ()
    gaps: Gaps = "error"
    sort: bool = False
    format: Annotated[str, Field(min_length=2, max_length=100)] | None = None

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """Windows, or whole series."""
        return [{"anyOf": [{"required": ["past"]}, {"required": ["group"]}]}]

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        text, needed = None, "the number of rows of a window"
        timed = {"calendar": self.calendar, "gaps": self.gaps != "error", "sort": self.sort, "format": self.format}
        if self.past is None and self.group is None:
            text = f"write `past`, {needed}, or `group` for whole series as examples"
        elif self.past is None and (self.horizon or self.stride > 1):
            text = f"`{'horizon' if self.horizon else 'stride'}` needs `past`, {needed}"
        elif self.past is not None and (self.length or self.truncate):
            text = f"`{'length' if self.length else 'truncate'}` is of whole series, and `past` is there; keep one"
        elif self.horizon is None and self.output == "last":
            text = "`output: last` needs `horizon`, the number of rows to look ahead"
        elif self.time is None and any(timed.values()):
            setting = next(name for name, value in timed.items() if value)
            text = f"`{setting}` needs `time`, the column of the time"
        elif self.time is not None and self.time == self.group:
            text = f"`time` and `group` are both '{self.time}'; name two columns"
        if text:
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The columns that it names, each with its setting."""
        named = (("time", self.time), ("group", self.group))
        return tuple((setting, name) for setting, name in named if name is not None)

    @property
    def stride_without_overlap(self) -> int | None:
        """The smallest `stride` at which no two windows, with what they predict, share a row; None where none do."""
        needed = (self.past or 0) + (self.horizon or 0)
        return needed if self.stride < needed else None

    def order(self, *, dated: bool) -> Order:
        """What rows are put in order by."""
        return Order(self.time, self.group, dated, self.gaps, self.sort)


class WindowSource(Source):
    """The windows of one part, copied out of its rows chunk by chunk.

    Args of the constructor: the rows, the settings, the rows of a window, and whether what follows
    each window is known; otherwise every window that is complete is there, the last rows included.

    Attributes:
        past: the rows of a window.

    Raises:
        DataError: a series is too short.
    """

    held = True

    def __init__(self, series: Series, spec: WindowSpec, *, past: int, labelled: bool) -> None:
        self._series, self._spec, self.past = series, spec, past
        self._labelled = labelled
        self._horizon = (spec.horizon or 0) if labelled else 0
        self._starts = self._find_starts()

    def chunks(self) -> Iterator[Rows]:
        """Windows of at most some megabytes."""
        series = self._series
        size = windows_at_once(self.past * series.values.shape[1])
        windows = _windows(series.values, self.past)
        for start in range(0, len(self._starts), size):
            starts = self._starts[start : start + size]
            yield Rows({WINDOW: windows[starts]}, self._target(starts), self._extras(starts))

    def _find_starts(self) -> "np.ndarray":
        """The first row of each window."""
        import numpy as np

        taken, stride, found = self.past + self._horizon, self._spec.stride, []
        for start, stop in self._series.bounds:
            free = stop - start - taken
            if free < 0 and self._spec.gaps != "split":
                raise self._too_short(start, stop)
            # A forecast begins at the newest row.
            first = start if self._labelled else start + max(free, 0) % stride
            found.append(np.arange(first, stop - taken + 1, stride))
        starts = np.concatenate(found)
        if not len(starts):
            raise self._series.error(
                0, f"no series without a gap has the {taken} rows of a window; write a smaller `past`"
            )
        return starts

    def _too_short(self, start: int, stop: int) -> DataError:
        rows = f"{self._series.label(start)} begins here and has {stop - start} rows"
        ahead = f" of the past and {self._horizon} of the future" if self._horizon else ""
        shorter = "`past` or `horizon`" if self._horizon else "`past`"
        text = f"{rows}, and a window takes {self.past}{ahead}; drop it, or write a smaller {shorter}"
        return self._series.error(start, text)

    def _target(self, starts: "np.ndarray") -> "np.ndarray | None":
        target, ahead = self._series.target, self._horizon
        if target is None:
            return None
        if ahead > 1 and self._spec.output == "all":
            found: np.ndarray = _windows(target, ahead)[starts + self.past]
            return found
        return target[starts + self.past + ahead - 1]  # type: ignore[no-any-return]

    def _extras(self, starts: "np.ndarray") -> "dict[str, np.ndarray]":
        """Of the window's last row; where targets are known, also what the split and the scores need."""
        series, now = self._series, starts + self.past - 1
        extras = {name: column[now] for name, column in series.extras.items()}
        if series.target is None:
            return times_as_text(extras)
        last = now + self._horizon
        first = now + 1 if self._horizon and self._spec.output == "all" else last
        extras |= {SPAN[0]: series.time[first], SPAN[1]: series.time[last]}
        if self._horizon and series.target.dtype.kind in "iuf":
            extras[NAIVE] = series.target[now].reshape(len(now), -1).astype("float64")
        return extras


def windows_at_once(numbers: int) -> int:
    """How many windows, of so many numbers each, a chunk has."""
    return max(1, min(CHUNK_ROWS, _CHUNK_BYTES // (4 * numbers)))


def _windows(values: "np.ndarray", length: int) -> "np.ndarray":
    """A view (rows - length + 1, length, ...) of rows (rows, ...)."""
    from numpy.lib.stride_tricks import sliding_window_view

    windows: np.ndarray = sliding_window_view(values, length, axis=0)
    return windows if values.ndim == 1 else windows.swapaxes(1, 2)


def times_as_text(extras: "Mapping[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """The same columns; those of times as texts such as 2024-12-31 23:59:00."""
    return {name: _as_text(column) if column.dtype.kind == "M" else column for name, column in extras.items()}


def _as_text(times: "np.ndarray") -> "np.ndarray":
    """Times such as 2024-12-31 23:59:00."""
    import numpy as np

    whole = bool((times == times.astype("datetime64[s]")).all())
    texts: np.ndarray = np.char.replace(np.datetime_as_string(times, "s" if whole else "us"), "T", " ")
    return texts
