"""How a training looks: a live view on a terminal, one line per epoch elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping

from dltrain.cli.console import number, say, wrapped
from dltrain.cli.screen import FAINT, Screen, can_show, is_live
from dltrain.cli.view import COARSE, FINE, View, short
from dltrain.training.observer import EpochReport, Observer, Plan
from dltrain.training.stepper import Logs

_REFRESH_SECONDS = 0.1

_TOGETHER = "\N{NO-BREAK SPACE}"
"""A space between words of one line, in lines that may be divided; no terminal sees it."""


class Lines(Observer):
    """A header, then a line for each epoch."""

    def header(self, facts: Mapping[str, str]) -> None:
        """A line for each fact."""
        width = max(map(len, facts))
        for label, text in facts.items():
            self._say(f"{label:<{width}}  {text}", indent=width + 2)

    def epoch(self, report: EpochReport) -> None:
        """Epoch, scores and seconds; an asterisk marks a score that is the best so far."""
        self._say(f"epoch {_epoch_line(report)}")

    def note(self, text: str) -> None:
        """A line."""
        self._say(text)

    def _say(self, text: str, *, indent: int = 2) -> None:
        """A line; where lines are divided, all but the first begin so far to the right."""
        say(text.replace(_TOGETHER, " "))


class Live(Lines):
    """The same lines, and below them how the epoch that runs is going, drawn at most ten times a second."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._view: View | None = None
        self._drawn = 0.0

    def phase(self, text: str) -> None:
        """A line that the next one replaces."""
        self._view = None
        self._screen.show([[(f"{text} ..."[: self._screen.width], FAINT)]])

    def begin(self, plan: Plan) -> None:
        """Makes room for the view."""
        self._view = View(plan, FINE if can_show(FINE.done + FINE.left + FINE.heights) else COARSE)
        self._draw(time.monotonic())

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        """Draws the view where it is time to."""
        moment = time.monotonic()
        if self._view is None or (moment - self._drawn < _REFRESH_SECONDS and (done < steps or self._view.hurries)):
            return
        self._view.step(moment, epoch, done, logs)
        self._draw(moment)

    def epoch(self, report: EpochReport) -> None:
        """Its line, above the view."""
        self._say(_epoch_line(report), indent=len(f"{report.epoch}/{report.epochs} "))
        if self._view is None:
            return
        self._view.end(report)
        moment = time.monotonic()
        if report.epoch < report.epochs and moment - self._drawn >= _REFRESH_SECONDS:
            self._draw(moment)

    def close(self) -> None:
        """Takes the view away."""
        self._screen.clear()
        self._view = None

    def _say(self, text: str, *, indent: int = 2) -> None:
        self._screen.say(wrapped(text, indent=indent).replace(_TOGETHER, " "))

    def _draw(self, moment: float) -> None:
        if self._view is not None:
            self._screen.show(self._view.lines(moment, self._screen.width))
            self._drawn = moment


def _epoch_line(report: EpochReport) -> str:
    scores = " ".join(
        f"{short(name)}{_TOGETHER}{number(value)}{'*' if report.best and name == report.monitor else ''}"
        for name, value in report.logs.items()
        if name != "learning_rate"
    )
    return f"{report.epoch}/{report.epochs} {scores} {report.seconds:.1f}s"


def observer(*, quiet: bool) -> Observer:
    """The observer that suits stderr; with `quiet`, one that says nothing."""
    if quiet:
        return Observer()
    return Live() if is_live() else Lines()
