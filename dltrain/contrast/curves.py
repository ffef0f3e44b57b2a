"""Learning curves of runs, side by side."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from statistics import fmean

from dltrain.errors import RunError
from dltrain.opening import read_history
from dltrain.runs.directory import RunDirectory

Curves = Mapping[str, Sequence[float]]
"""The values of each column of the history, one for each epoch."""

_NO_CURVES = ("epoch", "learning_rate")
_MOST_BYTES = 8 << 20
_LEVELS = "▁▂▃▄▅▆▇█"


def read_curves(run: RunDirectory) -> Curves:
    """Loss and metrics of each epoch; of a cross-validation the means over the folds that came so far.

    A run that ended before its first epoch has none, and so has one whose history cannot be read.
    """
    found = []
    for single in run.folds or [run]:
        try:
            if os.lstat(single.history).st_size <= _MOST_BYTES:
                found.append(read_history(single))
        except (RunError, OSError):
            continue
    names = [name for name in (found[0] if found else ()) if name not in _NO_CURVES]
    return {name: _means([history[name] for history in found if name in history]) for name in names}


def _means(columns: Sequence[Sequence[float]]) -> list[float]:
    epochs = max(map(len, columns), default=0)
    return [fmean(column[epoch] for column in columns if epoch < len(column)) for epoch in range(epochs)]


def shared_curves(curves: Sequence[Curves]) -> list[str]:
    """The columns that at least one run has, losses first; what is monitored has `val_` before its name."""
    names = dict.fromkeys(name for found in curves for name in found)
    return sorted(names, key=lambda name: (name.removeprefix("val_") != "loss", name.removeprefix("val_"), name))


def limits(columns: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The smallest and the largest finite value; (0, 1) where there is none."""
    values = [value for column in columns for value in column if math.isfinite(value)]
    return (min(values), max(values)) if values else (0.0, 1.0)


def sparkline(column: Sequence[float], low: float, high: float, *, width: int) -> str:
    """A column as a line of blocks; longer ones are thinned out, and the last value always stays.

    Args:
        column: a value for each epoch.
        low: what the lowest block stands for.
        high: what the highest stands for.
        width: at most so many blocks.
    """
    count = min(len(column), width)
    chosen = [column[(index + 1) * len(column) // count - 1] for index in range(count)]
    return "".join(_block(value, low, high) for value in chosen)


def _block(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "!"
    # Halves, since the span of huge numbers may be infinite.
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span > 0 else 0.0
    return _LEVELS[min(int(share * len(_LEVELS)), len(_LEVELS) - 1)]
