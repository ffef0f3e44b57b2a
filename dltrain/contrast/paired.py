"""Two runs tested against each other on the same rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dltrain.contrast.answers import Answers, pair
from dltrain.evaluation.intervals import resampled
from dltrain.evaluation.resampling import Resampling
from dltrain.metrics.base import Predictions
from dltrain.metrics.statistics import class_counts
from dltrain.runs.directory import RunDirectory

SEED = 0
"""Of the resamples: the same two runs give the same numbers everywhere."""


@dataclass(frozen=True)
class Gap:
    """By how much one score is larger than another of the same rows.

    Attributes:
        by: the second run's less the first's.
        interval: of 95 %; None where it is not defined, as where both are equal for every resample.
        better: whether the second run is better beyond the interval; None where that is open.
    """

    by: float
    interval: tuple[float, float] | None
    better: bool | None


@dataclass(frozen=True)
class McNemar:
    """Whether two shares of right predictions differ by more than chance makes of rows that only one has right.

    Attributes:
        only_first: rows that only the first run has right.
        only_second: rows that only the second has right.
        p: the mid-p value, two-sided (Fagerland, Lydersen & Laake 2013, "The McNemar test for binary matched-pairs
            data: mid-p and asymptotic are better than exact conditional").
    """

    only_first: int
    only_second: int
    p: float


@dataclass(frozen=True)
class PairedTest:
    """A paired test.

    Attributes:
        first: the run that is compared with.
        second: the run whose scores are compared.
        rows: that both were tested on.
        of: how many each was tested on.
        gaps: of each score that both have.
        mcnemar: of their accuracy, where a row has one class and depends on no other.
    """

    first: RunDirectory
    second: RunDirectory
    rows: int
    of: tuple[int, int]
    gaps: Mapping[str, Gap]
    mcnemar: McNemar | None

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.mcnemar
        counts = found and {"only_first": found.only_first, "only_second": found.only_second, "p": found.p}
        return {
            "run": str(self.second),
            "against": str(self.first),
            "rows": self.rows,
            "differences": {
                name: {"by": gap.by, "interval": gap.interval, "better": gap.better} for name, gap in self.gaps.items()
            },
            "mcnemar": counts,
        }


def paired_test(first: Answers, second: Answers) -> PairedTest:
    """The differences of all scores with paired bootstrap intervals, and McNemar's test of the accuracy.

    Raises:
        UnpairedError: the runs have no test rows in common.
    """
    pairs = pair(first, second)
    one, other = (answers.predictions for answers in pairs)
    known = {metric.name for metric in pairs[1].metrics}
    metrics = {
        metric.name: metric for metric in pairs[0].metrics if metric.name in known and _defined(metric, one, other)
    }
    # Windows that overlap are drawn together, or one moment would count as many.
    length = min(max(first.overlap, second.overlap), max(len(one.truth) // 2, 1))
    groups = other.groups if one.groups is None else one.groups
    resampling = Resampling(len(one.truth), SEED, length, groups)
    drawn = [resampled(metrics, predictions, resampling) for predictions in (one, other)] if len(one.truth) > 1 else []
    apart = {name: drawn[1][name] - drawn[0][name] for name in metrics if drawn}
    gaps = {name: _gap(found, metrics[name].mode) for name, found in apart.items() if math.isfinite(found.score)}
    mcnemar = _mcnemar(one, other) if one.classes and groups is None else None
    return PairedTest(first.run, second.run, len(one.truth), (len(first.rows), len(second.rows)), gaps, mcnemar)


def _mcnemar(one: Predictions, other: Predictions) -> McNemar:
    import numpy as np

    right = [predictions.truth == predictions.predicted for predictions in (one, other)]
    counts = [int(np.count_nonzero(right[index] & ~right[1 - index])) for index in (0, 1)]
    return McNemar(counts[0], counts[1], mid_p(*counts))


def _defined(metric: Any, *both: Any) -> bool:
    """Whether the score means something for both; without outputs only what counts of predicted classes tell."""
    without = any(found.probabilities is None and (found.classes or found.labels) for found in both)
    if without and metric.statistic is not class_counts:
        return False
    return all(metric.undefined(predictions) is None for predictions in both)


def _gap(apart: Any, mode: str) -> Gap:
    interval = apart.interval()
    better = None
    if interval is not None and (interval[0] > 0 or interval[1] < 0):
        better = (interval[0] > 0) == (mode == "max")
    return Gap(float(apart.score), interval, better)


def mid_p(first: int, second: int) -> float:
    """The two-sided mid-p value of `first` against `second` rows, each of which is as probable in one as in the other.

    Twice the probability of at most the smaller number, of a binomial distribution, less that of this very number.
    """
    number, fewer = first + second, min(first, second)
    if not number:
        return 1.0
    chances = [
        math.exp(math.lgamma(number + 1) - math.lgamma(k + 1) - math.lgamma(number - k + 1) - number * math.log(2))
        for k in range(fewer + 1)
    ]
    return 1 - chances[-1] / 2 if first == second else 2 * math.fsum(chances) - chances[-1]
