"""Follow the regularized leader."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.spec.fields import NonNegative

if TYPE_CHECKING:
    import keras


class Ftrl(OptimizerSpec):
    """For wide, sparse linear models: L1 regularization makes weights exactly zero.

    McMahan et al. 2013, https://research.google/pubs/pub41159/, algorithm 1.

    Attributes:
        learning_rate: alpha of the paper.
        learning_rate_power: how the learning rate falls with the sum of squared gradients; 0 keeps it.
        initial_accumulator_value: the sum of squared gradients at the start.
        l1_regularization_strength: larger sets more weights to zero.
        l2_regularization_strength: larger makes weights smaller.
        l2_shrinkage_regularization_strength: the same, acting on the gradient.
        beta: beta of the paper, which makes early steps smaller.
    """

    type: Literal["ftrl"] = "ftrl"
    slots_per_weight: ClassVar[int] = 2
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    learning_rate_power: Annotated[float, Field(ge=-10, le=0)] = -0.5
    initial_accumulator_value: NonNegative = 0.1
    l1_regularization_strength: NonNegative = 0.0
    l2_regularization_strength: NonNegative = 0.0
    l2_shrinkage_regularization_strength: NonNegative = 0.0
    beta: NonNegative = 0.0

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Ftrl``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Ftrl(**settings)
