"""Lion."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.spec.fields import Decay

if TYPE_CHECKING:
    import keras


class Lion(OptimizerSpec):
    """Steps of the same size for every weight, in the direction of a mean gradient::

        w <- w - r sign(beta_1 m + (1 - beta_1) g)
        m <- beta_2 m + (1 - beta_2) g

    Chen et al. 2023, https://arxiv.org/abs/2302.06675, algorithm 2. Useful learning rates are
    three to ten times lower than for Adam.

    Attributes:
        learning_rate: r.
        beta_1: the part of the mean gradient in the direction.
        beta_2: how much of the mean gradient is kept.
    """

    type: Literal["lion"] = "lion"
    slots_per_weight: ClassVar[int] = 1
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta_2: Decay = 0.99

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Lion``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Lion(**settings)
