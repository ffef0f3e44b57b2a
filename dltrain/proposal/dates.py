"""Dates: the form in which they are written, and whether rows follow one another like the ticks of a clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from dltrain.data.series import LARGEST_STEP

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_NAMED = re.compile(r"(?i)(date|time|date_?time|time_?stamp|ts|day|week|month|year|hour|when|period)$")
_LOOKED_AT = 2000
_DATES = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d")
_TIMES = ("", " %H:%M", " %H:%M:%S")
_MOST_IRREGULAR = 0.02
_SECOND = 1_000_000
_CYCLES = (
    # The longest step in seconds, the steps of a cycle, and what the cycle is.
    (60, 60, "an hour of minutes"),
    (900, 96, "a day of quarter hours"),
    (3600, 24, "a day of hours"),
    (86_400, 7, "a week of days"),
    (7 * 86_400, 4, "about a month of weeks"),
    (31 * 86_400, 12, "a year of months"),
    (92 * 86_400, 4, "a year of quarters"),
)


def form_of(texts: pa.ChunkedArray) -> str | None:
    """A form for `strptime` that the first dates have; of two that fit, the one with the day first."""
    from datetime import datetime

    sample = [text.strip() for text in texts.slice(0, _LOOKED_AT).unique().to_pylist()]
    mark = next((character for character in sample[0] if not character.isdigit()), "/")
    for date, time in product(_DATES, _TIMES):
        form = date.format(mark) + (time.replace(" ", "T") if "T" in sample[0] else time)
        try:
            for text in sample:
                datetime.strptime(text, form)
        except ValueError:
            continue
        return form
    return None


def is_time_of_rows(name: str, times: np.ndarray) -> bool:
    """Whether dates seem to be when rows were written: they are called so, or rows stand in their order."""
    import numpy as np

    return _NAMED.match(name) is not None or bool((np.diff(times) >= 0).all())


@dataclass(frozen=True)
class Clock:
    """Times that are equally far apart.

    Attributes:
        past: how many rows before a moment seem enough to tell what follows.
        horizon: how many rows to look ahead.
        cycle: what these are, such as ``a day of hours``.
        sorted: whether rows stand in the order of time.
        gaps: whether some times are missing in between.
    """

    past: int
    horizon: int
    cycle: str
    sorted: bool
    gaps: bool


def clock_of(times: np.ndarray) -> Clock | None:
    """How rows follow one another; None where they do not so at equal steps.

    Args:
        times: microseconds since 1970, (rows,).
    """
    import numpy as np

    steps = np.diff(times)
    in_order = bool((steps > 0).all())
    steps = steps if in_order else np.diff(np.sort(times))
    if len(steps) < 10 or steps.min() <= 0:
        return None
    usual = float(np.median(steps))
    late, early = steps > LARGEST_STEP * usual, steps < usual / LARGEST_STEP
    if late.mean() + early.mean() > _MOST_IRREGULAR:
        return None
    length, cycle = _cycle(usual / _SECOND)
    past, horizon = 4 * length, length
    # A hundred different moments are few to learn from.
    while past > 4 and len(times) < 100 + 10 * (past + horizon):
        past, horizon, cycle = past // 2, max(1, horizon // 2), "few, since the rows are few"
    return Clock(past, horizon, cycle, in_order, bool(late.any()))


def _cycle(seconds: float) -> tuple[int, str]:
    for longest, length, name in _CYCLES:
        if seconds <= longest * 1.01:
            if longest != 900:
                return length, name
            return max(24, min(96, round(86_400 / seconds))), "a day" if seconds >= 900 / 1.01 else "some hours"
    return 4, "four steps"
