"""Training ended while it was still getting better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.course import Course, lowest, noise, shown
from dltrain.coach.finding import Finding

_FEWEST_EPOCHS = 4
_GAIN = 0.05
_NOISES = 3


@dataclass(frozen=True)
class Gain:
    """What the last quarter of the epochs brought.

    Attributes:
        epochs: how many these are.
        before: the validation loss before them.
        after: that of the last epoch.
    """

    epochs: int
    before: float
    after: float


def late_gain(course: Course) -> Gain | None:
    """What the last quarter of all planned epochs brought; None where it was not worth more of them.

    The validation loss is lowest in the last epoch, by 5 % and three times the noise lower than before
    the last quarter; the monitored score got better meanwhile too, so that the weights of one of these
    epochs are kept; and the learning rate has not come down, so that a longer run would go on so.
    """
    validation, costs = course.validation, course.costs
    if course.epochs < max(_FEWEST_EPOCHS, course.planned) or not validation or course.annealed:
        return None
    window = max(2, course.epochs // 4)
    before, after = validation[-1 - window], validation[-1]
    gained = before - after > max(_GAIN * abs(after), _NOISES * noise(validation))
    better = not costs or min(costs[-window:]) < min(costs[:-window])
    best = lowest(validation) == len(validation) - 1
    return Gain(window, before, after) if gained and better and best else None


class StillImproving(Check):
    """More epochs would have helped."""

    name: ClassVar[str] = "still_improving"
    rank: ClassVar[int] = 80
    explains: ClassVar[tuple[str, ...]] = ("underfitting",)

    def find(self, case: Case) -> Finding | None:
        """See `late_gain`."""
        if (found := late_gain(case.course)) is None:
            return None
        epochs = case.course.epochs
        fell = f"val_loss fell from {shown(found.before)} to {shown(found.after)} in the last {found.epochs} epochs"
        text = f"still improved when it ended after epoch {epochs}: {fell}"
        remedy = f"go on with `--resume RUN --set trainer.epochs={2 * epochs}`, or that many from the start"
        numbers = {"epochs": epochs, "window": found.epochs, "val_loss": [found.before, found.after]}
        return Finding(self.name, text, "trainer.epochs", remedy, numbers)
