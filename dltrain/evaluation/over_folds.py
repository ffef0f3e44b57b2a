"""What the scores of the folds of a cross-validation have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

SUMMED = "confusion_matrix"
"""The score that is added up over folds; the others are averaged."""

Merge = Callable[[Sequence[float]], float]

SplitScores = Mapping[str, Mapping[str, Any]]
"""Scores by name, of each split."""


def means(each: Sequence[SplitScores]) -> dict[str, dict[str, Any]]:
    """The mean of each score of each split; None where one is undefined. Confusion matrices are added up."""
    merges = {"rows": lambda counts: round(fmean(counts)), SUMMED: sum}
    return _merged(each, lambda name: merges.get(name, fmean))


def deviations(each: Sequence[SplitScores]) -> dict[str, dict[str, Any]]:
    """The standard deviation of each score of each split, that of a sample (n - 1)."""
    found = _merged(each, lambda name: stdev)
    return {
        split: {name: value for name, value in scores.items() if name not in ("rows", SUMMED)}
        for split, scores in found.items()
    }


def _merged(each: Sequence[SplitScores], merge: Callable[[str], Merge]) -> dict[str, dict[str, Any]]:
    return {
        split: {name: _elementwise([one[split].get(name) for one in each], merge(name)) for name in scores}
        for split, scores in each[0].items()
    }


def _elementwise(values: Sequence[Any], merge: Merge) -> Any:
    """Merges numbers, also those in lists and mappings of the same form; anything else is None."""
    first = values[0]
    if all(isinstance(value, int | float) for value in values):
        return merge(values)
    if all(isinstance(value, list) and len(value) == len(first) for value in values):
        return [_elementwise(parts, merge) for parts in zip(*values, strict=True)]
    if all(isinstance(value, Mapping) and value.keys() == first.keys() for value in values):
        return {key: _elementwise([value[key] for value in values], merge) for key in first}
    return None
