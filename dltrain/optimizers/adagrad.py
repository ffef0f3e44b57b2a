"""Adagrad and Adadelta, which slow down the weights that have moved much."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.spec.fields import Decay, NonNegative

if TYPE_CHECKING:
    import keras


class Adagrad(OptimizerSpec):
    """The gradient over the root of the sum of all squares so far::

        a <- a + g^2
        w <- w - r g / sqrt(a + epsilon)

    Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html, figure 1.

    Attributes:
        learning_rate: r; useful values are higher than for Adam, up to 1.
        initial_accumulator_value: a at the start.
        epsilon: added to the sum.
    """

    type: Literal["adagrad"] = "adagrad"
    slots_per_weight: ClassVar[int] = 1
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    initial_accumulator_value: NonNegative = 0.1
    epsilon: Epsilon = 1e-7

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Adagrad``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Adagrad(**settings)


class Adadelta(OptimizerSpec):
    """The gradient times the size of recent moves over the size of recent gradients::

        a <- rho a + (1 - rho) g^2
        d = sqrt(b + epsilon) / sqrt(a + epsilon) g
        b <- rho b + (1 - rho) d^2
        w <- w - r d

    Zeiler 2012, https://arxiv.org/abs/1212.5701, algorithm 1, where r is 1.

    Attributes:
        learning_rate: r; 1.0 is the published algorithm, and Keras's default is very slow.
        rho: how much of the mean squares is kept.
        epsilon: added to the mean squares.
    """

    type: Literal["adadelta"] = "adadelta"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    rho: Decay = 0.95
    epsilon: Epsilon = 1e-7

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Adadelta``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Adadelta(**settings)
