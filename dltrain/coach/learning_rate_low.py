"""Steps are so small that training hardly moves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.course import Course, lowest, shown
from dltrain.coach.finding import Finding
from dltrain.coach.settings import rate_of
from dltrain.schedules.constant import Constant

_FEWEST_EPOCHS = 4
_FALLING = 0.9
_AS_FAST = 0.3
_MOST_FALL = 0.5
_LEAST_FALL = 0.001
_BELOW_DEFAULT = 1 / 3


@dataclass(frozen=True)
class Crawl:
    """A slow and steady fall.

    Attributes:
        loss: the training loss of the first and of the last epoch.
        slowing: how fast it fell in the last third of the epochs, as a part of how fast in the first third.
    """

    loss: tuple[float, float]
    slowing: float


def crawl(course: Course) -> Crawl | None:
    """Whether the training loss falls slowly and steadily to the end; None where it does not.

    It falls in nine of ten epochs, by less than half in all, in the last third of them at least 0.3
    times as fast as in the first, and the validation loss is lowest in the last epoch.
    """
    loss, validation = course.of("loss"), course.validation
    if len(loss) < _FEWEST_EPOCHS or loss[-1] <= 0 or course.annealed:
        return None
    steps = [before - after for before, after in pairwise(loss)]
    third = max(1, len(steps) // 3)
    first, last = sum(steps[:third]), sum(steps[-third:])
    steady = sum(step > 0 for step in steps) >= _FALLING * len(steps) and last >= _AS_FAST * first > 0
    slow = _LEAST_FALL < (loss[0] - loss[-1]) / loss[0] < _MOST_FALL
    if not steady or not slow or (validation and lowest(validation) < len(validation) - 1):
        return None
    return Crawl((loss[0], loss[-1]), last / first)


class LearningRateLow(Check):
    """The learning rate is far below the optimizer's usual one, and the loss falls slowly and steadily."""

    name: ClassVar[str] = "learning_rate_low"
    rank: ClassVar[int] = 60
    explains: ClassVar[tuple[str, ...]] = ("still_improving", "underfitting", "never_predicted")

    def find(self, case: Case) -> Finding | None:
        """See `crawl`."""
        rates, usual = case.course.of("learning_rate"), _usual(case)
        if not rates or usual is None or max(rates) > _BELOW_DEFAULT * usual:
            return None
        if (found := crawl(case.course)) is None:
            return None
        change = rate_of(case.experiment, usual, max(rates))
        fell = f"fell steadily, and only from {shown(found.loss[0])} to {shown(found.loss[1])}"
        text = f"the learning rate {max(rates):g} is too low: the training loss {fell} in {case.course.epochs} epochs"
        numbers = {"learning_rate": max(rates), "usual": usual, "loss": list(found.loss), "slowing": found.slowing}
        return Finding(self.name, text, change.key, change.text, numbers)


def _usual(case: Case) -> float | None:
    """The default of the optimizer's learning rate."""
    default = type(case.experiment.optimizer).model_fields["learning_rate"].get_default(call_default_factory=True)
    return default.learning_rate if isinstance(default, Constant) else None
