"""A learning rate that rises once and falls far."""

from functools import cache
from math import pi
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dltrain.schedules.base import Epochs, Horizon, LearningRate, ScheduleSpec, Steps

if TYPE_CHECKING:
    import keras

Divisor = Annotated[float, Field(ge=1, le=1e9)]


class OneCycle(ScheduleSpec):
    """Rises to a high learning rate and falls to a very low one; there is none such in Keras.

    With d steps in the cycle, of which ``u = rise d`` go up, at step t::

        low + (max - low) (1 - cos(pi t / u)) / 2                           for t < u
        end + (max - end) (1 + cos(pi (min(t, d) - u) / (d - u))) / 2       afterwards

    where ``low = max / div_factor`` and ``end = low / final_div_factor``. With ``anneal: linear``
    both are lines. The policy is that of Smith & Topin 2018, https://arxiv.org/abs/1708.07120,
    section 3, which rises and falls along lines; the cosines and the defaults are those of
    fastai and of ``torch.optim.lr_scheduler.OneCycleLR``. The momentum stays as it is.

    Attributes:
        max_learning_rate: max, at the top.
        cycle_steps: d; by default the whole run.
        cycle_epochs: d in epochs, instead of `cycle_steps`.
        rise: the part of the cycle that goes up.
        div_factor: how many times lower than max it starts.
        final_div_factor: how many times lower than its start it ends.
        anneal: ``cosine`` or ``linear``.
    """

    type: Literal["one_cycle"] = "one_cycle"
    max_learning_rate: LearningRate
    cycle_steps: Steps = None
    cycle_epochs: Epochs = None
    rise: Annotated[float, Field(gt=0, lt=1)] = 0.3
    div_factor: Divisor = 25.0
    final_div_factor: Divisor = 1e4
    anneal: Literal["cosine", "linear"] = "cosine"

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`cycle_steps`, by default the run."""
        return {"cycle_steps": self.duration("cycle", horizon) or horizon.steps}

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """A ``LearningRateSchedule`` for every backend of Keras."""
        timing = self.timing(horizon)
        low = self.max_learning_rate / self.div_factor
        return _schedule_class()(
            low=low,
            top=self.max_learning_rate,
            end=low / self.final_div_factor,
            rise_steps=self.rise * timing["cycle_steps"],
            anneal=self.anneal,
            **timing,
        )


def _rate(step: Any, plan: dict[str, Any]) -> Any:
    """The learning rate at `step`, a tensor of any backend, as a float32 tensor."""
    from keras import ops

    up, all_steps = plan["rise_steps"], plan["cycle_steps"]
    step = ops.minimum(ops.cast(step, "float32"), float(all_steps))

    def between(start: float, stop: float, part: Any) -> Any:
        weight = part if plan["anneal"] == "linear" else (1.0 - ops.cos(pi * part)) / 2.0
        return start + (stop - start) * weight

    rising = between(plan["low"], plan["top"], step / up)
    falling = between(plan["top"], plan["end"], (step - up) / (all_steps - up))
    return ops.where(step < up, rising, falling)


@cache
def _schedule_class() -> Any:
    """The class, made once: its base exists only after Keras is imported."""
    import keras

    @keras.saving.register_keras_serializable(package="dltrain")
    class OneCycleSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
        """The plan of a `OneCycle`, which Keras asks at every step."""

        def __init__(self, **plan: Any) -> None:
            super().__init__()
            self.plan = plan

        def __call__(self, step: Any) -> Any:
            return _rate(step, self.plan)

        def get_config(self) -> dict[str, Any]:
            return dict(self.plan)

    return OneCycleSchedule
