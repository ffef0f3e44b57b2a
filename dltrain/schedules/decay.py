"""Learning rates that fall along a power, a hyperbola or a polynomial."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from dltrain.schedules.base import Epochs, Horizon, LearningRate, ScheduleSpec, Steps

if TYPE_CHECKING:
    import keras


class RateOfDecay(ScheduleSpec):
    """A schedule that falls at a rate for ever, not by a plan that ends.

    Its duration only says what the rate refers to, so it may be longer than the run, except
    with a staircase, which would then have no stair.
    """

    if TYPE_CHECKING:
        # Subclasses have them among their own fields, in Keras's order.
        initial_learning_rate: LearningRate
        decay_steps: Steps
        decay_epochs: Epochs
        decay_rate: float
        staircase: bool

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`decay_steps`, by default the run."""
        if self.staircase:
            return {"decay_steps": self.duration("decay", horizon) or horizon.steps}
        if self.decay_epochs is not None:
            return {"decay_steps": horizon.steps_in(self.decay_epochs)}
        return {"decay_steps": self.decay_steps or horizon.steps}


class ExponentialDecay(RateOfDecay):
    """``initial decay_rate^(t / d)`` at step t; with a staircase, t / d is rounded down.

    Attributes:
        initial_learning_rate: at the first step.
        decay_steps: d; by default the whole run.
        decay_epochs: d in epochs, instead of `decay_steps`.
        decay_rate: what d steps multiply the learning rate by.
        staircase: fall all at once after every d steps.
    """

    type: Literal["exponential_decay"] = "exponential_decay"
    aliases: ClassVar[tuple[str, ...]] = ("exponential",)
    initial_learning_rate: LearningRate
    decay_steps: Steps = None
    decay_epochs: Epochs = None
    decay_rate: Annotated[float, Field(gt=0, le=1)]
    staircase: bool = False

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.ExponentialDecay``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.ExponentialDecay(
            self.initial_learning_rate, decay_rate=self.decay_rate, staircase=self.staircase, **timing
        )


class InverseTimeDecay(RateOfDecay):
    """``initial / (1 + decay_rate t / d)`` at step t; with a staircase, t / d is rounded down.

    Attributes:
        initial_learning_rate: at the first step.
        decay_steps: d; by default the whole run.
        decay_epochs: d in epochs, instead of `decay_steps`.
        decay_rate: what d steps add to the divisor.
        staircase: fall all at once after every d steps.
    """

    type: Literal["inverse_time_decay"] = "inverse_time_decay"
    initial_learning_rate: LearningRate
    decay_steps: Steps = None
    decay_epochs: Epochs = None
    decay_rate: Annotated[float, Field(gt=0, le=1e9)]
    staircase: bool = False

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.InverseTimeDecay``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.InverseTimeDecay(
            self.initial_learning_rate, decay_rate=self.decay_rate, staircase=self.staircase, **timing
        )


class PolynomialDecay(ScheduleSpec):
    """``(initial - end) (1 - min(t, d) / d)^power + end`` at step t.

    With `cycle`, d is replaced by the first multiple of d that is t or more: the learning rate
    jumps up after every d steps and falls again, and the run may end at any point of that.

    Attributes:
        initial_learning_rate: at the first step.
        decay_steps: d; by default the whole run.
        decay_epochs: d in epochs, instead of `decay_steps`.
        end_learning_rate: from step d on.
        power: 1 falls along a line, 2 along a parabola.
        cycle: start again, instead of staying at the end.
    """

    type: Literal["polynomial_decay"] = "polynomial_decay"
    aliases: ClassVar[tuple[str, ...]] = ("polynomial",)
    initial_learning_rate: LearningRate
    decay_steps: Steps = None
    decay_epochs: Epochs = None
    end_learning_rate: Annotated[float, Field(ge=0, le=1000)] = 0.0001
    power: Annotated[float, Field(gt=0, le=100)] = 1.0
    cycle: bool = False

    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """`decay_steps`, by default the run."""
        return {"decay_steps": self.duration("decay", horizon) or horizon.steps}

    def build(self, horizon: Horizon) -> "keras.optimizers.schedules.LearningRateSchedule":
        """``keras.optimizers.schedules.PolynomialDecay``."""
        timing = self.timing(horizon)
        import keras

        return keras.optimizers.schedules.PolynomialDecay(
            self.initial_learning_rate,
            end_learning_rate=self.end_learning_rate,
            power=self.power,
            cycle=self.cycle,
            **timing,
        )
