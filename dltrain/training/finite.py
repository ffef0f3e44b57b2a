"""Numbers going wrong: what is said when loss or weights are no longer finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dltrain.assemble import weights_of
from dltrain.errors import RunError

if TYPE_CHECKING:
    import keras
    import numpy as np


class Finite:
    """Looks at a model's numbers.

    Attributes:
        kept: what is safe on the disk, in words such as ``the state after epoch 2``; for errors.
    """

    def __init__(self, model: keras.Model) -> None:
        self.kept = ""
        self._model = model

    def check_loss(self, loss: float, place: str) -> None:
        """Raises RunError where the loss is NaN or infinite; `place` is such as ``in epoch 3 by step 16``."""
        if not math.isfinite(loss):
            raise self._diverged(f"the loss became {loss}", place)

    def check_weights(self, place: str) -> dict[str, np.ndarray]:
        """All weights, by path; the next step may change them where they lie.

        Raises:
            RunError: one of them is not a finite number.
        """
        import numpy as np

        weights = weights_of(self._model)
        for name, array in weights.items():
            if not np.isfinite(array).all():
                raise self._diverged(f"the weights '{name}' are no longer finite numbers", place)
        return weights

    def _diverged(self, what: str, place: str) -> RunError:
        rate = float(self._model.optimizer.learning_rate)
        kept = f"; {self.kept} is kept" if self.kept else ""
        remedy = f"try optimizer.learning_rate: {rate / 10:g}"
        return RunError(f"{what} {place}, at a learning rate of {rate:g}; {remedy}{kept}")
