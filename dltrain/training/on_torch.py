"""Steps on PyTorch: one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dltrain.training.stepper import Logs, Stepper, plain_logs

if TYPE_CHECKING:
    import numpy as np


class BackendStepper(Stepper):
    """Calls Keras's own `train_function` and `test_function` on lists of one batch."""

    def train_epoch(self, order: np.ndarray, start: int = 0) -> Iterator[tuple[int, Logs | None]]:
        """Yields after each step, with logs only at the end: reading them waits for the device."""
        logs: Any = {}
        for done, batch in enumerate(self.training.gathered(order, start), start=start + 1):
            logs = self.model.train_function([batch])
            if done < len(self.training):
                yield done, None
        yield len(self.training), plain_logs(logs)

    def validate(self) -> Logs:
        """One pass over the validation rows."""
        assert self.validation is not None
        self.model.reset_metrics()
        logs: Any = {}
        for batch in self.validation.gathered(self.validation.ascending):
            logs = self.model.test_function([batch])
        return plain_logs(logs)
