"""Steps are so large that they undo one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.course import Course, lowest, shown
from dltrain.coach.finding import Finding
from dltrain.coach.settings import lower_rate

_FEWEST_EPOCHS = 4
_JUMP = 0.1
_OF_ALL = 0.03
_MANY = 0.25
_BLOWN_UP = 1.5


@dataclass(frozen=True)
class Unrest:
    """What the training loss did that it should not.

    Attributes:
        kind: ``jumps`` or ``rises``.
        epochs: after which the loss jumped, or the one of its lowest value; from 1.
        loss: before and after the largest jump, or lowest and last.
    """

    kind: str
    epochs: tuple[int, ...]
    loss: tuple[float, float]


def unrest(course: Course) -> Unrest | None:
    """Whether the training loss jumps up and down, or ends above half of what it was; None where it is calm.

    It jumps where it rises by a tenth, and by 3 % of its first value, in a quarter of the epochs of the
    second half, at least twice. It has risen where it ends at 1.5 times the value of an earlier epoch,
    having gained back a third of what it had lost. The loss of the training rows is what the optimizer makes
    small; noise of rows that are held out is not in it.
    """
    loss = course.of("loss")
    if len(loss) < _FEWEST_EPOCHS or min(loss) <= 0 or course.annealed:
        return None
    jumps = [
        epoch
        for epoch in range(len(loss) // 2, len(loss))
        if loss[epoch] > (1 + _JUMP) * loss[epoch - 1] and loss[epoch] - loss[epoch - 1] > _OF_ALL * loss[0]
    ]
    if len(jumps) >= max(2, _MANY * (len(loss) - len(loss) // 2)):
        largest = max(jumps, key=lambda epoch: loss[epoch] - loss[epoch - 1])
        return Unrest("jumps", tuple(epoch + 1 for epoch in jumps), (loss[largest - 1], loss[largest]))
    low = lowest(loss)
    tail = min(loss[-2:])
    lost = max(loss[0] - loss[low], 0.0)
    if low < len(loss) - 2 and tail > _BLOWN_UP * loss[low] and tail - loss[low] > lost / 3:
        return Unrest("rises", (low + 1,), (loss[low], loss[-1]))
    return None


class LearningRateHigh(Check):
    """The training loss does not come down calmly."""

    name: ClassVar[str] = "learning_rate_high"
    rank: ClassVar[int] = 20
    explains: ClassVar[tuple[str, ...]] = ("underfitting", "still_improving", "overfitting", "dead_relu")

    def find(self, case: Case) -> Finding | None:
        """See `unrest`."""
        if (found := unrest(case.course)) is None:
            return None
        highest = max(case.course.of("learning_rate"))
        change = lower_rate(case.experiment, highest)
        before, after = map(shown, found.loss)
        if found.kind == "jumps":
            count, last = len(found.epochs), case.course.epochs
            said = f"rose by a tenth or more in {count} of the epochs {last // 2 + 1} to {last}"
            text = f"the learning rate {highest:g} is too high: the training loss {said}, as from {before} to {after}"
        else:
            said = f"was {before} in epoch {found.epochs[0]} and {after} in the end"
            text = f"the learning rate {highest:g} is too high: the training loss {said}"
        numbers = {"learning_rate": highest, "epochs": list(found.epochs), "loss": list(found.loss)}
        return Finding(self.name, text, change.key, change.text, numbers)
