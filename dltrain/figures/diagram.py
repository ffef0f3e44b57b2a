"""The layers of a model, from the input down to the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, INK, WIDTH, canvas, counted, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known
from dltrain.models.base import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_MOST_BOXES, _LAST = 24, 8
_MOST_CHARACTERS = 36
"""Of the first column."""
_HIGH, _STEP = 0.26, 0.38
"""Inches: a box, and from one to the next."""


def model_diagram(known: Known) -> Sketch | None:
    """A box for each layer with its output shape and parameters; of many layers the first and the last."""
    assembly = known.assembly
    if assembly is None:
        return None
    prepared, plan = assembly.preprocessing.prepared, assembly.plan
    rows = [("input", str(prepared.kind), show(prepared.shape), "")]
    for layer in plan:
        parameters = f"{layer.parameters:,}" if layer.parameters else ""
        rows.append((layer.name, str(layer.spec.kind), show(layer.output_shape), parameters))
    drawing = _drawn(_shortened(rows))
    first, last = show(prepared.shape), show(plan[-1].output_shape)
    total = counted(assembly.parameters, "parameter")
    text = f"A model of {counted(len(plan), 'layer')} with {total}, from rows of shape {first} to {last}."
    return Sketch("The model", text, drawing)


def _shortened(rows: Sequence[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    if len(rows) <= _MOST_BOXES:
        return list(rows)
    left_out = len(rows) - (_MOST_BOXES - 1)
    middle = (f"{left_out} more layers", "", "", "")
    return [*rows[: _MOST_BOXES - 1 - _LAST], middle, *rows[-_LAST:]]


def _drawn(rows: Sequence[tuple[str, str, str, str]]) -> Drawing:
    height = len(rows) * _STEP + 0.25
    drawing = canvas(height, constrained=False)
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    for x, text in ((0.15, "layer"), (2.85, "output shape"), (WIDTH - 0.15, "parameters")):
        axes.text(x, 0.12, text, fontsize=8, alpha=0.8, va="center", ha="right" if x > 4 else "left")
    for index, row in enumerate(rows):
        _box(axes, 0.25 + index * _STEP, row, last=index == len(rows) - 1)
    return drawing


def _label(name: str, kind: str) -> str:
    """The name, and the kind where the name does not tell, in the room before the shapes."""
    if kind in name:
        return plain(name, _MOST_CHARACTERS)
    short = plain(kind, _MOST_CHARACTERS // 2)
    return f"{plain(name, _MOST_CHARACTERS - len(short) - 3)} ({short})"


def _box(axes: Axes, top: float, row: tuple[str, str, str, str], *, last: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    name, kind, shape, parameters = row
    style = "round,pad=0,rounding_size=0.05"
    box = FancyBboxPatch((0.05, top), WIDTH - 0.1, _HIGH, style, facecolor=f"{BLUE}22", edgecolor=BLUE, linewidth=1)
    axes.add_patch(box)
    middle = top + _HIGH / 2
    axes.text(0.15, middle, _label(name, kind), va="center", fontsize=9)
    axes.text(2.85, middle, shape, va="center", fontsize=8.5)
    axes.text(WIDTH - 0.15, middle, parameters, va="center", ha="right", fontsize=8.5)
    if not last:
        arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (WIDTH / 2, top + _STEP), (WIDTH / 2, top + _HIGH), arrowprops=arrow)
