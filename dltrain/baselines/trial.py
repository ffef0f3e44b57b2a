"""What baselines learn from, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dltrain.assemble import Assembly
from dltrain.metrics.base import Predictions
from dltrain.preparation import PreparedSplit

if TYPE_CHECKING:
    import numpy as np

_PURPOSE = 11
"""Keeps this draw apart from those of other things that are drawn from the same seed."""


class NoBaseline(Exception):
    """Why a baseline cannot be computed."""


@dataclass(frozen=True)
class Trial:
    """Training rows, and the rows that network and baselines are scored on.

    Attributes:
        assembly: says what rows and targets are.
        train: the training rows.
        held: the rows that are predicted.
        weights: what each training row counts, (rows,); None where all count the same.
        split: of the rows that are predicted.
    """

    assembly: Assembly
    train: PreparedSplit
    held: PreparedSplit
    weights: np.ndarray | None
    split: str = "test"

    @property
    def kinds(self) -> int:
        """How many classes, labels or values are predicted."""
        target = self.assembly.target
        return len(target.classes) or len(target.labels) or len(target.names)

    @cached_property
    def truth(self) -> np.ndarray:
        """Of the training rows: class indices (rows,), 0 or 1 (rows, labels), or values, float64 (rows, values)."""
        import numpy as np

        task, target, values = self.assembly.task, self.assembly.target, self.train.values
        if target.classes:
            return task.encode(values, target, "index")
        if target.labels:
            return task.encode(values, target, "multi_hot").astype("int8")
        numbers: np.ndarray = np.asarray(values, "float64").reshape(len(values), -1)
        return numbers

    def sample(self, most: int) -> np.ndarray:
        """Ids of at most so many training rows, ascending; drawn with the run's seed."""
        import numpy as np

        rows = len(self.train.inputs)
        if rows <= most:
            return np.arange(rows)
        generator = np.random.Generator(
            np.random.Philox(key=self.assembly.experiment.seed, counter=[0, 0, _PURPOSE, 0])
        )
        return np.sort(generator.choice(rows, most, replace=False, shuffle=False))

    def outputs(self, found: np.ndarray) -> np.ndarray:
        """What the network's output layer would give for the held-out rows.

        So baselines are read and scored by the code that reads and scores the network.

        Args:
            found: probabilities (rows, classes) or (rows, labels), or values in the target's unit (rows, values).

        Returns:
            float64 (rows, units).
        """
        import numpy as np

        target, head = self.assembly.target, self.assembly.head
        if target.classes and head.units == 1:
            second = found[:, [1]]
            # The output of a margin lies between -1 and 1.
            return second if head.activation == "sigmoid" else 2 * second - 1
        outputs: np.ndarray = found
        if target.scale:
            outputs = (found - np.asarray(target.offset)) / np.asarray(target.scale)
        return outputs

    def outputs_of(self, predictions: Predictions) -> np.ndarray:
        """The outputs (rows, units) that predictions were read from."""
        found = predictions.predicted if predictions.probabilities is None else predictions.probabilities
        # A margin is what it is: the output itself.
        return found[:, None] if found.ndim == 1 else self.outputs(found)
