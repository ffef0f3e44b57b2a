"""Who is told how training goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from dltrain.training.stepper import Logs


@dataclass(frozen=True)
class Plan:
    """What a training that begins, or goes on, has before it.

    Attributes:
        epochs: the planned number.
        steps: of an epoch.
        batch_size: rows of a step; the last one of an epoch may have fewer.
        monitor: the score that decides which epoch is kept, or else the loss.
        mode: ``max`` where a large one is good, else ``min``.
        history: what the reports of the epochs behind us said, in order.
    """

    epochs: int
    steps: int
    batch_size: int
    monitor: str
    mode: str
    history: Sequence[Mapping[str, float]] = ()


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
        patience: epochs in a row without improvement, and how many of them end training; None where nothing counts.
    """

    epoch: int
    epochs: int
    logs: Mapping[str, float]
    seconds: float
    monitor: str | None
    best: bool
    patience: tuple[int, int] | None = None


class Observer:
    """Hears of a run's progress; this one says nothing. The command line prints."""

    def phase(self, text: str) -> None:
        """What is being done now, before the first step."""

    def header(self, facts: Mapping[str, str]) -> None:
        """What will be trained, on what: label and text for each line."""

    def begin(self, plan: Plan) -> None:
        """The first step is next."""

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        """`done` of `steps` steps of `epoch`, from 1, are behind us."""

    def epoch(self, report: EpochReport) -> None:
        """An epoch has ended."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def close(self) -> None:
        """Nothing more will be told."""


class Relay(Observer):
    """Tells another observer everything but the end, of which its owner tells it."""

    def __init__(self, listener: Observer) -> None:
        self._listener = listener

    @override
    def phase(self, text: str) -> None:
        self._listener.phase(text)

    @override
    def header(self, facts: Mapping[str, str]) -> None:
        self._listener.header(facts)

    @override
    def begin(self, plan: Plan) -> None:
        self._listener.begin(plan)

    @override
    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        self._listener.step(epoch, done, steps, logs)

    @override
    def epoch(self, report: EpochReport) -> None:
        self._listener.epoch(report)

    @override
    def note(self, text: str) -> None:
        self._listener.note(text)
