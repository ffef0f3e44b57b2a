"""A run that has completed, and whether its scores are what the config expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dltrain.errors import ExpectationError
from dltrain.evaluation.scores import Scores
from dltrain.experiment import Experiment, meets
from dltrain.runs.directory import RunDirectory


@dataclass(frozen=True)
class Result:
    """A run that has completed.

    Attributes:
        directory: where everything about it lies.
        epochs: how many were run.
        best_epoch: whose weights were kept and scored, from 1.
        seconds: of the whole fit, without imports.
        device: ``cpu`` or ``gpu``.
        scores: of each split that has rows.
    """

    directory: RunDirectory
    epochs: int
    best_epoch: int
    seconds: float
    device: str
    backend: str
    scores: Mapping[str, Scores]

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "run": str(self.directory),
            "status": "completed",
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "device": self.device,
            "backend": self.backend,
            "scores": dict(self.scores),
        }


def check_scores(experiment: Experiment, scores: Mapping[str, Mapping[str, Any]], run: RunDirectory) -> None:
    """Raises ExpectationError where a score misses what the config expects."""
    missed = []
    for key, bound in experiment.expect.items():
        split, _, name = key.partition(".")
        found = scores[split][name]
        if not meets(found, bound):
            missed.append(f"{key} is {found}, and expect asks for {bound} ({run})")
    if missed:
        raise ExpectationError("\n".join(missed))
