"""How a training looks: a live bar on a terminal, one line per epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import Any

from dltrain.cli.console import number, say
from dltrain.metrics.base import MetricSpec
from dltrain.training.observer import EpochReport, Observer
from dltrain.training.stepper import Logs

_REFRESH_SECONDS = 0.1


class Lines(Observer):
    """A header, then a line for each epoch."""

    def header(self, facts: Mapping[str, str]) -> None:
        """A line for each fact."""
        width = max(map(len, facts))
        for label, text in facts.items():
            say(f"{label:<{width}}  {text}")

    def epoch(self, report: EpochReport) -> None:
        """Epoch, scores and seconds; an asterisk marks a score that is the best so far."""
        say(f"epoch {_epoch_line(report)}")

    def note(self, text: str) -> None:
        """A line."""
        say(text)


class Bar(Lines):
    """The same lines, with a bar for the epoch that runs below them."""

    def __init__(self) -> None:
        self._phase = False
        self._progress: Any = None
        self._task: Any = None
        self._drawn = 0.0

    def phase(self, text: str) -> None:
        """A line that the next one replaces."""
        self.close()
        print(f"{text} ...", end="", file=sys.stderr, flush=True)
        self._phase = True

    def header(self, facts: Mapping[str, str]) -> None:
        """A line for each fact."""
        self.close()
        super().header(facts)

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        """Moves the bar, at most ten times a second."""
        moment = time.monotonic()
        if moment - self._drawn < _REFRESH_SECONDS and done < steps:
            return
        self._drawn = moment
        if self._progress is None:
            self._start(steps)
        loss = f"loss {number(logs['loss'])}" if logs else ""
        self._progress.update(self._task, description=f"epoch {epoch}", completed=done, loss=loss, refresh=True)

    def epoch(self, report: EpochReport) -> None:
        """Replaces the bar by the epoch's line, which fits 80 columns."""
        self.close()
        say(_epoch_line(report))

    def note(self, text: str) -> None:
        """A line in place of the bar."""
        self.close()
        super().note(text)

    def close(self) -> None:
        """Takes the bar, or the phase, away."""
        if self._phase:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._phase = False
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[loss]}", markup=False),
            # Room for the ^C that a terminal shows, which would else begin a line of its own.
            console=Console(stderr=True, width=get_terminal_size().columns - 3),
            transient=True,
            auto_refresh=False,
        )
        self._task = self._progress.add_task("", total=steps, loss="")
        self._progress.start()


def _epoch_line(report: EpochReport) -> str:
    scores = " ".join(
        f"{_short(name)} {number(value)}{'*' if report.best and name == report.monitor else ''}"
        for name, value in report.logs.items()
        if name != "learning_rate"
    )
    return f"{report.epoch}/{report.epochs} {scores} {report.seconds:.1f}s"


def _short(name: str) -> str:
    """``val_rmse`` for ``val_root_mean_squared_error``: its alias where the name is long."""
    prefix = "val_" if name.startswith("val_") else ""
    metric = MetricSpec.member(name.removeprefix(prefix))
    return f"{prefix}{metric.aliases[0]}" if metric and metric.aliases and len(name) > 16 else name


def observer(*, quiet: bool) -> Observer:
    """The observer that suits stderr; with `quiet`, one that says nothing."""
    if quiet:
        return Observer()
    return Bar() if sys.stderr.isatty() else Lines()
