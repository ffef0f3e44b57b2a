"""The best weights so far, by the monitored score."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.assemble import set_weights, weights_of
from dltrain.errors import RunError
from dltrain.runs.files import write_arrays

if TYPE_CHECKING:
    import keras


class BestWeights:
    """Keeps, on disk and in memory, the weights of the epoch with the best score.

    Args of the constructor: the model, the file, and the score's name, or None to keep the last
    epoch's weights; `mode` is ``max`` where a large score is good.
    """

    def __init__(self, model: keras.Model, path: Path, *, monitor: str | None, mode: str) -> None:
        self.monitor = monitor
        self.epoch = 0
        self.score = math.nan
        self._model = model
        self._path = path
        self._sign = 1.0 if mode == "max" else -1.0
        self._weights: dict[str, Any] = {}
        self.keep()

    def offer(self, epoch: int, logs: dict[str, float]) -> bool:
        """Keeps the present weights if `epoch`, from 1, is the best so far; NaN never is."""
        score = logs[self.monitor] if self.monitor else math.nan
        better = self.monitor is None or (
            not math.isnan(score) and (math.isnan(self.score) or self._sign * score > self._sign * self.score)
        )
        if better:
            self.epoch, self.score = epoch, score
            self.keep()
        return better

    def restore(self) -> None:
        """Puts the kept weights back into the model."""
        set_weights(self._model, self._weights)

    def keep(self) -> None:
        """Keeps the present weights, whatever their score.

        Raises:
            RunError: a weight is not a finite number; the kept ones stay.
        """
        import numpy as np

        weights = weights_of(self._model)
        if broken := [name for name, array in weights.items() if not np.isfinite(array).all()]:
            rate = float(self._model.optimizer.learning_rate)
            raise RunError(
                f"the weights '{broken[0]}' are no longer finite numbers, at a learning rate of {rate:g}; "
                f"try optimizer.learning_rate: {rate / 10:g}, or clipnorm: 1.0"
            )
        self._weights = weights
        write_arrays(self._path, weights)
