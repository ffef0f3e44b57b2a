"""Gradient descent."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.signature import Weight
from dltrain.spec.fields import Decay

if TYPE_CHECKING:
    import keras


class Sgd(OptimizerSpec):
    """``w - r g``; with a momentum m, ``v <- m v - r g`` and ``w + v``.

    Attributes:
        learning_rate: r.
        momentum: m, the part of the last move that is made again.
        nesterov: look ahead, ``w + m v - r g``. Sutskever et al. 2013,
            https://proceedings.mlr.press/v28/sutskever13.html
    """

    type: Literal["sgd"] = "sgd"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.01))
    momentum: Decay = 0.0
    nesterov: bool = False

    @field_validator("nesterov")
    @classmethod
    def _has_momentum(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("momentum") == 0:
            text = "nesterov has no effect without momentum; write a `momentum`, such as 0.9"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return value

    def slots(self, weight: Weight) -> int:
        """v, where there is a momentum."""
        return weight.size if self.momentum else 0

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.SGD``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.SGD(**settings)
