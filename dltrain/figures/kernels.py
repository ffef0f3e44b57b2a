"""What the first layer of a model of images looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.figures.canvas import INK, WIDTH, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known
from dltrain.figures.tiles import board

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_BELOW = 0.5
"""Inches for the scale of the colours."""


def first_layer(known: Known) -> Sketch | None:
    """The weights of each unit as a picture: red where brighter pixels raise its output, blue where they lower it."""
    import numpy as np

    evidence = known.evidence
    if evidence.kernels is None:
        return None
    weights = evidence.kernels.mean(axis=-1)
    highest = float(np.abs(weights).max()) or 1.0
    named = bool(evidence.outputs)
    columns, ratio = 5 if named else 8, weights.shape[1] / weights.shape[2]
    tiles = board(len(weights), ratio, columns=columns, words=int(named), below=_BELOW)
    for index, kernel in enumerate(weights):
        words = plain(evidence.outputs[index], 11) if index < len(evidence.outputs) else ""
        tiles.put(index, kernel, words, cmap="RdBu_r", vmin=-highest, vmax=highest)
    _scale(tiles.drawing, highest)
    return Sketch("Weights of the first layer", _text(known, len(weights), highest), tiles.drawing)


def _scale(drawing: Drawing, highest: float) -> None:
    """Which colour is which weight."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    height = drawing.get_size_inches()[1]
    axes = drawing.add_axes((1 / WIDTH, 0.28 / height, 1 - 2 / WIDTH, 0.12 / height))
    colors = ScalarMappable(Normalize(-highest, highest), "RdBu_r")
    bar = drawing.colorbar(colors, cax=axes, orientation="horizontal")
    bar.set_ticks([-highest, 0.0, highest], labels=[f"{-highest:.3g}", "0", f"{highest:.3g}"])
    bar.outline.set(edgecolor=INK, alpha=0.3)


def _text(known: Known, count: int, highest: float) -> str:
    evidence = known.evidence
    assert evidence.kernels is not None
    height, width, channels = evidence.kernels.shape[1:]
    noun = "classes" if evidence.outputs else "filters"
    of = f"{count} of {evidence.units:,}" if evidence.units > count else f"{count}"
    mean = f", means over {channels} channels" if channels > 1 else ""
    text = f"Weights of the layer {plain(evidence.layer)} as pictures of {height} x {width} for {of} {noun}{mean}"
    return f"{text}: red is positive, blue is negative, and the largest in size is {highest:.3g}."
