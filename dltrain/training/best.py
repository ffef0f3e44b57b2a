"""The best weights so far, by the monitored score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dltrain.assemble import set_weights
from dltrain.training.finite import Finite

if TYPE_CHECKING:
    import keras
    import numpy as np


class BestWeights:
    """Keeps the weights of the epoch with the best score.

    Args of the constructor: the model, who looks at its numbers, and the score's name, or None to keep the last epoch's
    weights; `mode` is ``max`` where a large score is good.

    Attributes:
        epoch: whose weights are kept, from 1; 0 before the first epoch has ended.
        score: of that epoch.
        weights: by path, as `assemble.weights_of` names them.
    """

    def __init__(self, model: keras.Model, finite: Finite, *, monitor: str | None, mode: str) -> None:
        self.monitor = monitor
        self.epoch = 0
        self.score = math.nan
        self.weights: dict[str, np.ndarray] = {}
        self._model = model
        self._finite = finite
        self._sign = 1.0 if mode == "max" else -1.0

    def offer(self, epoch: int, logs: Mapping[str, float]) -> bool:
        """Keeps the present weights if `epoch`, from 1, is the best so far; NaN never is.

        Raises:
            RunError: a weight is not a finite number; the kept ones stay.
        """
        score = logs[self.monitor] if self.monitor else math.nan
        better = self.monitor is None or (
            not math.isnan(score) and (math.isnan(self.score) or self._sign * score > self._sign * self.score)
        )
        if better:
            self.keep(epoch)
            self.epoch, self.score = epoch, score
        return better

    def keep(self, epoch: int) -> None:
        """Keeps the present weights, of the end of `epoch`, whatever their score.

        Raises:
            RunError: a weight is not a finite number; the kept ones stay.
        """
        import numpy as np

        weights = self._finite.check_weights(f"after epoch {epoch}" if epoch else "before the first step")
        self.weights = {name: np.array(array, copy=True) for name, array in weights.items()}

    def restore(self) -> None:
        """Puts the kept weights back into the model."""
        set_weights(self._model, self.weights)

    def state(self) -> dict[str, Any]:
        """The epoch and its score, as plain values."""
        return {"epoch": self.epoch, "score": self.score}

    def resume(self, state: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> None:
        """Goes on from what `state` gave, and the weights of that time."""
        self.epoch, self.score, self.weights = state["epoch"], state["score"], dict(weights)
