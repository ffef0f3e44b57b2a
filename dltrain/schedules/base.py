"""The family of learning-rate schedules, and how they say durations."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError
from typing_extensions import override

from dltrain.spec.family import Family
from dltrain.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    import keras

LearningRate = Annotated[float, Field(ge=1e-12, le=1000)]
"""A lower one would change no weight in 32 bits."""
Fraction = Annotated[float, Field(ge=0, le=1)]


class Horizon(NamedTuple):
    """How long training will last, as schedules need to know it.

    A step is a batch, also where an optimizer accumulates the gradients of several batches
    before it changes weights: Keras asks schedules by the number of batches seen.

    Attributes:
        steps_per_epoch: batches in an epoch.
        epochs: the planned number of epochs.
    """

    steps_per_epoch: int
    epochs: int

    @property
    def steps(self) -> int:
        """All batches of the run."""
        return self.steps_per_epoch * self.epochs

    def steps_in(self, epochs: float) -> int:
        """The number of steps nearest to so many epochs, at least one."""
        return max(1, round(epochs * self.steps_per_epoch))


def _without_steps(value: float | None, info: ValidationInfo) -> float | None:
    """Refuses `X_epochs` beside `X_steps`, which is the field before it."""
    epochs = str(info.field_name)
    steps = epochs.removesuffix("epochs") + "steps"
    if value is not None and info.data.get(steps) is not None:
        raise PydanticCustomError("setting", "{text}", {"text": f"{steps} and {epochs} are both given; keep one"})
    return value


Steps = Annotated[int, Field(ge=1, le=10**12)] | None
"""A duration in batches; None where it is given in epochs, or is the rest of the run."""

Epochs = Annotated[Annotated[float, Field(gt=0, le=1e6)] | None, AfterValidator(_without_steps)]
"""A duration in epochs, fractions allowed; None where it is given in steps, or is the rest of the run."""


class ScheduleSpec(Family):
    """A learning rate; a bare number is a constant one.

    Durations are given in steps, as in Keras (``decay_steps``), or in epochs (``decay_epochs``).
    A step is a batch.
    """

    noun: ClassVar[str] = "schedule"
    default_type: ClassVar[str | None] = "constant"

    @classmethod
    @override
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """A misspelt name of a schedule must not be taken for a setting of a constant one."""
        return "constant" if "learning_rate" in values else None

    @classmethod
    @override
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """A constant one."""
        return {"constant": {"required": ["learning_rate"]}}

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """Durations in steps or in epochs."""
        from dltrain.spec.json_types import not_together

        return [
            not_together(name, f"{name.removesuffix('steps')}epochs")
            for name in cls.model_fields
            if name.endswith("_steps")
        ]

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """The arguments of the Keras schedule that depend on the length of the run; needs no Keras.

        Raises:
            SpecError: the schedule does not fit the horizon, e.g. it is longer than the run; the
                path is relative to the schedule.
        """
        raise NotImplementedError

    def build(self, horizon: Horizon) -> "float | keras.optimizers.schedules.LearningRateSchedule":
        """What Keras optimizers take as `learning_rate`.

        Raises:
            SpecError: as `timing` does.
        """
        raise NotImplementedError

    def duration(self, name: str, horizon: Horizon) -> int | None:
        """The steps that ``<name>_steps`` or ``<name>_epochs`` asks for; None where neither is given.

        Raises:
            SpecError: it is longer than the run.
        """
        if (epochs := getattr(self, f"{name}_epochs")) is not None:
            if epochs > horizon.epochs:
                length = f"the run of {count(horizon.epochs, 'epoch')}"
                text = f"{epochs:g} epochs are longer than {length}; lower it, or raise `trainer.epochs`"
                raise SpecError([Problem(text, (f"{name}_epochs",))])
            return horizon.steps_in(epochs)
        steps: int | None = getattr(self, f"{name}_steps")
        if steps is not None and steps > horizon.steps:
            text = f"{steps} steps are longer than {describe(horizon)}; lower it, or raise `trainer.epochs`"
            raise SpecError([Problem(text, (f"{name}_steps",))])
        return steps


def describe(horizon: Horizon) -> str:
    """``the run of 12 epochs of 100 steps, 1200 in all``."""
    each = count(horizon.steps_per_epoch, "step")
    return f"the run of {count(horizon.epochs, 'epoch')} of {each}, {horizon.steps} in all"


def count(number: int, noun: str) -> str:
    """``1 epoch``, ``12 epochs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
