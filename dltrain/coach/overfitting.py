"""The model learns its training rows by heart."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.course import Course, lowest, noise, shown
from dltrain.coach.finding import Finding
from dltrain.coach.settings import regularize

RISE = 0.1
"""By this share of its lowest value the validation loss has risen."""

_FALL = 0.1
_NOISES = 3
_GAIN = 0.02


@dataclass(frozen=True)
class Turn:
    """Where the validation loss turned.

    Attributes:
        epoch: of its lowest value, from 1.
        lowest: that value.
        later: the median of the last half of the epochs after it.
        trained: the training loss in both.
    """

    epoch: int
    lowest: float
    later: float
    trained: tuple[float, float]


def turn(course: Course) -> Turn | None:
    """Where the validation loss began to rise while the training loss went on falling; None where it did not.

    At least two epochs come after the lowest value, all of the last half of them are above it, their
    median by a tenth of it and by three times the noise, and the training loss fell by a tenth
    meanwhile. What the monitored score gained after it, beyond noise, speaks against it.
    """
    validation, training, costs = course.validation, course.of("loss"), course.costs
    if len(validation) < 3 or not training:
        return None
    low = lowest(validation)
    after = len(validation) - 1 - low
    if after < 2 or validation[low] <= 0 or training[low] <= 0:
        return None
    tail = validation[-max(2, after // 2) :]
    rise = median(tail) - validation[low]
    rises = min(tail) > validation[low] and rise > max(RISE * validation[low], _NOISES * noise(validation))
    falls = training[-1] < (1 - _FALL) * training[low]
    gained = bool(costs) and costs[low] - min(costs[low:]) > max(2 * noise(costs), _GAIN * abs(costs[low]), course.step)
    if not rises or not falls or gained:
        return None
    return Turn(low + 1, validation[low], median(tail), (training[low], training[-1]))


class Overfitting(Check):
    """The validation loss rises while the training loss falls."""

    name: ClassVar[str] = "overfitting"
    rank: ClassVar[int] = 70

    def find(self, case: Case) -> Finding | None:
        """See `turn`."""
        if (found := turn(case.course)) is None:
            return None
        change = regularize(case.experiment, case.assembly.plan)
        rose = f"val_loss rose from {shown(found.lowest)} to {shown(found.later)}"
        fell = f"the training loss fell from {shown(found.trained[0])} to {shown(found.trained[1])}"
        last = case.course.epochs
        text = f"overfits after epoch {found.epoch}: by epoch {last}, {rose} while {fell}"
        numbers = {"epoch": found.epoch, "val_loss": [found.lowest, found.later], "loss": list(found.trained)}
        return Finding(self.name, text, change.key, change.text, numbers)
