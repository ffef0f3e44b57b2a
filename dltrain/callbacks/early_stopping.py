"""Stopping when training no longer helps."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from typing_extensions import override

from dltrain.callbacks.base import Mode, Monitor, MonitoringSpec
from dltrain.spec.fields import Natural, NonNegative, Real

if TYPE_CHECKING:
    import keras


class EarlyStopping(MonitoringSpec):
    """Stops after `patience` epochs in a row without improvement.

    There is no `restore_best_weights`: every run keeps the best weights by `trainer.monitor`,
    whether it stops early or not.

    Attributes:
        monitor: the watched value; by default `trainer.monitor`.
        min_delta: an improvement is larger than this.
        patience: epochs without improvement before it stops.
        mode: ``min`` or ``max``, whether small or large is better; by default the trainer's for
            its monitor, and else by the name: ``min`` for losses and errors.
        baseline: a value to beat: until then an improvement does not start the count of `patience`
            anew, so that the first epoch without improvement after so many stops training.
        start_from_epoch: epochs at the start in which it does not watch.
    """

    type: Literal["early_stopping"] = "early_stopping"
    state: ClassVar[tuple[str, ...]] = ("best", "best_epoch", "wait", "stopped_epoch")
    monitor: Monitor | None = None
    min_delta: NonNegative = 0.0
    patience: Natural = 0
    mode: Mode | None = None
    baseline: Real | None = None
    start_from_epoch: Natural = 0

    @override
    def build(self, *, monitor: str, mode: Mode, folder: Path) -> "keras.callbacks.Callback":
        """``keras.callbacks.EarlyStopping``."""
        import keras

        watched, better = self.watch(monitor, mode)
        return keras.callbacks.EarlyStopping(
            monitor=watched, mode=better, verbose=0, **self.arguments("monitor", "mode")
        )

    @override
    def patience_of(self, callback: "keras.callbacks.Callback") -> tuple[int, int] | None:
        """As Keras counts."""
        return int(getattr(callback, "wait", 0)), max(self.patience, 1)
