"""AdamW that needs no schedule."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.spec.fields import Decay, Natural

if TYPE_CHECKING:
    import keras


class ScheduleFreeAdamW(OptimizerSpec):
    """Averages the weights instead of lowering the learning rate::

        v <- beta_2 v + (1 - beta_2) g^2
        z <- z - r g / (sqrt(v / (1 - beta_2^t)) + epsilon)
        x <- (1 - 1/t) x + z / t
        w = (1 - beta_1) z + beta_1 x

    Defazio et al. 2024, https://arxiv.org/abs/2405.15682, algorithm 1. The paper scores and keeps
    the average x; Keras has no way to take it, so that w, close to x, is scored and kept.

    Attributes:
        learning_rate: r; a constant, as the name says.
        beta_1: the part of the average in the weights; 0 cannot be used, as x is computed from w.
        beta_2: how much of the mean squared gradient is kept.
        epsilon: added to the divisor.
        warmup_steps: updates over which the learning rate rises along a line from 0.
    """

    type: Literal["schedule_free_adamw"] = "schedule_free_adamw"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.0025))
    beta_1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-8
    warmup_steps: Natural = 0

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.ScheduleFreeAdamW``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.ScheduleFreeAdamW(**settings)
