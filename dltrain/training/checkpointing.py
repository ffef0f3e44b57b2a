"""When a training is saved: often enough to lose little, seldom enough to cost next to nothing."""

from __future__ import annotations

import time

from dltrain.runs.checkpoints import Checkpoint, CheckpointStore

_SHARE = 0.01
"""The part of a run's time that saving may take."""


class Checkpointer:
    """Saves checkpoints, and knows when the next one is due.

    One is due when `seconds` have passed since the one before, and at the end of an epoch; but not before
    100 times what the last one took, so that saving takes at most 1 % of a run. With 0 seconds one is due
    whenever it is asked for, whatever that costs.
    """

    def __init__(self, store: CheckpointStore, *, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._cost = self._spent = 0.0
        self._saved = 0
        self._began = self._last = time.monotonic()

    def __str__(self) -> str:
        passed = time.monotonic() - self._began
        return f"{self._saved} checkpoints took {self._spent:.3f} of {passed:.3f} seconds of training"

    def due(self, *, epoch_ended: bool) -> bool:
        """Whether the state of this moment should be saved."""
        passed = time.monotonic() - self._last
        return self._seconds == 0 or (passed >= self._cost / _SHARE and (epoch_ended or passed >= self._seconds))

    def save(self, checkpoint: Checkpoint) -> None:
        """Saves; the training goes on only when the checkpoint is safe on the disk.

        Raises:
            RunError: it cannot be written; those before it stay.
        """
        started = time.monotonic()
        self._store.save(checkpoint)
        self._last = time.monotonic()
        self._cost = self._last - started
        self._spent += self._cost
        self._saved += 1
