"""RMSprop."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.signature import Weight
from dltrain.spec.fields import Decay

if TYPE_CHECKING:
    import keras


class RmsProp(OptimizerSpec):
    """The gradient over the root of its mean square::

        v <- rho v + (1 - rho) g^2
        w <- w - r g / sqrt(v + epsilon)

    Hinton 2012, http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    Attributes:
        learning_rate: r.
        rho: how much of the mean square is kept.
        momentum: the part of the last move that is made again.
        epsilon: added to the mean square.
        centered: divide by the root of the variance, rather than of the mean square.
    """

    type: Literal["rmsprop"] = "rmsprop"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    rho: Decay = 0.9
    momentum: Decay = 0.0
    epsilon: Epsilon = 1e-7
    centered: bool = False

    def slots(self, weight: Weight) -> int:
        """v; the last move, where there is a momentum; the mean gradient, where it is `centered`."""
        return (1 + bool(self.momentum) + self.centered) * weight.size

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.RMSprop``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.RMSprop(**settings)
