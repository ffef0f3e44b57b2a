"""Forecasts of a series over their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, INK, VERMILLION, canvas, counted, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure as Drawing

_WINDOWS = 6
_MOST_VALUES = 4


def forecasts(known: Known) -> Sketch | None:
    """Some windows of the held-out rows, evenly apart: what was forecast, and what came."""
    import numpy as np

    found = _steps(known)
    if found is None or known.held is None:
        return None
    truth, predicted, names = found
    count, steps = truth.shape[:2]
    chosen = np.unique(np.linspace(0, count - 1, min(_WINDOWS, count)).astype(int))
    drawing = _windows(truth[..., 0], predicted[..., 0], chosen)
    error = float(np.abs(predicted[chosen, :, 0] - truth[chosen, :, 0]).mean())
    whole = float(np.abs(predicted[..., 0] - truth[..., 0]).mean())
    text = f"Forecasts of {names[0]} over {counted(steps, 'step')} against what came, for {len(chosen)} of"
    rows = known.held.shown
    ending = f"the mean absolute error is {error:.4g} for these, and {whole:.4g} for all."
    return Sketch("Forecasts against the truth", f"{text} {rows}: {ending}", drawing)


def _windows(truth: np.ndarray, predicted: np.ndarray, chosen: np.ndarray) -> Drawing:
    """A panel for each of the chosen windows, of (windows, steps)."""
    steps, lines = truth.shape[1], -(-len(chosen) // 2)
    drawing = canvas(0.3 + 1.6 * lines)
    panels = drawing.subplots(lines, 2, sharex=True, squeeze=False).ravel()
    marker = "o" if steps <= 12 else ""
    for axes, window in zip(panels, chosen, strict=False):
        axes.plot(range(1, steps + 1), truth[window], color=INK, marker=marker, ms=2.5, linewidth=1.2)
        axes.plot(range(1, steps + 1), predicted[window], "--", color=VERMILLION, marker=marker, ms=2.5)
        axes.set_title(f"row {window + 1:,}", loc="left", fontsize=8)
        axes.locator_params(nbins=5)
        axes.locator_params(axis="x", integer=True)
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    handles = [panels[0].plot([], [], style, color=color)[0] for style, color in (("-", INK), ("--", VERMILLION))]
    drawing.legend(handles, ["truth", "forecast"], loc="outside upper center", ncols=2)
    drawing.supxlabel("step", fontsize=9)
    return drawing


def error_per_step(known: Known) -> Sketch | None:
    """The root mean squared error of each step ahead."""
    import numpy as np

    found = _steps(known)
    if found is None or known.held is None:
        return None
    truth, predicted, names = found
    errors = np.sqrt(((predicted - truth) ** 2).mean(axis=0))
    drawing = canvas(2.6)
    axes = drawing.subplots()
    colors, dashes = (BLUE, VERMILLION, INK, INK), ("-", "--", "-.", ":")
    for index, name in enumerate(names):
        axes.plot(range(1, len(errors) + 1), errors[:, index], dashes[index], color=colors[index], label=name)
    if len(names) > 1:
        axes.legend(fontsize=8)
    axes.set(xlabel="step ahead", ylabel="root mean squared error", ylim=(0, None))
    axes.locator_params(axis="x", integer=True)
    ends = zip(errors[0].tolist(), errors[-1].tolist(), names, strict=True)
    last = f"at step {len(errors)}"
    shown = "; ".join(f"from {first:.4g} at step 1 to {end:.4g} {last} for {name}" for first, end, name in ends)
    rows = known.held.shown
    return Sketch("Error of each step", f"Root mean squared error of forecasts of {rows}: {shown}.", drawing)


def steps_and_values(known: Known) -> tuple[int, list[str]] | None:
    """How many steps of a series a row of the target is, and the names of the values of a step; None of other rows.

    Their columns are called ``load+1``, ``wind+1``, ``load+2`` and so on, step by step.
    """
    assembly = known.assembly
    if assembly is None or assembly.experiment.dataset.stride_without_overlap is None:
        return None
    ends = [name.rpartition("+") for name in assembly.target.columns]
    names = [name for name, _, step in ends if step == "1"]
    steps = len({step for _, _, step in ends})
    return (steps, names) if names and steps > 1 and steps * len(names) == len(ends) else None


def _steps(known: Known) -> tuple[np.ndarray, np.ndarray, list[str]] | None:
    """Truth and forecast (rows, steps, values), and the names of the values."""
    import numpy as np

    held, found = known.held, steps_and_values(known)
    if held is None or found is None or not np.isfinite(held.predictions.predicted).all():
        return None
    steps, names = found
    shape = (held.rows, steps, len(names))
    both = (held.predictions.truth, held.predictions.predicted)
    truth, predicted = (values.reshape(shape)[..., :_MOST_VALUES] for values in both)
    return truth, predicted, [plain(name, 20) for name in names[:_MOST_VALUES]]
