"""What the loop asks of a backend, and how a stepper for it is found."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.models.trimming import Lengths
from dltrain.training.order import by_length, epoch_order

if TYPE_CHECKING:
    import keras
    import numpy as np

Logs = dict[str, float]


@dataclass(frozen=True)
class Batches:
    """Prepared rows, of which batches are gathered.

    Attributes:
        inputs: (rows, ...).
        targets: (rows, ...), in the form that the loss takes.
        batch_size: rows per batch; the last one may be smaller.
        weights: by which the losses of the rows are multiplied, float32 (rows,); None for 1 each.
        lengths: of the inputs, where batches are only as long as their longest row needs.
    """

    inputs: np.ndarray
    targets: np.ndarray
    batch_size: int
    weights: np.ndarray | None = None
    lengths: Lengths | None = None

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.batch_size)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Inputs and targets, and weights where there are any: what Keras takes as a batch."""
        return (self.inputs, self.targets) if self.weights is None else (self.inputs, self.targets, self.weights)

    def order(self, seed: int, epoch: int) -> np.ndarray:
        """The order of the rows in an epoch, int32 (rows,): a function of the rows and these two alone.

        Args:
            seed: of the run.
            epoch: from 0.
        """
        order = epoch_order(seed, epoch, len(self.inputs))
        if self.lengths is None:
            return order
        return by_length(order, self.lengths.of_rows, self.batch_size, seed=seed, epoch=epoch)

    @property
    def ascending(self) -> np.ndarray:
        """The order in which rows that are not trained on are taken, int32 (rows,): as they are, or by length."""
        import numpy as np

        return np.arange(len(self.inputs), dtype="int32") if self.lengths is None else self.lengths.ascending

    def gathered(self, order: np.ndarray, start: int = 0) -> Iterator[tuple[np.ndarray, ...]]:
        """Batches of `arrays` in `order`, int (rows,), without the first `start` of them."""
        for first in range(start * self.batch_size, len(order), self.batch_size):
            rows = order[first : first + self.batch_size]
            inputs, *others = (array[rows] for array in self.arrays)
            yield (inputs if self.lengths is None else inputs[:, : self.lengths.of_batch(rows)], *others)


class Stepper(ABC):
    """Runs the steps of one compiled model on one backend.

    Args of the constructor: the compiled model, the training batches, and the validation batches
    or None.
    """

    def __init__(self, model: keras.Model, training: Batches, validation: Batches | None) -> None:
        self.model = model
        self.training = training
        self.validation = validation
        self._make_variables()
        model.make_train_function()
        model.make_test_function()

    @abstractmethod
    def train_epoch(self, order: np.ndarray, start: int = 0) -> Iterator[tuple[int, Logs | None]]:
        """Trains on all rows once, in `order`; yields the number of steps done and the running logs.

        Logs are None where reading them would hold up the device; the last ones never are. The
        model's variables are up to date when the iterator is exhausted, and after `update_model`.

        Args:
            order: int32 (rows,).
            start: steps of this epoch that are done already.
        """

    def update_model(self) -> None:  # noqa: B027 (most backends keep the model up to date in each step)
        """Brings the model's variables up to date in the middle of an epoch."""

    @abstractmethod
    def validate(self) -> Logs:
        """Loss and metrics over the validation rows."""

    def _make_variables(self) -> None:
        """Those of optimizer and metrics, which Keras would make in the first step: a checkpoint may come before."""
        import keras

        model, targets = self.model, self.training.targets[:1]
        model.optimizer.build(model.trainable_variables)
        outputs = keras.ops.zeros((1, *model.output_shape[1:]))
        model.compute_loss(y=targets, y_pred=outputs)
        model.compute_metrics(None, targets, outputs)
        model.reset_metrics()


def stepper_class(backend: str) -> type[Stepper]:
    """The stepper in the module `dltrain.training.on_<backend>`."""
    module = importlib.import_module(f"dltrain.training.on_{backend}")
    found: type[Stepper] = module.BackendStepper
    return found


def plain_logs(logs: object) -> Logs:
    """Keras's logs as floats."""
    assert isinstance(logs, dict)
    return {str(name): float(value) for name, value in logs.items()}
