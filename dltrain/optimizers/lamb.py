"""LAMB."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.spec.fields import Decay

if TYPE_CHECKING:
    import keras


class Lamb(OptimizerSpec):
    """Adam for large batches: the step of each tensor has the norm of the tensor, times r.

    You et al. 2020, https://arxiv.org/abs/1904.00962, algorithm 2.

    Attributes:
        learning_rate: r.
        beta_1: how much of the mean gradient is kept.
        beta_2: how much of the mean squared gradient is kept.
        epsilon: added to the divisor.
    """

    type: Literal["lamb"] = "lamb"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-7

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Lamb``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Lamb(**settings)
