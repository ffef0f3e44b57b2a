"""What all pictures look like: legible at a width of 360 pixels, in colours of Okabe and Ito (2008)."""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

INK = "#1b1f25"
"""Becomes the colour of the page's text; dark enough for a picture on white."""

BLUE, VERMILLION = "#1f86c7", "#d55e00"
"""Lines and bars: the blue is a little lighter than that of the eight colours, which is hard to see on black."""

CELL = "#0072b2"
"""Cells of a matrix, on which white text is legible."""

WIDTH = 5.0
"""Inches, of 72 units of the SVG each: text of 9 units has 9 pixels on a phone."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 9,
    "font.family": ["DejaVu Sans"],
    # A label of a record is text, whatever dollars it has.
    "text.parse_math": False,
    "text.usetex": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "axes.formatter.use_mathtext": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "image.composite_image": False,
}


@contextmanager
def styled(name: str = "figure") -> Iterator[None]:
    """Draws in the style of all pictures, whatever the user's settings of Matplotlib are, and without warnings.

    Args:
        name: from which the ids in the SVG follow, the same in each drawing.
    """
    import matplotlib as mpl

    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings(), mpl.rc_context():
        # Such as letters that the font of the PNG does not have.
        warnings.simplefilter("ignore")
        mpl.rcParams.update(mpl.rcParamsDefault)
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["svg.hashsalt"] = name
        yield


def canvas(height: float, *, constrained: bool = True) -> Drawing:
    """An empty drawing as wide as all, and so many inches high."""
    from matplotlib.figure import Figure as Drawing

    return Drawing(figsize=(WIDTH, height), layout="constrained" if constrained else None)


def plain(value: object, most: int = 24) -> str:
    """A value as one line of at most so many letters, without any that cannot be seen or turn the text around."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(value)[: 4 * most + 4])
    text = " ".join(shown.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def cells(text: str) -> int:
    """How wide a text is, in letters; those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int, most_lines: int) -> list[str]:
    """A text in lines of at most `width` cells; what is left over is cut off, which `…` says.

    Args:
        text: as `plain` gives it; lines break at spaces, but not at those that do not break.
        width: in cells.
        most_lines: at most so many.
    """
    lines, line, used = [], "", 0
    for word in _pieces(text, width):
        size = cells(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = "", 0
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    lines += [line] * bool(line)
    if len(lines) <= most_lines:
        return lines
    return [*lines[: most_lines - 1], f"{lines[most_lines - 1][: width - 1]}…"]


def _pieces(text: str, width: int) -> Iterator[str]:
    """Words, and long ones in parts that fit whatever letters they have."""
    for word in text.split(" "):
        step = width if cells(word) <= width else max(width // 2, 1)
        yield from (word[start : start + step] for start in range(0, len(word), step))


def counted(number: int, noun: str) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
