"""The words of a comparison, for the terminal and for the page."""

from __future__ import annotations

import json
from string import ascii_uppercase
from typing import Any

from dltrain.contrast.contrast import Contrast
from dltrain.contrast.paired import Gap, McNemar, PairedTest
from dltrain.contrast.settings import Missing
from dltrain.digits import digits

_LONGEST = 300


def labels(found: Contrast) -> list[str]:
    """A letter for each run."""
    return list(ascii_uppercase[: len(found.entries)])


def setting_text(value: Any) -> str:
    """A setting as a config has it, in one line; ``-`` where a run has none."""
    if isinstance(value, Missing):
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(text[:_LONGEST].split())


def gap_text(gap: Gap) -> tuple[str, str, str]:
    """By how much, the interval, and what it means."""
    verdict = {True: "better", False: "worse", None: "no clear difference"}[gap.better]
    if gap.interval is None:
        return digits(gap.by, sign="+"), "", "equal" if gap.by == 0 else ""
    low, high = (digits(end, sign="+") for end in gap.interval)
    return digits(gap.by, sign="+"), f"[{low}, {high}]", verdict


def rows_text(test: PairedTest) -> str:
    """How many rows are tested, and of how many."""
    if test.of == (test.rows, test.rows):
        return f"paired on the same {test.rows:,} test rows"
    first, second = test.of
    return f"paired on the {test.rows:,} test rows that both have, of {first:,} and {second:,}"


def mcnemar_text(found: McNemar, first: str, second: str) -> str:
    """The two counts and the p-value."""
    p = "p < 0.0001" if found.p < 1e-4 else f"p = {found.p:.4f}"
    return (
        f"right only in {first}: {found.only_first:,} rows, only in {second}: {found.only_second:,}; "
        f"McNemar's mid-p test: {p}"
    )
