"""What is known of a model on the rows of a split: scores, their intervals, and why some are not defined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.evaluation.intervals import Interval, Score
from dltrain.metrics.base import Predictions
from dltrain.metrics.confusion import undefined_of
from dltrain.metrics.statistics import Statistic, means_and_squares, standard_errors_of_means

if TYPE_CHECKING:
    import numpy as np

Scores = dict[str, Any]
"""Loss and metrics by name; None where a score is not defined for these rows."""

MOST_CLASSES = 1_000
"""Up to so many classes or labels are scored one by one."""


@dataclass(frozen=True)
class Measured:
    """The scores of a split.

    Attributes:
        scores: by name.
        predictions: that they are of.
        intervals: of 95 %, by the names of scores; of those that have one.
        undefined: why a score is None, by its name.
        classes: precision, recall, F1 and the number of rows of each class or label.
        shown: the names of the scores that are worth a look; the others are for those who ask.
    """

    scores: Scores
    predictions: Predictions
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()


def recorded(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """For ``metrics.json``: of each split that has any its ``scores``, ``intervals``, ``undefined`` and ``classes``."""
    parts: dict[str, Any] = {"scores": {name: one.scores for name, one in measured.items()}}
    for part in ("intervals", "undefined", "classes"):
        found = {name: dict(getattr(one, part)) for name, one in measured.items()}
        parts[part] = {name: values for name, values in found.items() if values}
    parts["shown"] = list(dict.fromkeys(name for one in measured.values() for name in one.shown))
    return parts


def by_class(predictions: Predictions) -> dict[str, dict[str, Any]]:
    """Precision, recall and F1, None where one is 0 / 0, and ``support``, the number of rows, of each class."""
    import numpy as np

    names = predictions.classes or predictions.labels
    if not names or len(names) > MOST_CLASSES:
        return {}
    truth, predicted = predictions.truth, predictions.predicted
    if predictions.classes:
        counted = truth[truth == predicted], truth, predicted
        counts = [np.bincount(values, minlength=len(names)) for values in counted]
    else:
        counts = [marks.sum(axis=0) for marks in (truth * predicted, truth, predicted)]
    return {name: _of_class(name, *map(int, each)) for name, *each in zip(names, *counts, strict=True)}


def _of_class(name: str, hits: int, truth: int, predicted: int) -> dict[str, Any]:
    wholes = {"precision": predicted, "recall": truth, "f1": (truth + predicted) / 2}
    found: dict[str, Any] = {}
    for kind, whole in wholes.items():
        reason = undefined_of(kind, name, truth=truth, predicted=predicted)
        found[kind] = None if reason else hits / whole
    return found | {"support": truth}


@dataclass(frozen=True)
class RowMean(Score):
    """A score that is the mean of a number for each row, such as the loss.

    Attributes:
        values: float64 (rows,).
    """

    values: np.ndarray

    def statistic(self, predictions: Predictions) -> Statistic:
        """The mean of each resample, and that of the squares."""
        return means_and_squares(self.values)

    def resampled(self, values: np.ndarray, predictions: Predictions) -> np.ndarray:
        """The mean."""
        own: np.ndarray = values[0]
        return own

    def standard_errors(self, values: np.ndarray, rows: int) -> np.ndarray | None:
        """Of the mean."""
        return standard_errors_of_means(values, rows)


@dataclass(frozen=True)
class OwnColumn(Score):
    """The score of one of several numbers of a row.

    Attributes:
        metric: of what kind.
        predictions: of that number, (rows, 1).
    """

    metric: Score
    predictions: Predictions

    def statistic(self, predictions: Predictions) -> Statistic:
        """The metric's."""
        return self.metric.statistic(self.predictions)

    def resampled(self, values: np.ndarray, predictions: Predictions) -> np.ndarray:
        """The metric's."""
        return self.metric.resampled(values, self.predictions)

    def standard_errors(self, values: np.ndarray, rows: int) -> np.ndarray | None:
        """The metric's."""
        return self.metric.standard_errors(values, rows)

    def interval(self, predictions: Predictions) -> Interval | None:
        """The metric's."""
        return self.metric.interval(self.predictions)
