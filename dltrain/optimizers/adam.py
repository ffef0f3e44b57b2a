"""Adam and its relatives, which scale each weight's step by the size of its recent gradients."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.signature import Weight
from dltrain.spec.fields import Decay, NonNegative

if TYPE_CHECKING:
    import keras


class Adam(OptimizerSpec):
    """Mean gradient over the root of the mean squared gradient::

        m <- beta_1 m + (1 - beta_1) g
        v <- beta_2 v + (1 - beta_2) g^2
        w <- w - r sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)

    Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, section 2.

    Attributes:
        learning_rate: r.
        beta_1: how much of the mean gradient is kept.
        beta_2: how much of the mean squared gradient is kept.
        epsilon: added to the divisor.
        amsgrad: divide by the largest v so far. Reddi et al. 2018, https://openreview.net/forum?id=ryQu7f-RZ
    """

    type: Literal["adam"] = "adam"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: bool = False

    def slots(self, weight: Weight) -> int:
        """m and v; with `amsgrad` also the largest v."""
        return (2 + self.amsgrad) * weight.size

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Adam``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Adam(**settings)


class AdamW(OptimizerSpec):
    """Adam with weight decay apart from the gradient: first ``w <- w - r weight_decay w``.

    Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2.

    Attributes:
        learning_rate: r.
        weight_decay: the part of each weight, times r, that an update takes off; 0 for none.
        beta_1: how much of the mean gradient is kept.
        beta_2: how much of the mean squared gradient is kept.
        epsilon: added to the divisor.
        amsgrad: divide by the largest mean squared gradient so far.
    """

    type: Literal["adamw"] = "adamw"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    weight_decay: NonNegative = 0.004
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: bool = False

    def slots(self, weight: Weight) -> int:
        """m and v; with `amsgrad` also the largest v."""
        return (2 + self.amsgrad) * weight.size

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.AdamW``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.AdamW(**settings)


class Adamax(OptimizerSpec):
    """Adam with the largest recent gradient in place of the root of the mean squared one::

        m <- beta_1 m + (1 - beta_1) g
        u <- max(beta_2 u, |g|)
        w <- w - r / (1 - beta_1^t) m / (u + epsilon)

    Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, section 7.1.

    Attributes:
        learning_rate: r.
        beta_1: how much of the mean gradient is kept.
        beta_2: how much of the largest gradient is kept.
        epsilon: added to the divisor.
    """

    type: Literal["adamax"] = "adamax"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-7

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Adamax``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Adamax(**settings)


class Nadam(OptimizerSpec):
    """Adam with Nesterov's look-ahead in the mean gradient.

    Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2, with the momentum
    ``beta_1 (1 - 0.96^t / 2)`` of Keras.

    Attributes:
        learning_rate: r.
        beta_1: how much of the mean gradient is kept.
        beta_2: how much of the mean squared gradient is kept.
        epsilon: added to the divisor.
    """

    type: Literal["nadam"] = "nadam"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Epsilon = 1e-7

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Nadam``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Nadam(**settings)
