"""A class that the model never names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.finding import Finding
from dltrain.coach.settings import Change
from dltrain.metrics.base import Predictions

FEWEST_ROWS = 10
_SHOWN = 3
_EVEN = 1.5


def forgotten(predictions: Predictions, fewest: int = FEWEST_ROWS) -> dict[str, int]:
    """How many rows each class or label has that no row is predicted to have; of those with at least `fewest`."""
    import numpy as np

    names = predictions.classes or predictions.labels
    if not names:
        return {}
    if predictions.classes:
        truth, predicted = (
            np.bincount(values, minlength=len(names)) for values in (predictions.truth, predictions.predicted)
        )
    else:
        truth, predicted = (marks.sum(axis=0) for marks in (predictions.truth, predictions.predicted))
    return {
        name: int(rows)
        for name, rows, guesses in zip(names, truth, predicted, strict=True)
        if rows >= fewest and not guesses
    }


class NeverPredicted(Check):
    """Of ten or more held-out rows of a class none is predicted to have it, and no other row is."""

    name: ClassVar[str] = "never_predicted"
    rank: ClassVar[int] = 30

    def find(self, case: Case) -> Finding | None:
        """See the class."""
        if case.held is None:
            return None
        predictions = case.measured[case.held].predictions
        found = forgotten(predictions)
        table = case.materials.classes
        if not found or table is None:
            return None
        trained = dict(zip(table.names, table.rows, strict=True))
        change = _change(case, found, trained)
        rarest = sorted(found, key=lambda name: -found[name])
        shown = [f"'{name[:40]}' ({found[name]:,} {case.held}, {trained[name]:,} train rows)" for name in rarest]
        others = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        text = f"never predicts {', '.join(shown[:_SHOWN])}{others}"
        numbers: dict[str, Any] = {"split": case.held, "rows": found, "of": len(table.names)}
        return Finding(self.name, text, change.key, change.text, numbers)


def _change(case: Case, found: Mapping[str, int], trained: Mapping[str, int]) -> Change:
    largest = max(trained.values())
    if case.assembly.target.labels:
        return Change("loss", "`loss: binary_focal_crossentropy`")
    if largest < _EVEN * max(trained[name] for name in found):
        # As many as others: not rare, but not learned.
        rates = case.course.of("learning_rate")
        return Change("optimizer.learning_rate", f"a lower learning rate, now {max(rates):g}, or more epochs")
    if case.experiment.trainer.class_weight is None:
        return Change("trainer.class_weight", "`trainer.class_weight: balanced`")
    return Change("trainer.class_weight", "larger weights for these into `trainer.class_weight`")
