"""Who is told how training goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dltrain.training.stepper import Logs


@dataclass(frozen=True)
class EpochReport:
    """An epoch that has ended.

    Attributes:
        epoch: from 1.
        epochs: the planned number.
        logs: loss and metrics, those of the validation split with the prefix ``val_``.
        seconds: of training and validation.
        monitor: the score that decides which epoch is kept; None to keep the last.
        best: whether this epoch is the best so far.
    """

    epoch: int
    epochs: int
    logs: Mapping[str, float]
    seconds: float
    monitor: str | None
    best: bool


class Observer:
    """Hears of a run's progress; this one says nothing. The command line prints."""

    def phase(self, text: str) -> None:
        """What is being done now, before the first step."""

    def header(self, facts: Mapping[str, str]) -> None:
        """What will be trained, on what: label and text for each line."""

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        """`done` of `steps` steps of `epoch`, from 1, are behind us."""

    def epoch(self, report: EpochReport) -> None:
        """An epoch has ended."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def close(self) -> None:
        """Nothing more will be told."""
