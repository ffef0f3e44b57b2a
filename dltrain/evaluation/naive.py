"""Forecasts against the naive one: that the last value stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.metrics.base import Predictions

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
