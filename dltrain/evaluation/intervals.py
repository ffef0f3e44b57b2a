"""95 % intervals of scores: how far a score of these rows may be from that of all rows there could be.

Shares of rows have Wilson's interval. Of other scores the rows are resampled. Of means over rows the interval is the
bootstrap-t (Efron 1982, "The jackknife, the bootstrap and other resampling plans"), of others Efron's BCa (1987,
"Better bootstrap confidence intervals"), widened for few rows as Hesterberg (2015, "What teachers should know about
the bootstrap") has it. ``benchmarks/coverage.py`` measures how often they hold the true score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from dltrain.evaluation.drawn import Drawn
from dltrain.evaluation.resampling import MOST_RESAMPLED, Resampling
from dltrain.metrics.base import MetricSpec, Predictions
from dltrain.metrics.statistics import Statistic

if TYPE_CHECKING:
    import numpy as np

Interval = tuple[float, float]
"""The lower and the upper end."""


class Score(Protocol):
    """What an interval is computed of; every metric is one, whether it is a subclass or not."""

    def statistic(self, predictions: Predictions) -> Statistic:
        """Prepared once for all resamples; equal statistics of several scores are computed once."""

    def resampled(self, values: np.ndarray, predictions: Predictions) -> np.ndarray:
        """The score of each resample, (resamples,), from the statistic; NaN where it is not defined."""

    def standard_errors(self, values: np.ndarray, rows: int) -> np.ndarray | None:
        """Of each resample, (resamples,), from the statistic; None where it is not known."""
        return None

    def interval(self, predictions: Predictions) -> Interval | None:
        """A closed form; None where rows are resampled."""
        return None


def intervals(
    predictions: Predictions, metrics: Sequence[MetricSpec], *, seed: int, length: int = 1
) -> dict[str, Interval]:
    """The 95 % interval of each metric by its name; without those that have none.

    Args:
        predictions: of a split.
        metrics: what is scored.
        seed: of the resamples, which are the same for every model with this seed and number of rows.
        length: of the runs of rows that are drawn together; more than 1 where they follow one another in time.
    """
    defined = {metric.name: metric for metric in metrics if metric.undefined(predictions) is None}
    return intervals_of(defined, predictions, Resampling(len(predictions.truth), seed, length, predictions.groups))


def intervals_of(scores: Mapping[str, Score], predictions: Predictions, resampling: Resampling) -> dict[str, Interval]:
    """The interval of each score by its name; without those that have none, such as a perfect ROC AUC."""
    found: dict[str, Interval | None] = {}
    open_ones = {}
    for name, score in scores.items():
        # Wilson's takes rows to be independent of their neighbours.
        found[name] = score.interval(predictions) if resampling.independent else None
        if found[name] is None:
            open_ones[name] = score
    if len(predictions.truth) > 1:
        for name, drawn in resampled(open_ones, predictions, resampling).items():
            found[name] = drawn.interval()
    return {name: interval for name, interval in found.items() if interval is not None}


def difference(first: tuple[Score, Predictions], second: tuple[Score, Predictions], resampling: Resampling) -> Interval:
    """The 95 % interval of the first score less the second, both of the same resamples of the rows.

    It has no width where they never differ, and is (nan, nan) where a score is not defined.
    """
    drawn = [resampled({"": score}, predictions, resampling)[""] for score, predictions in (first, second)]
    apart = drawn[0] - drawn[1]
    return apart.interval() or ((0.0, 0.0) if apart.score == 0 else (math.nan, math.nan))


def resampled(scores: Mapping[str, Score], predictions: Predictions, resampling: Resampling) -> dict[str, Drawn]:
    """Each score of all rows, of all resamples, and without each group of rows, by its name."""
    import numpy as np

    statistics: dict[Any, Statistic] = {}
    for score in scores.values():
        if score.statistic not in statistics:
            statistics[score.statistic] = score.statistic(predictions)

    def of(weights: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
        """Scores and standard errors, (2, resamples)."""
        parts: dict[str, list[np.ndarray]] = {name: [np.empty((2, 0))] for name in scores}
        for block in weights:
            values = {key: statistic(block) for key, statistic in statistics.items()}
            for name, score in scores.items():
                of_block = values[score.statistic]
                found = score.resampled(of_block, predictions)
                error = score.standard_errors(of_block, resampling.rows) if resampling.independent else None
                parts[name].append(np.stack([found, np.full_like(found, np.nan) if error is None else error]))
        return {name: np.concatenate(found, axis=1) for name, found in parts.items()}

    own = of([np.ones((resampling.rows, 1))])
    draws = of(resampling.draws() if resampling.rows <= MOST_RESAMPLED else ())
    left_out = of(resampling.left_out())
    number = max(resampling.units, 2)
    return {
        name: Drawn(
            number, float(own[name][0, 0]), float(own[name][1, 0]), draws[name][0], draws[name][1], left_out[name][0]
        )
        for name in scores
    }
