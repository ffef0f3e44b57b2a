"""Adafactor."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.signature import Weight
from dltrain.spec.fields import Positive

if TYPE_CHECKING:
    import keras


class Adafactor(OptimizerSpec):
    """Adam with less memory: of the mean squared gradient of a matrix only rows and columns are kept.

    Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235, algorithms 4 and 5.

    Attributes:
        learning_rate: relative to the size of each weight tensor, not absolute.
        beta_2_decay: c in ``1 - t^c``, how much of the mean squared gradient is kept at update t.
        epsilon_1: added to squared gradients.
        epsilon_2: the least size that a weight tensor is taken to have.
        clip_threshold: updates whose root mean square is larger are scaled down.
        relative_step: let a constant learning rate be at most ``1 / sqrt(t)``; Keras bounds every
            step by that, whether this is true or not.
    """

    type: Literal["adafactor"] = "adafactor"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_2_decay: Annotated[float, Field(ge=-10, le=0)] = -0.8
    epsilon_1: Epsilon = 1e-30
    epsilon_2: Epsilon = 1e-3
    clip_threshold: Positive = 1.0
    relative_step: bool = True

    def slots(self, weight: Weight) -> int:
        """The mean squares of rows and of columns, where there are any; Keras sets a whole tensor aside as well."""
        if len(weight.shape) < 2:
            return weight.size
        rows, columns = weight.size // weight.shape[-1], weight.size // weight.shape[-2]
        return weight.size + rows + columns

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Adafactor``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Adafactor(**settings)
