"""How loss and metrics went from epoch to epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

_TO_DEVIATION = 1.4826 / math.sqrt(6)
"""From the median size of second differences to the deviation of normal noise on a smooth course."""


@dataclass(frozen=True)
class Course:
    """The epochs of a run, those before it was resumed among them.

    Attributes:
        rows: of ``history.csv``, one for each epoch that was run.
        planned: how many epochs the config asks for.
        kept: the epoch whose weights are kept, from 1.
        monitor: the score that decided it; None to keep the last.
        mode: ``max`` where a large monitored score is good, else ``min``.
        held_rows: of the validation split.
    """

    rows: Sequence[Mapping[str, float]]
    planned: int
    kept: int
    monitor: str | None = None
    mode: str = "min"
    held_rows: int = 0

    @property
    def epochs(self) -> int:
        """How many were run."""
        return len(self.rows)

    def of(self, name: str) -> list[float]:
        """A score of every epoch; empty where it was not computed, or is not a number in every epoch."""
        found = [row.get(name, math.nan) for row in self.rows]
        return found if all(map(math.isfinite, found)) else []

    @property
    def validation(self) -> list[float]:
        """The validation loss of every epoch; empty without validation."""
        return self.of("val_loss")

    @property
    def costs(self) -> list[float]:
        """The monitored score of every epoch, turned round where more is better; empty where nothing is monitored."""
        sign = -1 if self.mode == "max" else 1
        return [sign * value for value in self.of(self.monitor)] if self.monitor else []

    @property
    def step(self) -> float:
        """By less than this much two monitored scores do not differ.

        Of a share of rows: 1 / sqrt(rows), twice the deviation of the worst share, 0.5. Of errors, nothing is known.
        """
        return 1 / math.sqrt(self.held_rows) if self.mode == "max" and self.held_rows else 0.0

    @property
    def annealed(self) -> bool:
        """Whether the learning rate had come down to a tenth or less at the end."""
        rates = self.of("learning_rate")
        return bool(rates) and rates[-1] <= 0.1 * max(rates)


def noise(values: Sequence[float]) -> float:
    """The deviation of values around a smooth course, from their second differences.

    These are 0 on a straight line, and have sqrt(6) times the deviation of independent noise; their
    median is not moved by single jumps.
    """
    bends = [abs(one - 2 * two + three) for one, two, three in zip(values, values[1:], values[2:], strict=False)]
    return _TO_DEVIATION * median(bends) if bends else 0.0


def lowest(values: Sequence[float]) -> int:
    """The index of the first lowest value."""
    return min(range(len(values)), key=values.__getitem__)


def shown(value: float) -> str:
    """A loss or score to three significant digits."""
    return f"{value:.3g}"
