"""Columns that tell the target alone: perhaps a copy of it, or written down after it was known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.audit.finding import Finding

if TYPE_CHECKING:
    import numpy as np

ACCURACY = 0.99
"""A column that gets this share of the held-out rows right alone is shown."""

CORRELATION = 0.999
_FEWEST_ROWS = 20
_MOST_BINS = 256


@dataclass(frozen=True)
class Sample:
    """Some rows of a table.

    Attributes:
        columns: each (rows,).
        target: class indices or numbers, (rows,).
        classes: their names; empty for numbers.
        trained: which rows are trained on, bool (rows,).
        held_out: which rows are scored, bool (rows,).
    """

    columns: Mapping[str, np.ndarray]
    target: np.ndarray
    classes: Sequence[str]
    trained: np.ndarray
    held_out: np.ndarray


def leaks(sample: Sample) -> Iterator[Finding]:
    """Every column of a sample that tells the target alone.

    For classes: the commonest class of each of its values, or of each of 256 ranges of its numbers,
    found in the training rows, is right for 99 % of the others, and wrong for at most a tenth as many
    as the commonest class of all. For numbers: Spearman's rank correlation is above 0.999.
    """
    import numpy as np

    if sample.trained.sum() < _FEWEST_ROWS:
        return
    if not sample.classes:
        yield from _monotone(sample)
        return
    if sample.held_out.sum() < _FEWEST_ROWS:
        return
    common = np.bincount(sample.target[sample.trained]).argmax()
    majority = float((sample.target[sample.held_out] == common).mean())
    for name, values in sample.columns.items():
        bins = _bins(values, sample.trained)
        right = _predicted(sample, bins, int(common)) == sample.target
        accuracy = min(float(right[sample.held_out].mean()), float(right[sample.trained].mean()))
        if accuracy >= ACCURACY and 1 - accuracy <= (1 - majority) / 10:
            rows = int(sample.held_out.sum())
            examples = _examples(sample, values, _ranges(sample, values, bins))
            text = f"'{name}' alone tells the class of {accuracy:.1%} of {rows:,} held-out rows ({', '.join(examples)})"
            details = {"column": name, "accuracy": accuracy, "majority": majority, "rows": rows, "examples": examples}
            yield Finding("telling_column", f"{text}; {_remedy(name)}", details)


def _examples(sample: Sample, values: np.ndarray, bins: np.ndarray) -> list[str]:
    """What the two commonest values, or ranges of numbers, go with: ``'bad' is 'no' in 12 rows``."""
    import numpy as np

    found, counts = np.unique(bins[sample.trained], return_counts=True)
    shown = []
    for place in found[np.argsort(-counts, kind="stable")][:2]:
        inside = sample.trained & (bins == place)
        held = np.unique(values[inside])
        low, high = str(held[0])[:40], str(held[-1])[:40]
        label = sample.classes[int(np.bincount(sample.target[inside]).argmax())][:40]
        value = f"'{low}'" if low == high else f"{low} to {high}"
        shown.append(f"{value} is '{label}' in {(count := int(inside.sum())):,} {'rows' if count > 1 else 'row'}")
    return shown


def _ranges(sample: Sample, values: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """The bins of training rows, where neighbouring ranges of numbers with the same commonest class are one."""
    import numpy as np

    if values.dtype.kind not in "iufb":
        return bins
    _, first, place = np.unique(bins[sample.trained], return_index=True, return_inverse=True)
    best = _predicted(sample, bins, 0)[sample.trained][first]
    absent = np.isnan(values[sample.trained][first].astype("float64"))
    joined = np.full(len(bins), -1)
    joined[sample.trained] = np.cumsum([False, *((np.diff(best) != 0) | absent[1:])])[place]
    return joined


def _monotone(sample: Sample) -> Iterator[Finding]:
    import numpy as np

    target = sample.target[sample.trained]
    for name, column in sample.columns.items():
        values = column[sample.trained]
        if values.dtype.kind not in "iuf":
            continue
        known = np.isfinite(values)
        if known.sum() < _FEWEST_ROWS or len(np.unique(target[known])) < 3 or len(np.unique(values[known])) < 3:
            continue
        correlation = float(np.corrcoef(_ranks(values[known]), _ranks(target[known]))[0, 1])
        if abs(correlation) > CORRELATION:
            rows = int(known.sum())
            text = f"'{name}' alone orders {rows:,} rows as the target does (rank correlation {correlation:.4f})"
            details = {"column": name, "correlation": correlation, "rows": rows}
            yield Finding("telling_column", f"{text}; {_remedy(name)}", details)


def _remedy(name: str) -> str:
    setting = "" if name.endswith("]") else f" with `dataset.ignore: [{name}]`"
    return f"leave it out{setting} if it is not known before the target"


def _bins(values: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """A number for each value, or for each range of numbers; -1 for what the training rows do not have."""
    import numpy as np

    if values.dtype.kind not in "iufb":
        numbers = codes(values)
        return np.where(np.isin(numbers, numbers[trained]), numbers, -1)
    numbers = values.astype("float64")
    seen = np.unique(numbers[trained & np.isfinite(numbers)])
    if len(seen) > _MOST_BINS:
        seen = np.unique(np.quantile(numbers[trained & np.isfinite(numbers)], np.linspace(0, 1, _MOST_BINS)))
    return np.where(np.isnan(numbers), len(seen) + 1, np.searchsorted(seen, numbers, side="right"))


def codes(values: np.ndarray) -> np.ndarray:
    """A number for each different text, which is sooner told apart than texts; numbers as they are."""
    import numpy as np

    if values.dtype.kind not in "OU":
        return values
    texts = values.tolist()
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return np.array([numbers[text] for text in texts], int)


def _predicted(sample: Sample, bins: np.ndarray, common: int) -> np.ndarray:
    """The commonest class among the training rows of each row's bin, (rows,)."""
    import numpy as np

    classes = int(sample.target.max()) + 1
    pairs, counts = np.unique(bins[sample.trained] * classes + sample.target[sample.trained], return_counts=True)
    order = np.argsort(counts, kind="stable")
    best = np.full(max(int(bins.max()) + 1, 1), common)
    # The last assignment stands, and that is of the largest count.
    best[(pairs // classes)[order]] = (pairs % classes)[order]
    return np.where(bins < 0, common, best[np.maximum(bins, 0)])


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1; equal values share the mean of their ranks."""
    import numpy as np

    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks
