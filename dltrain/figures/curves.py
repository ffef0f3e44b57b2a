"""Loss and the monitored metric by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, INK, VERMILLION, canvas, counted, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_CURVES = ("epoch", "learning_rate")
_MOST_POINTS, _HIGHEST = 1000, 1e30


def learning_curves(known: Known) -> Sketch | None:
    """Training and validation, below each other for loss and metric, with a line at the epoch that is kept."""
    names = names_drawn(known)
    epochs = max((len(known.history[name]) for name in names), default=0)
    if not epochs:
        return None
    best = known.manifest.get("best_epoch")
    best = best if isinstance(best, int) and 1 <= best <= epochs else None
    drawing = canvas(0.4 + 1.8 * len(names))
    panels = drawing.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        _panel(axes, known.history, name, best)
    panels[-1].set_xlabel("epoch")
    panels[-1].locator_params(axis="x", integer=True)
    return Sketch("Learning curves", _text(known.history, names, epochs, best), drawing)


def names_drawn(known: Known) -> list[str]:
    """The loss, and what is monitored, or the first metric where that is the loss."""
    metrics = [name for name in known.history if name not in _NO_CURVES and not name.startswith("val_")]
    wanted = str(known.manifest.get("monitor") or "").removeprefix("val_")
    others = [name for name in (wanted, *metrics) if name in metrics and name != "loss"]
    return [name for name in ("loss", *others[:1]) if name in metrics]


def _panel(axes: Axes, history: Mapping[str, Sequence[float]], name: str, best: int | None) -> None:
    for column, label, color, dashes in (
        (name, "training", BLUE, "--"),
        (f"val_{name}", "validation", VERMILLION, "-"),
    ):
        if values := history.get(column):
            epochs, shown = points(values)
            axes.plot(epochs, shown, dashes, color=color, marker="o" if len(epochs) <= 40 else "", ms=3)
            axes.plot([], [], dashes, color=color, label=label)
    if best is not None:
        axes.axvline(best, color=INK, linewidth=0.8, linestyle=":")
        axes.plot([], [], ":", color=INK, linewidth=0.8, label=f"kept: epoch {best}")
    axes.set_title(plain(name.replace("_", " "), 40), loc="left")
    axes.legend(fontsize=8, loc="best", handlelength=1.8, labelspacing=0.2)


def points(values: Sequence[float]) -> tuple[list[int], list[float]]:
    """Epochs, of many some with the last, and what a column has there; not a number where no axis could show it."""
    shown = min(len(values), _MOST_POINTS)
    epochs = [(index + 1) * len(values) // shown for index in range(shown)]
    return epochs, [values[epoch - 1] if abs(values[epoch - 1]) < _HIGHEST else math.nan for epoch in epochs]


def _text(history: Mapping[str, Sequence[float]], names: Sequence[str], epochs: int, best: int | None) -> str:
    kept = f"; the weights of epoch {best} are kept" if best is not None else ""
    parts = []
    for name in names:
        at = (best or epochs) - 1
        own, other = (_at(history.get(column, ()), at) for column in (name, f"val_{name}"))
        shown = f"{own} in training" + (f" and {other} in validation" if other else "")
        parts.append(f"{plain(name.replace('_', ' '), 40)} is {shown}")
    return f"Learning curves over {counted(epochs, 'epoch')}{kept}. There, {'; '.join(parts)}."


def _at(column: Sequence[float], place: int) -> str:
    return f"{column[place]:.4g}" if place < len(column) else ""
