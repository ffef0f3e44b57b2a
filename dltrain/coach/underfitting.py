"""The model cannot fit even its training rows."""

from __future__ import annotations

from typing import Any, ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.course import Course, shown
from dltrain.coach.finding import Finding
from dltrain.coach.settings import Change, enlarge

_FEW_EPOCHS = 4
_FALL = 0.9
_STILL_FALLS = 0.98


class Underfitting(Check):
    """A simple model is better, and training rows are predicted no better than others.

    The best baseline beats the network on the held-out rows by more than chance, and the network's score on its
    own training rows lies within the interval of its held-out score or is worse: it has not learned them by heart,
    it has not learned. Where epochs after the kept one lowered the training loss, it could have.
    """

    name: ClassVar[str] = "underfitting"
    rank: ClassVar[int] = 50

    def find(self, case: Case) -> Finding | None:
        """See the class."""
        verdict = case.verdict
        if case.held is None or verdict is None or case.weighted or not verdict.get("interval"):
            return None
        metric, split = verdict["metric"], verdict["split"]
        own, held = case.measured["train"].scores.get(metric), case.measured[split].scores.get(metric)
        around = case.measured[split].intervals.get(metric)
        if own is None or held is None or around is None or verdict["interval"][1] >= 0:
            return None
        more = case.experiment.mode(metric) == "max"
        if (own > max(around) if more else own < min(around)) or _could_learn(case.course):
            return None
        change = _change(case, verdict["baseline"])
        better = held + verdict["difference"] * (-1 if more else 1)
        other = str(verdict["baseline"]).replace("_", " ")
        text = (
            f"underfits: {metric} is {shown(own)} on its own training rows and {shown(held)} on {split} rows, "
            f"where {other} has {shown(better)}"
        )
        numbers: dict[str, Any] = {"metric": metric, "train": own, split: held, "baseline": better}
        return Finding(self.name, text, change.key, change.text, numbers)


def _could_learn(course: Course) -> bool:
    loss = course.of("loss")
    return not loss or loss[-1] < _FALL * loss[course.kept - 1]


def _falls(course: Course) -> bool:
    """Whether the training loss fell by 2 % in the last quarter of at least four epochs."""
    loss = course.of("loss")
    return bool(loss) and not course.annealed and loss[-1] < _STILL_FALLS * loss[-1 - max(2, len(loss) // 4)]


def _change(case: Case, baseline: Any) -> Change:
    epochs = case.course.epochs
    if baseline == "naive_forecast" and not case.experiment.task.learns_difference:  # type: ignore[union-attr]
        return Change("task.difference", "`task: {regression: {difference: true}}`")
    if case.course.planned == epochs and (epochs < _FEW_EPOCHS or _falls(case.course)):
        return Change("trainer.epochs", f"`trainer.epochs: {5 * epochs}`, now {epochs}")
    return enlarge(case.experiment, case.assembly.plan)
