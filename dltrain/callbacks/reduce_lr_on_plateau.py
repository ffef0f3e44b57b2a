"""Lowering the learning rate when training no longer helps."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from dltrain.callbacks.base import Mode, Monitor, MonitoringSpec
from dltrain.spec.fields import Natural, NonNegative

if TYPE_CHECKING:
    import keras


class ReduceLrOnPlateau(MonitoringSpec):
    """Multiplies the learning rate by `factor` after `patience` epochs in a row without improvement.

    The learning rate of the optimizer must be constant, not a schedule.

    Attributes:
        monitor: the watched value; by default `trainer.monitor`.
        factor: the new learning rate as a part of the old one.
        patience: epochs without improvement before it acts.
        mode: ``min`` or ``max``, whether small or large is better; by default the trainer's for
            its monitor, and else by the name: ``min`` for losses and errors.
        min_delta: an improvement is larger than this.
        cooldown: epochs after a change in which it does not count.
        min_lr: the lowest learning rate.
    """

    type: Literal["reduce_lr_on_plateau"] = "reduce_lr_on_plateau"
    changes_learning_rate: ClassVar[bool] = True
    state: ClassVar[tuple[str, ...]] = ("best", "wait", "cooldown_counter")
    monitor: Monitor | None = None
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: Natural = 10
    mode: Mode | None = None
    min_delta: NonNegative = 1e-4
    cooldown: Natural = 0
    min_lr: NonNegative = 0.0

    @override
    def build(self, *, monitor: str, mode: Mode, folder: Path) -> "keras.callbacks.Callback":
        """``keras.callbacks.ReduceLROnPlateau``."""
        import keras

        watched, better = self.watch(monitor, mode)
        return keras.callbacks.ReduceLROnPlateau(
            monitor=watched, mode=better, verbose=0, **self.arguments("monitor", "mode")
        )
