"""How far predicted numbers are from true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dltrain.figures.canvas import BLUE, INK, canvas, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.forecast import steps_and_values
from dltrain.figures.known import Held, Known

if TYPE_CHECKING:
    import numpy as np

_MOST_PANELS = 4
_MOST_POINTS = 600
_CELLS = 32


def predicted_against_true(known: Known) -> Sketch | None:
    """Each row as a point, of many rows how many are where, beside the line on which predictions are right."""
    held = _numbers(known)
    if held is None:
        return None
    names, found = _names(known), held.predictions
    drawing, panels = _panels(len(names))
    for index, (axes, name) in enumerate(zip(panels, names, strict=True)):
        truth, predicted = found.truth[:, index], found.predicted[:, index]
        low, high = min(truth.min(), predicted.min()), max(truth.max(), predicted.max())
        axes.plot([low, high], [low, high], ":", color=INK, linewidth=0.9)
        _cloud(axes, truth, predicted)
        edge = (high - low) * 0.03 or 0.5
        limits = (low - edge, high + edge)
        axes.set(xlabel=f"true {name}", ylabel="predicted", xlim=limits, ylim=limits)
    parts = [f"R2 is {_r2(held, index):.4f}" for index in range(len(names))]
    if len(names) > 1:
        parts = [f"{part} for {name}" for part, name in zip(parts, names, strict=True)]
    text = f"Predicted against true {', '.join(names)} of {held.shown}: {', '.join(parts)}."
    return Sketch("Predicted against true", text, drawing)


def residuals(known: Known) -> Sketch | None:
    """How often each error is made, predicted minus true."""
    import numpy as np

    held = _numbers(known)
    if held is None:
        return None
    names, errors = _names(known), held.predictions.predicted - held.predictions.truth
    drawing, panels = _panels(len(names), height=2.6)
    parts = []
    for index, (axes, name) in enumerate(zip(panels, names, strict=True)):
        own = errors[:, index]
        low, middle, high = np.quantile(own, (0.05, 0.5, 0.95))
        axes.hist(own, bins=_CELLS if len(own) > 200 else 16, color=BLUE)
        axes.axvline(0, color=INK, linestyle=":", linewidth=0.9)
        axes.set(xlabel=f"predicted - true {name}", ylabel="rows")
        axes.locator_params(axis="x", nbins=6 if len(names) == 1 else 4)
        parts.append(f"for {name} the median is {middle:.4g}, and nine in ten are from {low:.4g} to {high:.4g}")
    text = f"Histogram of errors, predicted minus true, of {held.shown}: {'; '.join(parts)}."
    return Sketch("Residuals", text, drawing)


def _numbers(known: Known) -> Held | None:
    """Predictions of one number or a few; a forecast of many steps has pictures of its own."""
    held = known.held
    if held is None or held.names or steps_and_values(known) is not None:
        return None
    import numpy as np

    return held if np.isfinite(held.predictions.predicted).all() else None


def _names(known: Known) -> list[str]:
    assert known.assembly is not None
    return [plain(name, 20) for name in known.assembly.target.names[:_MOST_PANELS]]


def _panels(count: int, height: float = 3.6) -> tuple[Any, list[Any]]:
    """A drawing with so many axes, two beside each other."""
    if count == 1:
        drawing = canvas(height)
        return drawing, [drawing.subplots()]
    lines = -(-count // 2)
    drawing = canvas(2.4 * lines)
    panels = drawing.subplots(lines, 2, squeeze=False).ravel().tolist()
    for axes in panels[count:]:
        axes.set_visible(False)
    return drawing, panels[:count]


def _cloud(axes: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Points; of many the number in each cell of a grid, as strength of a colour."""
    import numpy as np
    from matplotlib.colors import to_rgb

    if len(x) <= _MOST_POINTS:
        axes.plot(x, y, "o", color=BLUE, alpha=0.5, ms=3, mew=0)
        return
    counts, across, down = np.histogram2d(x, y, bins=_CELLS)
    pixels = np.empty((_CELLS, _CELLS, 4))
    # By the root of the logarithm single rows are still seen beside crowded cells.
    pixels[..., :3], pixels[..., 3] = to_rgb(BLUE), np.sqrt(np.log1p(counts.T) / np.log1p(counts.max()))
    extent = (across[0], across[-1], down[0], down[-1])
    axes.imshow(pixels, extent=extent, origin="lower", aspect="auto", interpolation="none")


def _r2(held: Held, index: int) -> float:
    truth, predicted = held.predictions.truth[:, index], held.predictions.predicted[:, index]
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1.0 - float(((truth - predicted) ** 2).sum()) / spread if spread else float("nan")
