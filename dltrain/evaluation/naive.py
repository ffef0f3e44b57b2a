"""Forecasts against the naive one: that the last value stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.evaluation.intervals import Score
from dltrain.metrics.base import Predictions
from dltrain.metrics.statistics import Statistic, errors, means

if TYPE_CHECKING:
    import numpy as np


def naive_scores(predictions: Predictions, last: np.ndarray) -> dict[str, float | None]:
    """How predictions compare with repeating the last values.

    A relative error (Hyndman & Koehler 2006, "Another look at measures of forecast accuracy") is the
    error of the predictions over that of the naive forecast of the same rows: below 1 it is better
    than repeating the last value. None where the naive forecast is never wrong.

    Args:
        predictions: truth and predicted of (rows, steps * targets).
        last: of each target before the forecast, (rows, targets).
    """
    import numpy as np

    steps = predictions.truth.shape[1] // last.shape[1]
    naive = predictions.truth - np.tile(last, steps)
    error = predictions.truth - predictions.predicted
    squared, absolute = float(np.square(naive).mean()), float(np.abs(naive).mean())
    return {
        "naive_mean_squared_error": squared,
        "relative_mean_squared_error": float(np.square(error).mean()) / squared if squared else None,
        "relative_mean_absolute_error": float(np.abs(error).mean()) / absolute if absolute else None,
    }


@dataclass(frozen=True)
class Naive(Score):
    """One of `naive_scores`, for its interval.

    Attributes:
        last: as there.
        size: of an error: its square, or what it is without a sign.
        relative: whether the predictions' errors are compared with the naive ones.
    """

    last: np.ndarray
    size: Callable[[np.ndarray], np.ndarray]
    relative: bool

    @classmethod
    def all(cls, last: np.ndarray | None) -> dict[str, Naive]:
        """By name; none where there are no last values."""
        import numpy as np

        if last is None:
            return {}
        return {
            "naive_mean_squared_error": cls(last, np.square, False),
            "relative_mean_squared_error": cls(last, np.square, True),
            "relative_mean_absolute_error": cls(last, np.abs, True),
        }

    def statistic(self, predictions: Predictions) -> Statistic:
        """The mean size of the errors of the naive forecast and of the predictions, (2, resamples)."""
        import numpy as np

        naive = predictions.truth - np.tile(self.last, predictions.truth.shape[1] // self.last.shape[1])
        return means(np.stack([self.size(naive).mean(axis=1), self.size(errors(predictions)).mean(axis=1)], axis=1))

    def resampled(self, values: np.ndarray, predictions: Predictions) -> np.ndarray:
        """One mean, or the other over it; NaN where the naive forecast is never wrong."""
        import numpy as np

        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(values[0] > 0, values[1] / values[0], np.nan) if self.relative else values[0])
