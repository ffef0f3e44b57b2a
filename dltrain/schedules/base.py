"""The family of learning-rate schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dltrain.spec.section import Family

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Horizon:
    """How long training will last, as schedules need to know it.

    Attributes:
        steps_per_epoch: weight updates in an epoch.
        epochs: the planned number of epochs.
    """

    steps_per_epoch: int
    epochs: int

    @property
    def steps(self) -> int:
        """All weight updates of the run."""
        return self.steps_per_epoch * self.epochs


class ScheduleSpec(Family):
    """A learning rate; a bare number is a constant one."""

    noun: ClassVar[str] = "schedule"
    default_type: ClassVar[str | None] = "constant"

    def build(self, horizon: Horizon) -> float | keras.optimizers.schedules.LearningRateSchedule:
        """What Keras optimizers take as `learning_rate`.

        Raises:
            SpecError: the schedule does not fit the horizon, e.g. it is longer than the run.
        """
        raise NotImplementedError
