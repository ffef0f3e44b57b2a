"""Small images beside each other, each with a few words above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dltrain.figures.canvas import WIDTH, canvas

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_LINE, _GAP = 0.155, 0.08
"""Inches for a line of words, and between images."""
_MOST_UPRIGHT = 2.0


@dataclass(frozen=True)
class Board:
    """Places for images, line by line, in one pair of axes of inches; each pair takes as long as ten images.

    Attributes:
        drawing: that they are in.
        axes: of inches, from the top left.
        places: of each image left, right, bottom and top.
    """

    drawing: Drawing
    axes: Axes
    places: Sequence[tuple[float, float, float, float]]

    def put(self, index: int, image: np.ndarray, words: str, **colors: Any) -> None:
        """Draws an image, and words above it."""
        left, right, _, top = self.places[index]
        self.axes.imshow(image, extent=self.places[index], interpolation="none", aspect="auto", **colors)
        if words:
            middle = (left + right) / 2
            self.axes.text(middle, top - 0.03, words, fontsize=8, ha="center", va="bottom", linespacing=1.1)


def board(count: int, ratio: float, *, columns: int, words: int, below: float = 0.0) -> Board:
    """Places for so many images.

    Args:
        count: of the images.
        ratio: of their height to their width.
        columns: how many are beside each other.
        words: lines of words above each.
        below: inches that are left free at the bottom.
    """
    wide = WIDTH / columns - _GAP
    high = wide * min(ratio, _MOST_UPRIGHT)
    step = high + _LINE * words + _GAP
    height = -(-count // columns) * step + below
    drawing = canvas(height, constrained=False)
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.axis("off")
    places = []
    for line, column in (divmod(index, columns) for index in range(count)):
        left, top = column * (wide + _GAP) + _GAP / 2, line * step + _LINE * words + _GAP / 2
        places.append((left, left + wide, top + high, top))
    # The first image would set the limits anew.
    axes.set(xlim=(0, WIDTH), ylim=(height, 0), autoscale_on=False)
    return Board(drawing, axes, places)


def tiled(images: np.ndarray, words: Sequence[str], *, columns: int = 4) -> Drawing:
    """A drawing of images.

    Args:
        images: uint8 (images, height, width, channels).
        words: for each of them, in lines.
        columns: how many are beside each other.
    """
    lines = max((text.count("\n") + 1 for text in words if text), default=0)
    tiles = board(len(images), images.shape[1] / images.shape[2], columns=columns, words=lines)
    for index, image in enumerate(images):
        pixels = image[..., 0] if image.shape[-1] == 1 else image
        tiles.put(index, pixels, words[index] if index < len(words) else "", cmap="gray", vmin=0, vmax=255)
    return tiles.drawing
