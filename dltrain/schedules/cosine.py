"""Learning rates that follow half a cosine."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dltrain.schedules.base import Epochs, Fraction, Horizon, LearningRate, ScheduleSpec, Steps
from dltrain.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    import keras


class CosineDecay(ScheduleSpec):
    """Falls along half a cosine, after an optional linear warm-up.

    With w steps of warm-up and d of decay, at step t::

        initial + (target - initial) t / w                                    for t < w
        start ((1 - alpha) (1 + cos(pi min(t - w, d) / d)) / 2 + alpha)       afterwards

    where start is `warmup_target`, or without warm-up `initial_learning_rate`. Loshchilov &
    Hutter 2017, https://arxiv.org/abs/1608.03983, equation 5; the warm-up is that of Goyal et
    al. 2017, https://arxiv.org/abs/1706.02677, section 2.2.

    Attributes:
        initial_learning_rate: at the first step; may be 0 where there is a warm-up.
        decay_steps: d; by default the rest of the run.
        decay_epochs: d in epochs, instead of `decay_steps`.
        alpha: the learning rate at the end, as a fraction of start.
        warmup_target: the learning rate after the warm-up.
        warmup_steps: w; by default there is no warm-up.
        warmup_epochs: w in epochs, instead of `warmup_steps`.
    """

    type: Literal["cosine_decay"] = "cosine_decay"
    aliases: ClassVar[tuple[str, ...]] = ("cosine",)
    initial_learning_rate: Annotated[float, Field(ge=0, le=1000)]
    decay_steps: Steps = None
    decay_epochs: Epochs = None
    alpha: Fraction = 0.0
    warmup_target: LearningRate | None = None
    warmup_steps: Steps = None
    warmup_epochs: Epochs = None

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """A warm-up has a target and a length."""
        lengths = ["warmup_epochs", "warmup_steps"]
        target = {"warmup_target": {"anyOf": [{"required": [name]} for name in lengths]}}
        return [*super().json_rules(), {"dependencies": {**target, **{name: ["warmup_target"] for name in lengths}}}]

    @model_validator(mode="after")
    def _warmup_is_complete(self) -> Self:
        """Keras ignores a duration without a target, and a first learning rate without a duration."""
        lasts = self.warmup_steps is not None or self.warmup_epochs is not None
        if lasts and self.warmup_target is None:
            key = "warmup_steps" if self.warmup_epochs is None else "warmup_epochs"
            text = f"{key} needs `warmup_target`, the learning rate after the warm-up; write both or neither"
        elif self.warmup_target is not None and not lasts:
            text = "warmup_target needs the length of the warm-up; write `warmup_epochs` or `warmup_steps`"
        elif not self.initial_learning_rate and not lasts:
            text = "an initial_learning_rate of 0 trains nothing; raise it, or write a `warmup_target`"
        else:
            return self
        raise PydanticCustomError("setting", "{text}", {"text": text})

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`decay_steps` and `warmup_steps`; together at most the run."""
        warmup = self.duration("warmup", horizon) or 0
        decay = self.duration("decay", horizon)
        left = horizon.steps - warmup
        if left < 1:
            key = "warmup_steps" if self.warmup_epochs is None else "warmup_epochs"
            raise SpecError([Problem("the warm-up takes the whole run and leaves nothing to decay; lower it", (key,))])
        if decay is not None and decay > left:
            key = "decay_steps" if self.decay_epochs is None else "decay_epochs"
            text = (
                f"a decay of {decay} steps after a warm-up of {warmup} is longer than the run of {horizon.steps};"
                f" lower it, or leave it out for the {left} steps that are left"
            )
            raise SpecError([Problem(text, (key,))])
        return {"decay_steps": left if decay is None else decay, "warmup_steps": warmup}

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.CosineDecay``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.CosineDecay(
            self.initial_learning_rate, alpha=self.alpha, warmup_target=self.warmup_target, **timing
        )


class CosineDecayRestarts(ScheduleSpec):
    """Cosine decays one after the other, each starting high again (SGDR).

    The i-th decay, from 0, lasts ``first_decay t_mul^i`` steps. A fraction x of it in::

        initial ((1 - alpha) m_mul^i (1 + cos(pi x)) / 2 + alpha)

    The last one may be cut by the end of the run. Loshchilov & Hutter 2017,
    https://arxiv.org/abs/1608.03983, equation 5.

    Attributes:
        initial_learning_rate: at the first step.
        first_decay_steps: the length of the first decay.
        first_decay_epochs: the same in epochs, instead of `first_decay_steps`.
        t_mul: how many times longer each decay is than the one before, from 1.
        m_mul: how many times higher each decay starts than the one before.
        alpha: the lowest learning rate, as a fraction of the initial one.
    """

    type: Literal["cosine_decay_restarts"] = "cosine_decay_restarts"
    initial_learning_rate: LearningRate
    first_decay_steps: Steps = None
    first_decay_epochs: Annotated[Epochs, Field(validate_default=True)] = None
    t_mul: Annotated[float, Field(ge=1, le=100)] = 2.0
    m_mul: Annotated[float, Field(gt=0, le=100)] = 1.0
    alpha: Fraction = 0.0

    @field_validator("first_decay_epochs", mode="after")
    @classmethod
    def _has_a_length(cls, value: float | None, info: Any) -> float | None:
        if value is None and info.data.get("first_decay_steps", 0) is None:
            text = "the length of the first decay is missing; write `first_decay_epochs` or `first_decay_steps`"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return value

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`first_decay_steps`, at most the run."""
        return {"first_decay_steps": self.duration("first_decay", horizon)}

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.CosineDecayRestarts``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.CosineDecayRestarts(
            self.initial_learning_rate, t_mul=self.t_mul, m_mul=self.m_mul, alpha=self.alpha, **timing
        )
