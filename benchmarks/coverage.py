"""How often the 95 % intervals of scores hold the true score: 1,000 simulated data sets of 30, 200 and 2,000 rows.

``python -m benchmarks.coverage [DATA_SETS [CASE...]]`` prints the table of docs/scores.md. The true score is that of
a million rows. Bars: 93 to 97 % for accuracy, F1, ROC AUC and RMSE with 200 and with 2,000 rows, where each row is for
itself; of rows in groups of ten, the groups are the data, of which there are a tenth as many.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dltrain.evaluation.intervals import intervals
from dltrain.metrics.base import MetricSpec, Predictions

ROWS = (30, 200, 2_000)
SETS = 1_000
TRUE_ROWS = 1_000_000
BAR = (0.93, 0.97)
BARRED = {"accuracy", "f1", "f1_macro", "roc_auc", "root_mean_squared_error"}


@dataclass(frozen=True)
class Case:
    """A kind of data, and what it is scored by."""

    name: str
    draw: Callable[[np.random.Generator, int], Predictions]
    metrics: tuple[str, ...]
    barred: bool = True


def two_classes(random: np.random.Generator, rows: int) -> Predictions:
    """30 % positive rows, whose margin is one deviation larger than that of the others."""
    truth = (random.random(rows) < 0.3).astype(int)
    second = 1 / (1 + np.exp(0.5 - random.normal(size=rows) - truth))
    probabilities = np.stack([1 - second, second], axis=1)
    return Predictions(truth, (second > 0.5).astype(int), probabilities, ("no", "yes"))


def four_classes(random: np.random.Generator, rows: int) -> Predictions:
    """Classes of 40, 30, 20 and 10 % of the rows."""
    truth = random.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    powers = np.exp(random.normal(size=(rows, 4)) + 1.5 * np.eye(4)[truth])
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return Predictions(truth, probabilities.argmax(axis=1), probabilities, ("a", "b", "c", "d"))


def numbers(errors: str) -> Callable[[np.random.Generator, int], Predictions]:
    """A truth of deviation 2, with errors of the distribution that numpy calls so."""

    def draw(random: np.random.Generator, rows: int) -> Predictions:
        truth = 2 * random.normal(size=(rows, 1))
        return Predictions(truth, truth + getattr(random, errors)(size=(rows, 1)), None, ())

    return draw


GROUP = 10
"""Rows of one group, such as recordings of a patient."""


def grouped_numbers(random: np.random.Generator, rows: int) -> Predictions:
    """Half of the variance of the errors is that of their groups."""
    groups = np.arange(rows) // GROUP
    truth = 2 * random.normal(size=rows)
    errors = random.normal(size=groups[-1] + 1)[groups] + random.normal(size=rows)
    return Predictions(truth[:, None], (truth + errors)[:, None], None, (), groups=groups)


def grouped_classes(random: np.random.Generator, rows: int) -> Predictions:
    """Two classes, of which as many are found in a group as a uniform draw between 0.6 and 1 says."""
    groups = np.arange(rows) // GROUP
    truth = random.integers(0, 2, rows)
    right = random.random(rows) < (0.6 + 0.4 * random.random(groups[-1] + 1))[groups]
    return Predictions(truth, np.where(right, truth, 1 - truth), None, ("no", "yes"), groups=groups)


CASES = (
    Case("two classes", two_classes, ("accuracy", "f1", "roc_auc", "average_precision")),
    Case("four classes", four_classes, ("accuracy", "f1_macro")),
    Case("normal errors", numbers("normal"), ("root_mean_squared_error", "r2_score", "absolute_error_p90")),
    Case("Laplace errors", numbers("laplace"), ("root_mean_squared_error", "mean_absolute_error")),
    Case("numbers of groups", grouped_numbers, ("root_mean_squared_error", "mean_absolute_error"), barred=False),
    Case("classes of groups", grouped_classes, ("accuracy", "f1"), barred=False),
)


def true_scores(case: Case, rows: int = TRUE_ROWS) -> dict[str, float]:
    """Of so many rows that they may pass for all there could be."""
    drawn = case.draw(np.random.default_rng(0), rows)
    return {name: MetricSpec.choose(name).score(drawn) or math.nan for name in case.metrics}


def coverage(case: Case, rows: int, sets: int, true: dict[str, float]) -> dict[str, tuple[float, float, int]]:
    """Of each score the share of intervals that hold the true one, their mean width, and how many there are."""
    metrics = [MetricSpec.choose(name) for name in case.metrics]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in case.metrics}
    for number in range(sets):
        drawn = case.draw(np.random.default_rng([rows, number]), rows)
        for name, interval in intervals(drawn, metrics, seed=number).items():
            found[name].append(interval)
    return {
        name: (
            float(np.mean([low <= true[name] <= high for low, high in ends])),
            float(np.mean([high - low for low, high in ends])),
            len(ends),
        )
        for name, ends in found.items()
        if ends
    }


def main() -> int:
    """Prints the table; 1 where a bar is missed."""
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else SETS
    missed = 0
    print(f"{sets:,} data sets each: rows, share of 95 % intervals that hold the true score, mean width")
    for case in CASES:
        if sys.argv[2:] and case.name not in sys.argv[2:]:
            continue
        true = true_scores(case)
        for rows in ROWS:
            for name, (share, width, number) in coverage(case, rows, sets, true).items():
                outside = case.barred and name in BARRED and rows >= 200 and not BAR[0] <= share <= BAR[1]
                missed += outside
                few = f" of the {number:,} that have one" if number < sets else ""
                line = f"{case.name:17}  {name:24} {true[name]:.4f}  {rows:5,}  {share:.3f}  {width:.4f}{few}"
                print(f"{line}{'  MISSED' if outside else ''}", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
