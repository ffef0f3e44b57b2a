"""How many training rows each class has."""

from __future__ import annotations

from collections.abc import Sequence

from dltrain.figures.canvas import BLUE, canvas, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known
from dltrain.runs.rating import mapping

_MOST_NAMED = 30


def class_balance(known: Known) -> Sketch | None:
    """A bar for each class or label; of more than 30 those of all, without names, by their size."""
    for noun in ("classes", "labels"):
        rows = mapping(mapping(known.manifest.get(noun)).get("rows"))
        counts = [(plain(name), count) for name, count in rows.items() if isinstance(count, int) and 0 <= count < 2**53]
        if len(counts) > 1:
            return _sketch(noun, counts)
    return None


def _sketch(noun: str, counts: Sequence[tuple[str, int]]) -> Sketch:
    named = len(counts) <= _MOST_NAMED
    drawing = canvas(0.6 + 0.2 * len(counts) if named else 2.6)
    axes = drawing.subplots()
    sizes = [count for _, count in counts]
    if named:
        axes.barh(range(len(counts)), sizes, color=BLUE, height=0.7)
        axes.set_yticks(range(len(counts)), [name for name, _ in counts], fontsize=8)
        axes.invert_yaxis()
        for place, size in enumerate(sizes):
            axes.annotate(f"{size:,}", (size, place), (3, 0), textcoords="offset points", va="center", fontsize=8)
        axes.margins(x=0.14, y=0.02)
        axes.set_xlabel("training rows")
        axes.grid(visible=False, axis="y")
    else:
        axes.fill_between(range(1, len(counts) + 1), sorted(sizes, reverse=True), step="mid", color=BLUE)
        axes.set(xlabel=f"{noun} by size", ylabel="training rows", ylim=(0, None))
    axes.locator_params(axis="x", nbins=5)
    rarest, most = (choose(counts, key=lambda entry: entry[1]) for choose in (min, max))
    shown = f"from {rarest[1]:,} of {rarest[0]} to {most[1]:,} of {most[0]}"
    text = f"Training rows of {len(counts):,} {noun}: {shown if rarest[1] < most[1] else f'{most[1]:,} of each'}."
    return Sketch("Class balance" if noun == "classes" else "Label balance", text, drawing)
