"""Images with a border added or cut off, or in another size."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import IMAGE, plus, require_axes, shown, times
from dltrain.signature import Shape
from dltrain.spec.fields import Pair, Sequence, Written


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _both_sides(value: Any) -> Any:
    """All ways to write margins as ((top, bottom), (left, right))."""
    if _is_integer(value):
        value = (value, value)
    if isinstance(value, list | tuple) and len(value) == 2:
        sides = [(side, side) if _is_integer(side) else side for side in value]
        if all(isinstance(side, list | tuple) and len(side) == 2 for side in sides):
            return tuple(map(tuple, sides))
    text = "expected one integer, two as [vertical, horizontal], or [[top, bottom], [left, right]]"
    raise PydanticCustomError("setting", "{text}", {"text": text})


Pixels = Annotated[int, Field(ge=0, le=100_000)]
Sides = Annotated[tuple[Pixels, Pixels], Sequence]
Margins = Annotated[
    tuple[Sides, Sides],
    Sequence,
    BeforeValidator(_both_sides),
    Written(Pixels | tuple[Pixels | tuple[Pixels, Pixels], Pixels | tuple[Pixels, Pixels]]),
]
"""((top, bottom), (left, right)); one integer stands for all, two for vertical and horizontal."""


class ZeroPadding2D(LayerSpec):
    """A border of zeros around images: ``(batch, height, width, channels)``.

    Attributes:
        padding: the width of the border, in pixels.
    """

    type: Literal["zero_padding2d"] = "zero_padding2d"
    padding: Margins = ((1, 1), (1, 1))

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width with the border."""
        require_axes(self, shape, IMAGE)
        vertical, horizontal = self.padding
        return (plus(shape[0], sum(vertical)), plus(shape[1], sum(horizontal)), shape[2])


class Cropping2D(LayerSpec):
    """Images without their border: ``(batch, height, width, channels)``.

    Attributes:
        cropping: the width of what is cut off, in pixels.
    """

    type: Literal["cropping2d"] = "cropping2d"
    cropping: Margins = ((0, 0), (0, 0))

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width without the border."""
        require_axes(self, shape, IMAGE)
        vertical, horizontal = self.cropping
        rest = (plus(shape[0], -sum(vertical)), plus(shape[1], -sum(horizontal)))
        if any(length is not None and length < 1 for length in rest):
            text = f"cropping {[list(side) for side in self.cropping]} leaves nothing of an image of {shown(shape)}"
            raise ShapeError(f"{text}; crop less than the height and the width")
        return (*rest, shape[2])


class UpSampling2D(LayerSpec):
    """Larger images: ``(batch, height, width, channels)`` to ``(batch, height * rows, width * columns, channels)``.

    Attributes:
        size: the factors for height and width; one integer stands for both.
        interpolation: how new pixels follow from old ones; ``nearest`` repeats them.
    """

    type: Literal["up_sampling2d"] = "up_sampling2d"
    size: Pair = (2, 2)
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] = "nearest"

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width times the factors."""
        require_axes(self, shape, IMAGE)
        return (times(shape[0], self.size[0]), times(shape[1], self.size[1]), shape[2])
