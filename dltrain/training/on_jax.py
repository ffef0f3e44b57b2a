"""Steps on JAX: the model's state is an argument of each step, and returns to the model after an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from dltrain.training.stepper import Batches, Logs, Stepper, plain_logs

if TYPE_CHECKING:
    import keras
    import numpy as np


class BackendStepper(Stepper):
    """Calls Keras's own `train_function` and `test_function`, whose state argument is donated."""

    def __init__(self, model: keras.Model, training: Batches, validation: Batches | None) -> None:
        super().__init__(model, training, validation)
        self._state: Any = None

    def train_epoch(self, order: np.ndarray, start: int = 0) -> Iterator[tuple[int, Logs | None]]:
        """Yields after each step, with logs only at the end: reading them waits for the device."""
        self._state = tuple([variable.value for variable in group] for group in self._variables(optimizer=True))
        logs: Any = {}
        for done, batch in enumerate(self.training.gathered(order, start), start=start + 1):
            logs, self._state = self.model.train_function(self._state, iter([batch]))
            if done < len(self.training):
                yield done, None
        self.update_model()
        self._state = None
        yield len(self.training), plain_logs(logs)

    @override
    def update_model(self) -> None:
        """Assigns the state of the epoch that runs; between epochs the model has it already."""
        if self._state is not None:
            _assign(self._variables(optimizer=True), self._state)

    def validate(self) -> Logs:
        """One pass over the validation rows."""
        assert self.validation is not None
        self.model.reset_metrics()
        groups = self._variables(optimizer=False)
        state = tuple([variable.value for variable in group] for group in groups)
        logs: Any = {}
        for batch in self.validation.gathered(self.validation.ascending):
            logs, state = self.model.test_function(state, iter([batch]))
        _assign(groups, state)
        return plain_logs(logs)

    def _variables(self, *, optimizer: bool) -> list[list[Any]]:
        model = self.model
        groups = [model.trainable_variables, model.non_trainable_variables]
        return (
            [*groups, model.optimizer.variables, model.metrics_variables]
            if optimizer
            else [*groups, model.metrics_variables]
        )


def _assign(groups: list[list[Any]], state: Any) -> None:
    for variables, values in zip(groups, state, strict=True):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
