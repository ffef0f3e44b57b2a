"""How well scores put rows that have a class before those that have not: ROC and precision-recall curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dltrain.figures.canvas import BLUE, INK, canvas, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Held, Known

if TYPE_CHECKING:
    import numpy as np

_MOST_CURVES, _MOST_CLASSES = 10, 200
_POINTS, _LOW = 200, 0.35


@dataclass(frozen=True)
class Curve:
    """Of one class or label against all others.

    Attributes:
        name: of the class.
        x: false positive rate, or recall; ascending.
        y: true positive rate, or precision.
        area: ROC AUC, or average precision.
        share: of the rows that have the class.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    area: float
    share: float


def roc(known: Known) -> Sketch | None:
    """The share of rows of a class that are found, by the share of others that are taken for it."""
    return _sketch(known, "roc")


def precision_recall(known: Known) -> Sketch | None:
    """The share of what is taken for a class that is one, by the share of rows of the class that are found."""
    return _sketch(known, "precision_recall")


def curves(held: Held, kind: Literal["roc", "precision_recall"]) -> list[Curve]:
    """A curve for each class or label that some rows have and some have not; for two classes that of the second."""
    found = held.scored
    if found is None or len(held.names) > _MOST_CLASSES:
        return []
    truth, scores = found
    names = held.names[1:] if len(held.predictions.classes) == 2 else held.names
    both = [index for index in range(len(names)) if truth[:, index].any() and not truth[:, index].all()]
    return [_curve(names[index], truth[:, index], scores[:, index], kind) for index in both]


def _curve(name: str, truth: np.ndarray, scores: np.ndarray, kind: str) -> Curve:
    """At each different score, as scikit-learn has it: average precision is the sum of (R_n - R_n-1) P_n."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    (ends,) = np.nonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(truth[order])[ends].astype(float)
    false, recall = 1.0 + ends - hits, hits / hits[-1]
    if kind == "roc":
        x, y = np.append(0.0, false / false[-1]), np.append(0.0, recall)
        return Curve(name, x, y, float(np.trapezoid(y, x)), float(truth.mean()))
    precision = hits / (ends + 1.0)
    area = float((np.diff(recall, prepend=0.0) * precision).sum())
    # Behind the point where all are found, only others are.
    end = int(np.argmax(recall == 1.0)) + 1
    x, y = np.append(0.0, recall[:end]), np.append(precision[0], precision[:end])
    return Curve(name, x, y, area, float(truth.mean()))


def _sketch(known: Known, kind: Literal["roc", "precision_recall"]) -> Sketch | None:
    import numpy as np

    held = known.held
    found = curves(held, kind) if held is not None else []
    if held is None or not found:
        return None
    is_roc = kind == "roc"
    drawing = canvas(3.6)
    axes = drawing.subplots()
    shown = found if len(found) <= _MOST_CURVES else []
    for curve in shown if len(found) > 1 else ():
        axes.plot(*_thinned(curve.x, curve.y), color=INK, alpha=0.35, linewidth=0.8)
    area = float(np.mean([curve.area for curve in found]))
    label = f"{plain(found[0].name, 30)}: {area:.4f}" if len(found) == 1 else f"mean of {len(found)}: {area:.4f}"
    axes.plot(*_mean(found, steps=not is_roc), color=BLUE, linewidth=2, label=label)
    if shown and len(found) > 1:
        axes.plot([], [], color=INK, alpha=0.35, linewidth=0.8, label=f"each of the {len(found)}")
    share = float(np.mean([curve.share for curve in found]))
    if is_roc:
        axes.plot([0, 1], [0, 1], ":", color=INK, linewidth=0.8, label="chance: 0.5000")
    else:
        axes.axhline(share, color=INK, linestyle=":", linewidth=0.8, label=f"chance: {share:.4f}")
    _label(axes, kind, low=not is_roc and share < _LOW)
    return Sketch(_TITLES[kind], _text(kind, held, found, area), drawing)


_TITLES = {"roc": "ROC curve", "precision_recall": "Precision and recall"}


def _label(axes: Any, kind: str, *, low: bool) -> None:
    """Names the axes, and puts the legend where curves seldom are; `low` says that the line of chance is there."""
    is_roc = kind == "roc"
    names = ("false positive rate", "true positive rate") if is_roc else ("recall", "precision")
    axes.set(xlabel=names[0], ylabel=names[1], xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    place = "lower right" if is_roc else "center left" if low else "lower left"
    title = "area under the curve" if is_roc else "average precision"
    axes.legend(title=title, loc=place, fontsize=8, title_fontsize=8)


def _mean(found: Sequence[Curve], *, steps: bool) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the curves, on a grid; a single one as it is."""
    import numpy as np

    if len(found) == 1:
        return _thinned(found[0].x, found[0].y)
    grid = np.linspace(0.0, 1.0, _POINTS + 1)
    heights = [np.interp(grid, *((curve.x, curve.y) if not steps else _upright(curve))) for curve in found]
    mean = np.mean(heights, axis=0)
    return (grid, mean) if steps else (np.append(0.0, grid), np.append(0.0, mean))


def _upright(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Of points with one recall the highest precision, since a grid takes one."""
    import numpy as np

    x, first = np.unique(curve.x, return_index=True)
    return x, np.maximum.reduceat(curve.y, first)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Some points, evenly along the line; a picture shows no more."""
    import numpy as np

    length = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    chosen = np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], 2 * _POINTS)).clip(max=len(x) - 1))
    return x[chosen], y[chosen]


def _text(kind: str, held: Held, found: Sequence[Curve], area: float) -> str:
    what = "ROC curve" if kind == "roc" else "Precision-recall curve"
    measure = "area under it" if kind == "roc" else "average precision"
    if len(found) == 1:
        return f"{what} of {plain(found[0].name)} for {held.shown}: the {measure} is {area:.4f}."
    worst, best = (choose(found, key=lambda curve: curve.area) for choose in (min, max))
    ends = f"from {worst.area:.4f} for {plain(worst.name)} to {best.area:.4f} for {plain(best.name)}"
    noun = "classes" if held.predictions.classes else "labels"
    of = f"{what}s of {len(found)} {noun}, each against the others, for {held.shown}"
    return f"{of}: the {measure} is {area:.4f} on average, {ends}."
