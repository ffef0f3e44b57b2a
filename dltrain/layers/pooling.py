"""Pooling: windows of steps or pixels, each reduced to one."""

from typing import Literal

from dltrain.layers.base import LayerSpec
from dltrain.layers.shapes import IMAGE, STEPS, require_axes
from dltrain.layers.windows import Padding, Window
from dltrain.signature import Shape
from dltrain.spec.fields import Pair, Single


class Pooling(LayerSpec):
    """What pooling over one axis and over two have in common."""

    @property
    def window(self) -> Window:
        """The window as it slides over the input."""
        raise NotImplementedError

    def output_shape(self, shape: Shape) -> Shape:
        """The positions of the window, then the channels."""
        require_axes(self, shape, self.axes)
        return (*self.window.positions(shape[:-1]), shape[-1])


class Pooling1D(Pooling):
    """A window over steps.

    Attributes:
        pool_size: steps that a window sees.
        strides: steps between two windows; by default `pool_size`.
    """

    axes = STEPS
    pool_size: Single
    strides: Single | None = None
    padding: Padding = "valid"

    @property
    def window(self) -> Window:
        """The window as it slides over the steps."""
        return Window("pool_size", (self.pool_size,), (self.strides or self.pool_size,), self.padding, (1,))


class Pooling2D(Pooling):
    """A window over pixels.

    Attributes:
        pool_size: height and width of a window; one integer stands for both.
        strides: pixels between two windows, down and across; by default `pool_size`.
    """

    axes = IMAGE
    pool_size: Pair
    strides: Pair | None = None
    padding: Padding = "valid"

    @property
    def window(self) -> Window:
        """The window as it slides over the image."""
        return Window("pool_size", self.pool_size, self.strides or self.pool_size, self.padding, (1, 1))


class MaxPooling1D(Pooling1D):
    """The largest value of each window: ``(batch, steps, features)`` to ``(batch, windows, features)``."""

    type: Literal["max_pooling1d"] = "max_pooling1d"
    pool_size: Single = 2


class AveragePooling1D(Pooling1D):
    """The mean of each window: ``(batch, steps, features)`` to ``(batch, windows, features)``."""

    type: Literal["average_pooling1d"] = "average_pooling1d"


class MaxPooling2D(Pooling2D):
    """The largest value of each window.

    ``(batch, height, width, channels)`` to ``(batch, rows, columns, channels)``.
    """

    type: Literal["max_pooling2d"] = "max_pooling2d"
    pool_size: Pair = (2, 2)


class AveragePooling2D(Pooling2D):
    """The mean of each window.

    ``(batch, height, width, channels)`` to ``(batch, rows, columns, channels)``.
    """

    type: Literal["average_pooling2d"] = "average_pooling2d"


class GlobalPooling(LayerSpec):
    """What pooling over all steps and over all pixels have in common.

    Attributes:
        keepdims: keep the axes that are pooled over, with length 1.
    """

    keepdims: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        """The channels, after axes of length 1 where they are kept."""
        require_axes(self, shape, self.axes)
        return (*(1,) * (len(shape) - 1), shape[-1]) if self.keepdims else shape[-1:]


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value over all steps: ``(batch, steps, features)`` to ``(batch, features)``."""

    type: Literal["global_max_pooling1d"] = "global_max_pooling1d"
    takes_largest = True
    axes = STEPS


class GlobalAveragePooling1D(GlobalPooling):
    """The mean over all steps: ``(batch, steps, features)`` to ``(batch, features)``.

    Masked steps, such as those of an embedding with `mask_zero`, do not count.
    """

    type: Literal["global_average_pooling1d"] = "global_average_pooling1d"
    supports_masking = True
    needs_mask = True
    axes = STEPS


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value over all pixels: ``(batch, height, width, channels)`` to ``(batch, channels)``."""

    type: Literal["global_max_pooling2d"] = "global_max_pooling2d"
    axes = IMAGE


class GlobalAveragePooling2D(GlobalPooling):
    """The mean over all pixels: ``(batch, height, width, channels)`` to ``(batch, channels)``."""

    type: Literal["global_average_pooling2d"] = "global_average_pooling2d"
    axes = IMAGE
