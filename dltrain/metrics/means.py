"""Scores that are the mean of a number for each row."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dltrain.metrics.base import MetricSpec, Predictions
from dltrain.metrics.statistics import means_and_squares, standard_errors_of_means

if TYPE_CHECKING:
    import numpy as np


class MeanMetric(MetricSpec):
    """A mean over rows; what takes another statistic is none, and has no standard errors."""

    def of_all(self, predictions: Predictions) -> "np.ndarray":
        """What the score is the mean of, (rows,)."""
        raise NotImplementedError

    def statistic(self, predictions: Predictions) -> "Callable[[np.ndarray], np.ndarray]":
        """The mean of what `of_all` gives, and of its square."""
        return means_and_squares(self.of_all(predictions))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The mean."""
        own: np.ndarray = values[0]
        return own

    def standard_errors(self, values: "np.ndarray", rows: int) -> "np.ndarray | None":
        """Of the mean; None of a score that is none."""
        is_mean = type(self).statistic is MeanMetric.statistic
        return standard_errors_of_means(values, rows) if is_mean else None
