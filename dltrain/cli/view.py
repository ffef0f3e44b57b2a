"""What the live view of a training shows, in as many cells as there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dltrain.cli.console import number
from dltrain.cli.screen import ACCENT, FAINT, PLAIN, STRONG, Span
from dltrain.metrics.base import MetricSpec
from dltrain.training.observer import EpochReport, Plan

_BETWEEN = "  "
_BAR = (8, 40)
"""The narrowest that tells something, and the widest that does not divide a line into two halves."""

_MOST_SPARKS = 30
_SETTLED_SECONDS = 0.3
"""A rate of less time than this jumps."""

_LONG_SECONDS = 1.0


@dataclass(frozen=True)
class Marks:
    """The letters of bars and curves.

    Attributes:
        done: of a bar.
        left: of a bar.
        heights: of a curve, the lowest first.
    """

    done: str
    left: str
    heights: str


FINE = Marks("━", "─", "▁▂▃▄▅▆▇█")
COARSE = Marks("=", "-", "_.-~=+*#")
"""For encodings that have no others."""


def short(name: str) -> str:
    """``val_rmse`` for ``val_root_mean_squared_error``: its alias where the name is long."""
    prefix = "val_" if name.startswith("val_") else ""
    metric = MetricSpec.member(name.removeprefix(prefix))
    return f"{prefix}{metric.aliases[0]}" if metric and metric.aliases and len(name) > 16 else name


def sparkline(values: Sequence[float], heights: str, most: int) -> str:
    """A letter for each value, or for the mean of neighbours where there are more than `most`.

    Args:
        values: in the order of time.
        heights: the letters, the lowest first.
        most: so many letters at most; a gap stands for what is not finite.
    """
    count = min(len(values), most)
    groups = [values[len(values) * index // count : len(values) * (index + 1) // count] for index in range(count)]
    means = [_mean([value for value in group if math.isfinite(value)]) for group in groups]
    finite = [mean for mean in means if mean is not None]
    if not finite:
        return " " * count
    low, span = min(finite), max(finite) - min(finite)
    top = len(heights) - 1
    places = (None if mean is None else round(top * (mean - low) / span) if span else top // 2 for mean in means)
    return "".join(" " if place is None else heights[place] for place in places)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def clock(seconds: float) -> str:
    """Such as ``42s``, ``3m05s`` or ``2h07m``."""
    whole = max(math.ceil(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    return f"{whole // 60}m{whole % 60:02d}s" if whole < 3600 else f"{whole // 3600}h{whole % 3600 // 60:02d}m"


@dataclass
class View:
    """A training as it stands.

    Attributes:
        plan: what it has before it.
        marks: the letters of bars and curves.
        epoch: that runs, from 1.
        done: its steps behind us.
        logs: its running scores.
        values: the monitored score of each epoch behind us.
        patience: as the last report says.
        began: when its first steps were behind us, and how many these were; the first ones compile.
        took: seconds of the last epoch.
    """

    plan: Plan
    marks: Marks = FINE
    epoch: int = 1
    done: int = 0
    logs: Mapping[str, float] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    patience: tuple[int, int] | None = None
    began: tuple[float, int] | None = None
    took: float | None = None

    def __post_init__(self) -> None:
        self.values = [row[self.plan.monitor] for row in self.plan.history if self.plan.monitor in row]
        self.epoch = len(self.plan.history) + 1

    @property
    def hurries(self) -> bool:
        """Whether epochs are too short for each to be seen as complete."""
        return self.took is not None and self.took < _LONG_SECONDS

    def step(self, moment: float, epoch: int, done: int, logs: Mapping[str, float] | None) -> None:
        """Steps have been done."""
        if epoch != self.epoch or self.began is None:
            self.began = (moment, done)
        self.epoch, self.done = epoch, done
        self.logs = logs or self.logs

    def end(self, report: EpochReport) -> None:
        """An epoch has ended."""
        if self.plan.monitor in report.logs:
            self.values.append(report.logs[self.plan.monitor])
        self.patience, self.took, self.began = report.patience, report.seconds, None

    def lines(self, moment: float, width: int) -> list[list[Span]]:
        """What is shown at `moment`, no line wider than `width`."""
        rows = [self._progress(moment, width), self._scores(width), self._curve(width)]
        return [_cut(row, width) for row in rows if row]

    def _progress(self, moment: float, width: int) -> list[Span]:
        """The epoch, its bar, how fast, and for how long; the last ones where there is room."""
        plan = self.plan
        head = f"epoch {self.epoch}/{plan.epochs}"
        tails = [f"{self.done:,}/{plan.steps:,}"]
        rate, left = self._rate(moment), self._left(moment)
        if rate is not None:
            tails.append(f"{rate * plan.batch_size:,.0f} samples/s")
        if left is not None:
            tails.append(f"{clock(left)} left")
        if len(tails) == 3 and _room(width, head, tails) < _BAR[0]:
            tails.pop(1)
        while len(tails) > 1 and _room(width, head, tails) < _BAR[0]:
            tails.pop()
        cells = min(max(_room(width, head, tails), _BAR[0]), _BAR[1])
        full = cells * self.done // max(plan.steps, 1)
        bar = [(self.marks.done * full, ACCENT), (self.marks.left * (cells - full), FAINT)]
        return [(head, STRONG), (_BETWEEN, PLAIN), *bar, (_BETWEEN + _BETWEEN.join(tails), PLAIN)]

    def _rate(self, moment: float) -> float | None:
        """Steps a second of this epoch, or of the last one where this one has just begun."""
        if self.began is not None and moment - self.began[0] >= _SETTLED_SECONDS and self.done > self.began[1]:
            return (self.done - self.began[1]) / (moment - self.began[0])
        return self.plan.steps / self.took if self.took else None

    def _left(self, moment: float) -> float | None:
        """Seconds of all epochs that are left, each as long as the last one."""
        if (rate := self._rate(moment)) is None:
            return None
        whole = self.took if self.took is not None else self.plan.steps / rate
        return (self.plan.steps - self.done) / rate + (self.plan.epochs - self.epoch) * whole

    def _scores(self, width: int) -> list[Span]:
        """The running means of this epoch, as many as there is room for."""
        found = [f"{short(name)} {number(value)}" for name, value in self.logs.items()]
        while len(found) > 1 and len(_BETWEEN.join(found)) > width:
            found.pop()
        return [(_BETWEEN.join(found), PLAIN)] if found else []

    def _curve(self, width: int) -> list[Span]:
        """The monitored score over the epochs, the last and the best one, and how soon patience ends."""
        if not self.values:
            return []
        spans = [(short(self.plan.monitor), STRONG), (f" {number(self.values[-1])}", PLAIN)]
        if (best := self._best()) is not None:
            spans.append((f"{_BETWEEN}best {number(best[1])} in epoch {best[0]}", PLAIN))
        if self.patience is not None and self.patience[0]:
            wait, most = self.patience
            spans.append((f"{_BETWEEN}{wait} of {most} epochs without a better one", FAINT))
        while len(spans) > 2 and _length(spans) + len(_BETWEEN) + 1 > width:
            spans.pop()
        room = min(width - _length(spans) - len(_BETWEEN), _MOST_SPARKS)
        if room > 1 and len(self.values) > 1:
            spans.insert(1, (" " + sparkline(self.values, self.marks.heights, room), ACCENT))
        return spans

    def _best(self) -> tuple[int, float] | None:
        """The epoch of the best value, and it; the first of equal ones."""
        sign = 1 if self.plan.mode == "max" else -1
        finite = [(sign * value, -epoch) for epoch, value in enumerate(self.values, 1) if not math.isnan(value)]
        if not finite:
            return None
        value, epoch = max(finite)
        return -epoch, sign * value


def _room(width: int, head: str, tails: Sequence[str]) -> int:
    return width - len(head) - len(_BETWEEN) - sum(len(_BETWEEN) + len(tail) for tail in tails)


def _length(spans: Sequence[Span]) -> int:
    return sum(len(text) for text, _ in spans)


def _cut(spans: Sequence[Span], width: int) -> list[Span]:
    """As much of the line as fits."""
    kept, room = [], width
    for text, style in spans:
        kept.append((text[:room], style))
        room -= len(kept[-1][0])
    return [span for span in kept if span[0]]
