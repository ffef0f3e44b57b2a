"""Held-out rows that are not like the training rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.finding import Finding
from dltrain.coach.settings import Change
from dltrain.coach.summaries import Summary, summaries, target_summaries

if TYPE_CHECKING:
    import numpy as np

DISTANCE = 0.25
"""Smaller differences are of little weight, however certain."""

LEVEL = 1e-6
_MOST_ROWS = 4000


@dataclass(frozen=True)
class Apart:
    """A number that is distributed differently in two samples.

    Attributes:
        distance: the largest difference between the shares of both samples that lie below any value.
        medians: of both.
        means: of both.
    """

    distance: float
    medians: tuple[float, float]
    means: tuple[float, float]


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The statistic of Kolmogorov and Smirnov: max_x |F_one(x) - F_other(x)|."""
    import numpy as np

    one, other = np.sort(one), np.sort(other)
    places = np.concatenate([one, other])
    shares = [np.searchsorted(values, places, side="right") / len(values) for values in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


def chance(found: float, one: float, other: float) -> float:
    """An upper bound on the chance of such a distance between two samples of so many independent rows of one kind.

    2 exp(-2 D^2 nm / (n + m)), the first term of Kolmogorov's series.
    """
    return min(1.0, 2 * math.exp(-2 * found**2 * one * other / (one + other)))


def apart(train: Summary, held: Summary, tests: int) -> Apart | None:
    """Whether a number is distributed differently; None where that is not certain, or it is by little.

    Args:
        train: of training rows.
        held: of held-out rows.
        tests: how many numbers are looked at, by which the chance is multiplied (Bonferroni).
    """
    import numpy as np

    found = distance(train.values, held.values)
    if found < DISTANCE or chance(found, train.independent, held.independent) * tests > LEVEL:
        return None
    medians, means = ((float(f(train.values)), float(f(held.values))) for f in (np.median, np.mean))
    return Apart(found, medians, means)


class Shift(Check):
    """A feature or the target is distributed differently among training and held-out rows.

    Up to 4,000 rows of each are looked at, prepared, by the two-sample test of Kolmogorov and Smirnov: D is at
    least 0.25, with a chance below 1e-6 divided by the number of tests. Rows of windows that overlap
    count as one. Dates are left out, since a split by time parts them, and nothing is said where
    no setting would help.
    """

    name: ClassVar[str] = "shift"
    rank: ClassVar[int] = 45

    def find(self, case: Case) -> Finding | None:
        """See the class."""
        if case.held is None:
            return None
        train, held = (_all_summaries(case, split) for split in ("train", case.held))
        found = {name: one for name in train if name in held and (one := apart(train[name], held[name], len(train)))}
        if not found:
            return None
        worst = max(found, key=lambda name: found[name].distance)
        if (change := _change(case, worst)) is None:
            return None
        one, others = found[worst], len(found) - 1
        kind, pair = ("median", one.medians) if one.medians[0] != one.medians[1] else ("mean", one.means)
        said = f"{worst} as prepared: {kind} {_number(pair[0])} and {_number(pair[1])}"
        more = f", and {others} more" if others else ""
        text = f"train and {case.held} rows differ in {said} (distance {one.distance:.2f}){more}"
        numbers = {"split": case.held, "distances": {name: found[name].distance for name in list(found)[:20]}}
        return Finding(self.name, text, change.key, change.text, numbers)


def _all_summaries(case: Case, split: str) -> Mapping[str, Summary]:
    prepared, experiment = case.materials.prepared[split], case.experiment
    overlap = experiment.dataset.stride_without_overlap or 1
    found = summaries(case.assembly.preprocessing, prepared.inputs, _MOST_ROWS, overlap)
    return {**found, **target_summaries(case.assembly, prepared.values, _MOST_ROWS, overlap)}


def _number(value: float) -> str:
    return f"{value:.3g}"


def _change(case: Case, name: str) -> Change | None:
    """None where nothing is known that would help, as where windows already learn differences."""
    task = case.experiment.task
    if case.experiment.dataset.stride_without_overlap is not None:
        known = task is not None and task.learns_difference
        return None if known else Change("task.difference", "`task: {regression: {difference: true}}` learns changes")
    if case.held in case.materials.dataset.parts:
        return Change("splits.test", "compare with a test drawn from the training rows, `splits: {test: 0.2}`")
    feature = name.split("'")[1] if name.startswith("'") else ""
    if feature and len(case.assembly.preprocessing.features) > 1:
        return Change("dataset.ignore", f"compare with `dataset.ignore: [{feature}]`")
    return None
