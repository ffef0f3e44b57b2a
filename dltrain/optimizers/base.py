"""The family of optimizers, and what all of Keras's have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.spec.fields import Count, Decay, NonNegative, Positive
from dltrain.spec.section import Family

if TYPE_CHECKING:
    import keras


class OptimizerSpec(Family):
    """How weights follow gradients. Subclasses give their defaults of `learning_rate`."""

    noun: ClassVar[str] = "optimizer"

    def build(self, horizon: Horizon) -> keras.optimizers.Optimizer:
        """The Keras optimizer for a run of this length."""
        raise NotImplementedError
