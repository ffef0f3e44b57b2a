"""How a network stands beside simple models over the folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dltrain.baselines.standing import Standing
from dltrain.baselines.verdict import Compared, Verdict, of_folds
from dltrain.evaluation.over_folds import SplitScores, means
from dltrain.experiment import Experiment


class Fold(Protocol):
    """The run of a fold, completed."""

    @property
    def scores(self) -> SplitScores:
        """Of each split."""

    @property
    def baselines(self) -> Mapping[str, Any]:
        """Of each simple model ``text`` and ``scores``."""

    @property
    def verdict(self) -> Mapping[str, Any] | None:
        """With ``metric`` and ``split``."""


def standing_of_folds(experiment: Experiment, folds: Sequence[Fold]) -> Standing:
    """The means of the scores of the baselines that every fold has, and the verdict on the means.

    Args:
        experiment: of all of them.
        folds: their runs.
    """
    if any(fold.verdict is None for fold in folds):
        return Standing()
    names = [name for name in folds[0].baselines if all(name in fold.baselines for fold in folds)]
    scores = means([{name: fold.baselines[name]["scores"] for name in names} for fold in folds])
    found = {name: {"text": name.replace("_", " "), "scores": scores[name]} for name in names}
    return Standing(found, _verdict(experiment, folds, scores))


def _verdict(experiment: Experiment, folds: Sequence[Fold], scores: SplitScores) -> Verdict:
    first = folds[0].verdict
    assert first is not None
    metric, split = first["metric"], first["split"]
    compared = Compared(metric, split, experiment.mode(metric))
    found = [fold.scores[split].get(metric) for fold in folds]
    network = [score for score in found if score is not None]
    best = compared.best({name: found.get(metric) for name, found in scores.items()})
    if best is None or len(network) < len(folds):
        return compared.undefined(f"{metric} is not defined for the {split} rows of every fold")
    each = [fold.baselines[best]["scores"][metric] for fold in folds]
    share = folds[0].scores[split]["rows"] / folds[0].scores["train"]["rows"]
    return of_folds(compared, network, (best, best.replace("_", " "), each), share)
