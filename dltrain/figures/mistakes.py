"""What a model is most wrong about, as images, texts or rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltrain.evidence.record import Evidence, Mistake
from dltrain.figures.canvas import WIDTH, canvas, plain, wrapped
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known
from dltrain.figures.tiles import tiled

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_SHOWN, _LINES = 6, 5
_CELLS = 74
"""Letters in a line."""
_JOINT = "\u00a0"
"""A space at which no line breaks."""
_LINE = 0.165
"""Inches."""


def mistakes(known: Known) -> Sketch | None:
    """Wrong rows that the model is surest of; of numbers those that it misses by most."""
    evidence = known.evidence
    if not evidence.mistakes:
        return None
    if evidence.images is not None:
        words = [f"{plain(one.predicted, 10)}{_sure(one)}\ntrue: {plain(one.truth, 12)}" for one in evidence.mistakes]
        drawing = tiled(evidence.images, words)
    else:
        entries = [_entry(one) for one in evidence.mistakes[:_SHOWN]]
        if all(len(lines) == 1 for lines in entries):
            return None
        drawing = _written(entries)
    numbers = not evidence.mistaken
    return Sketch("Largest errors" if numbers else "Most confident mistakes", _text(evidence), drawing)


def _written(entries: Sequence[Sequence[str]]) -> Drawing:
    """Each with a line in bold above what the row is."""
    height = sum(len(lines) + 0.7 for lines in entries) * _LINE
    drawing = canvas(height, constrained=False)
    place = 0.2
    for lines in entries:
        for index, line in enumerate(lines):
            y = 1 - (place + 0.5) * _LINE / height
            weight = "bold" if index == 0 else "normal"
            drawing.text(0.04 / WIDTH, y, line, fontsize=9 if index == 0 else 8.5, fontweight=weight, va="center")
            place += 1
        place += 0.7
    return drawing


def _entry(one: Mistake) -> list[str]:
    head = f"row {one.row:,}: predicted {plain(one.predicted)}{_sure(one)}, true {plain(one.truth)}"
    values = ", ".join(
        f"{plain(name, 30)}: {plain(value, 40)}".replace(" ", _JOINT) for name, value in one.values.items()
    )
    text = plain(one.text, 500) if one.text else values
    return [plain(head, _CELLS - 10), *wrapped(text, _CELLS, _LINES)]


def _sure(one: Mistake) -> str:
    if one.confidence is None:
        return ""
    return f" ({one.confidence:.1%})" if one.confidence < 0.999 else " (>99.9%)"


def _text(evidence: Evidence) -> str:
    first, split = evidence.mistakes[0], plain(evidence.split)
    truth, predicted = plain(first.truth), plain(first.predicted)
    if not evidence.mistaken:
        text = f"The {split} rows with the largest errors. The largest is that of row {first.row:,}"
        return f"{text}: {predicted} is predicted, and {truth} is true."
    shown = len(evidence.mistakes) if evidence.images is not None else min(len(evidence.mistakes), _SHOWN)
    text = f"Wrong {split} rows, {shown} of {evidence.mistaken:,}, those first of which the model is surest"
    return f"{text}: row {first.row:,} is {truth}, and is called {predicted}{_sure(first)}."
