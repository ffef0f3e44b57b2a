"""The family of optimizers, and what all of Keras's have in common."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.signature import Weight
from dltrain.spec.family import Family
from dltrain.spec.fields import Count, Decay, NonNegative, Positive
from dltrain.spec.problems import below

if TYPE_CHECKING:
    import keras

Epsilon = Annotated[float, Field(gt=0, le=1)]
"""A small number that keeps a division defined."""

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


class OptimizerSpec(Family):
    """How weights follow gradients.

    Fields carry the names and defaults of the Keras optimizer's arguments. In the equations, w
    is a weight, g its gradient, r the learning rate, t the number of the update from 1, and
    operations are element by element.

    Attributes:
        weight_decay: each update first takes the part ``learning_rate * weight_decay`` off every weight.
        clipnorm: the largest norm of the gradient of one weight tensor; larger ones are scaled down.
        clipvalue: the largest absolute value in a gradient; larger ones are cut.
        global_clipnorm: the largest norm of all gradients together. One clip at most can be used.
        use_ema: keep a moving average of the weights and use it in the end.
        ema_momentum: the part of the average that each batch keeps.
        ema_overwrite_frequency: after so many updates the weights themselves become the average;
            by default only in the end.
        loss_scale_factor: the loss is multiplied, and gradients are divided, by this number, so
            that small gradients survive half precision.
        gradient_accumulation_steps: the batches whose mean gradient makes one update, from 2.
            Schedules go on counting batches, so that an epoch stays an epoch.
    """

    noun: ClassVar[str] = "optimizer"
    slots_per_weight: ClassVar[int]
    """How many numbers it remembers for each weight, where `slots` does not say otherwise."""
    if TYPE_CHECKING:
        # Each subclass has it with its own default: the first argument of an optimizer is its
        # first field that is not a field of this class.
        learning_rate: ScheduleSpec

    weight_decay: NonNegative | None = None
    clipnorm: Positive | None = None
    clipvalue: Positive | None = None
    global_clipnorm: Positive | None = None
    use_ema: bool = False
    ema_momentum: Decay = 0.99
    ema_overwrite_frequency: Count | None = None
    loss_scale_factor: Positive | None = None
    gradient_accumulation_steps: Annotated[int, Field(ge=2, le=1_000_000)] | None = None

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """One clip at most."""
        from dltrain.spec.json_types import not_together

        return [not_together(*_CLIPS)]

    @field_validator("clipvalue", "global_clipnorm")
    @classmethod
    def _clips_alone(cls, value: float | None, info: ValidationInfo) -> float | None:
        earlier = [name for name in _CLIPS if info.data.get(name) is not None]
        if value is not None and earlier:
            text = f"{earlier[0]} and {info.field_name} are both given; keep one"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return value

    @field_validator("ema_overwrite_frequency")
    @classmethod
    def _overwrites_with_an_average(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("use_ema") is False:
            text = "ema_overwrite_frequency has no effect without the average; write `use_ema: true`"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return value

    def slots(self, weight: Weight) -> int:
        """How many numbers it remembers for a tensor of weights that it trains, but for single ones."""
        return self.slots_per_weight * weight.size

    def state_size(self, weights: Iterable[Weight]) -> int:
        """How many numbers it remembers for all weights of a model, but for single ones such as the count of steps."""
        averages = self.use_ema + (self.gradient_accumulation_steps is not None)
        return sum(self.slots(weight) + averages * weight.size for weight in weights if weight.trainable)

    def check(self, horizon: Horizon) -> None:
        """Whether the learning rate fits a run of this length; needs no Keras.

        Raises:
            SpecError: it does not; the path starts with ``learning_rate``.
        """
        with below("learning_rate"):
            self.learning_rate.timing(horizon)

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """The Keras optimizer for a run of this length.

        Raises:
            SpecError: as `check` does.
        """
        raise NotImplementedError

    def settings(self, horizon: Horizon) -> dict[str, Any]:
        """The arguments of the Keras optimizer, the learning rate as it takes it."""
        self.check(horizon)
        return {"learning_rate": self.learning_rate.build(horizon), **self.arguments("learning_rate")}
