"""What the folds of a cross-validation tell together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, INK, canvas, counted, plain
from dltrain.figures.curves import names_drawn, points
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Held, Known
from dltrain.metrics.base import Predictions
from dltrain.runs.directory import RunDirectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dltrain.assemble import Assembly


class KnownFolds(Known):
    """Of a cross-validation: its held rows are those of all folds."""

    def __init__(self, run: RunDirectory) -> None:
        super().__init__(run)
        self.folds = [Known(fold) for fold in run.folds]

    @cached_property
    def assembly(self) -> Assembly | None:
        """Of the first fold, in which all are alike but for what was learned from the rows."""
        return self.folds[0].assembly

    @cached_property
    def held(self) -> Held | None:
        """The predictions of all folds; None where one has none, or is of other classes."""
        import numpy as np

        held = [fold.held for fold in self.folds]
        found = [each for each in held if each is not None]
        if not found or len(found) < len(held) or len({(each.split, each.names) for each in found}) > 1:
            return None
        first, parts = found[0], [each.predictions for each in found]
        truth, predicted = (np.concatenate([getattr(part, of) for part in parts]) for of in ("truth", "predicted"))
        pooled = Predictions(truth, predicted, None, first.predictions.classes, first.predictions.labels)
        return Held(first.split, pooled)


def fold_curves(known: Known) -> Sketch | None:
    """The validation curves of all folds, or the training curves where none validates, and the epochs that are kept."""
    folds = [fold for fold in getattr(known, "folds", ()) if fold.history]
    names = names_drawn(folds[0]) if folds else []
    if not names:
        return None
    columns = [f"val_{name}" if f"val_{name}" in folds[0].history else name for name in names]
    drawing = canvas(0.4 + 1.8 * len(columns))
    panels = drawing.subplots(len(columns), 1, sharex=True, squeeze=False)[:, 0]
    for axes, column in zip(panels, columns, strict=True):
        _panel(axes, folds, column)
    panels[-1].set_xlabel("epoch")
    panels[-1].locator_params(axis="x", integer=True)
    return Sketch("Learning curves of all folds", _text(folds, columns), drawing)


def _panel(axes: Axes, folds: Sequence[Known], column: str) -> None:
    """A line for each fold, the earlier the fainter, with a point where its weights are kept."""
    for number, fold in enumerate(folds, 1):
        epochs, values = points(fold.history.get(column, ()))
        axes.plot(epochs, values, color=BLUE, alpha=0.3 + 0.7 * number / len(folds), linewidth=1.2)
        best = fold.manifest.get("best_epoch")
        if best in epochs:
            axes.plot([best], [values[epochs.index(best)]], "o", color=INK, ms=4)
    axes.plot([], [], color=BLUE, label="a fold each")
    axes.plot([], [], "o", color=INK, ms=4, label="kept")
    axes.set_title(plain(column.replace("_", " "), 40), loc="left")
    axes.legend(fontsize=8, loc="best", handlelength=1.8, labelspacing=0.2)


def _text(folds: Sequence[Known], columns: Sequence[str]) -> str:
    """The least and the largest last value of each."""
    parts = []
    for column in columns:
        last = [fold.history[column][-1] for fold in folds if fold.history.get(column)]
        parts.append(f"{plain(column.replace('_', ' '), 40)} ends at {min(last):.4g} to {max(last):.4g}")
    return f"Learning curves of {counted(len(folds), 'fold')}: {'; '.join(parts)}."
