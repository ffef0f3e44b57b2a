"""Convolutions."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.activations import Activation
from dltrain.layers.base import ShapeError
from dltrain.layers.shapes import IMAGE, STEPS, require_axes, require_length
from dltrain.layers.windows import Filters, Kernel, Kernel1D, Kernel2D
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Size


class Convolution(Kernel, Filters):
    """What convolutions over one axis and over two have in common.

    Attributes:
        groups: parts that the channels are cut into, each convolved by itself.
    """

    groups: Size = 1
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: InitializerSpec = GlorotUniform.default()
    bias_initializer: InitializerSpec = Zeros.default()
    kernel_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None

    @model_validator(mode="after")
    def _groups_divide_filters(self) -> Self:
        if self.filters % self.groups:
            text = f"{self.filters} filters cannot be cut into {self.groups} groups; use a divisor of {self.filters}"
            raise self.refused("groups", text)
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """The axes that the kernel slides over, then `filters`."""
        require_axes(self, shape, self.axes)
        channels = require_length(self, shape, -1, self.axes[-1])
        if channels % self.groups:
            text = f"{channels} input channels cannot be cut into {self.groups} groups; use a divisor of {channels}"
            raise ShapeError(text)
        return (*self.window.positions(shape[:-1]), self.filters)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A kernel of (*kernel_size, channels / groups, filters), and a bias for each filter."""
        channels = require_length(self, shape, -1, self.axes[-1])
        yield Weight("kernel", (*self.window.size, channels // self.groups, self.filters))
        if self.use_bias:
            yield Weight("bias", (self.filters,))


class Conv1D(Convolution, Kernel1D, Filters):
    """Convolution over time: ``(batch, steps, features)`` to ``(batch, positions, filters)``."""

    type: Literal["conv1d"] = "conv1d"
    axes = STEPS
    weight_ranks = (("kernel", 3), ("bias", 1))


class Conv2D(Convolution, Kernel2D, Filters):
    """Convolution over images: ``(batch, height, width, channels)`` to ``(batch, rows, columns, filters)``."""

    type: Literal["conv2d"] = "conv2d"
    axes = IMAGE
    weight_ranks = (("kernel", 4), ("bias", 1))
