"""Learning rates that change by steps."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from dltrain.schedules.base import Horizon, LearningRate, ScheduleSpec, describe
from dltrain.spec.fields import Sequence
from dltrain.spec.problems import Path, Problem, SpecError

if TYPE_CHECKING:
    import keras


def _rising(value: tuple[float, ...] | None) -> tuple[float, ...] | None:
    for before, after in pairwise(value or ()):
        if after <= before:
            text = f"{after:g} comes after {before:g}; write boundaries from small to large"
            raise PydanticCustomError("setting", "{text}", {"text": text})
    return value


_Step = Annotated[int, Field(ge=1, le=10**12)]
_Epoch = Annotated[float, Field(gt=0, le=1e6)]


class PiecewiseConstantDecay(ScheduleSpec):
    """The first value up to the first boundary, the second up to the second, and so on.

    ``{boundaries_epochs: [6, 9], values: [0.1, 0.01, 0.001]}`` trains six epochs at 0.1, three
    at 0.01, and the rest at 0.001.

    Attributes:
        boundaries: in steps, rising; as in Keras, step b itself, counted from 0, still has the
            value before the boundary b.
        boundaries_epochs: in epochs, rising, fractions allowed, instead of `boundaries`; the
            first step after so many epochs has the value after the boundary.
        values: one more than there are boundaries.
    """

    type: Literal["piecewise_constant_decay"] = "piecewise_constant_decay"
    aliases: ClassVar[tuple[str, ...]] = ("step",)
    boundaries: Annotated[
        Annotated[tuple[_Step, ...], Sequence, Field(min_length=1, max_length=1000)] | None, AfterValidator(_rising)
    ] = None
    boundaries_epochs: Annotated[
        Annotated[tuple[_Epoch, ...], Sequence, Field(min_length=1, max_length=1000)] | None, AfterValidator(_rising)
    ] = None
    values: Annotated[tuple[LearningRate, ...], Sequence]

    @field_validator("boundaries_epochs", mode="after")
    @classmethod
    def _given_once(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and info.data.get("boundaries") is not None:
            text = "boundaries and boundaries_epochs are both given; keep one"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return value

    @field_validator("values")
    @classmethod
    def _one_more(cls, values: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if not {"boundaries", "boundaries_epochs"} <= info.data.keys():
            return values
        boundaries = info.data["boundaries"] or info.data["boundaries_epochs"]
        if not boundaries:
            text = "the boundaries are missing; write `boundaries_epochs` or `boundaries`"
        elif len(values) != len(boundaries) + 1:
            written = f"the number of boundaries is {len(boundaries)} and of values {len(values)}"
            text = f"{written}; write one value more than boundaries"
        else:
            return values
        raise PydanticCustomError("setting", "{text}", {"text": text})

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`boundaries` in steps, all of them within the run."""
        if self.boundaries is not None:
            for index, step in enumerate(self.boundaries):
                # Step b still has the value before it, and the last step is horizon.steps - 1.
                if step > horizon.steps - 2:
                    raise _outside(("boundaries", index), f"step {step}", horizon)
            return {"boundaries": list(self.boundaries)}
        written = self.boundaries_epochs or ()
        steps = [horizon.steps_in(epochs) - 1 for epochs in written]
        for index, step in enumerate(steps):
            if step > horizon.steps - 2:
                raise _outside(("boundaries_epochs", index), f"epoch {written[index]:g}", horizon)
            if index and step == steps[index - 1]:
                text = f"epochs {written[index - 1]:g} and {written[index]:g} end with the same step; keep one"
                raise SpecError([Problem(text, ("boundaries_epochs", index))])
        return {"boundaries": steps}

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.PiecewiseConstantDecay``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.PiecewiseConstantDecay(values=list(self.values), **timing)


def _outside(path: Path, boundary: str, horizon: Horizon) -> SpecError:
    text = f"nothing is trained after {boundary} in {describe(horizon)}; lower it, or raise `trainer.epochs`"
    return SpecError([Problem(text, path)])
