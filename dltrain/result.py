"""A run that has completed, and whether its scores are what the config expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dltrain.coach.finding import Finding
from dltrain.errors import ExpectationError
from dltrain.evaluation.measured import Scores
from dltrain.experiment import Experiment, meets
from dltrain.runs.directory import RunDirectory
from dltrain.spec.problems import Problem


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
        intervals: of 95 %, by split and score; those of the test rows, or without any of the validation rows.
        undefined: why a score is None, by split and score.
        classes: precision, recall, F1 and support, by split and class or label.
        shown: the names of the scores that are worth a look; all where there are none.
        baselines: of each simple model by its name ``text``, ``scores`` and ``intervals``, on the held-out rows.
        verdict: whether the network beats the best of them; None where there is none.
        findings: what to change next, those that matter most first.
    """

    directory: RunDirectory
    epochs: int
    best_epoch: int
    seconds: float
    device: str
    backend: str
    scores: Mapping[str, Scores]
    intervals: Mapping[str, Any] = field(default_factory=dict)
    undefined: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, Any] = field(default_factory=dict)
    shown: Sequence[str] = ()
    baselines: Mapping[str, Any] = field(default_factory=dict)
    verdict: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()

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
            "intervals": dict(self.intervals),
            "undefined": dict(self.undefined),
            "classes": dict(self.classes),
            "baselines": dict(self.baselines),
            "verdict": self.verdict,
            "findings": [finding.plain() for finding in self.findings],
        }


def check_scores(experiment: Experiment, result: Any) -> None:
    """Raises ExpectationError where a score of a run, or of a cross-validation, misses what the config expects."""
    missed = []
    for key, bound in experiment.expect.items():
        split, _, name = key.partition(".")
        found = result.scores[split][name]
        if not meets(found, bound):
            text = f"{key} is {found}, and expect asks for {bound} ({result.directory})"
            missed.append(Problem(text, ("expect", key)))
    if missed:
        raise ExpectationError(missed, result.plain(), result)
