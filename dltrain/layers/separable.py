"""Convolutions of each channel by itself, followed by a mix of the channels."""

from collections.abc import Iterator
from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.activations import Activation
from dltrain.layers.shapes import IMAGE, STEPS, require_axes, require_length
from dltrain.layers.windows import EqualStrides, Filters, Kernel, Kernel1D, Kernel2D, Padding
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Size


class Separable(Kernel, Filters):
    """What these convolutions over one axis and over two have in common.

    Attributes:
        depth_multiplier: channels for each input channel, before they are mixed.
    """

    depth_multiplier: Size = 1
    activation: Activation | None = None
    use_bias: bool = True
    depthwise_initializer: InitializerSpec = GlorotUniform.default()
    pointwise_initializer: InitializerSpec = GlorotUniform.default()
    bias_initializer: InitializerSpec = Zeros.default()
    depthwise_regularizer: RegularizerSpec | None = None
    pointwise_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """The axes that the kernel slides over, then `filters`."""
        require_axes(self, shape, self.axes)
        require_length(self, shape, -1, self.axes[-1])
        return (*self.window.positions(shape[:-1]), self.filters)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A kernel for each intermediate channel, a mix of (intermediate, filters), and biases."""
        channels, axes = require_length(self, shape, -1, self.axes[-1]), self.window.size
        yield Weight("depthwise_kernel", (*axes, channels, self.depth_multiplier))
        yield Weight("pointwise_kernel", (*(1 for _ in axes), channels * self.depth_multiplier, self.filters))
        if self.use_bias:
            yield Weight("bias", (self.filters,))


class SeparableConv1D(Separable, Kernel1D, Filters):
    """Each feature convolved over time by itself, then mixed into `filters`.

    ``(batch, steps, features)`` to ``(batch, positions, filters)``.
    """

    type: Literal["separable_conv1d"] = "separable_conv1d"
    axes = STEPS
    weight_ranks = (("depthwise", 3), ("pointwise", 3), ("bias", 1))
    padding: Padding = "valid"


class SeparableConv2D(Separable, EqualStrides, Kernel2D, Filters):
    """Each channel of images convolved by itself, then mixed into `filters`.

    ``(batch, height, width, channels)`` to ``(batch, rows, columns, filters)``.
    """

    type: Literal["separable_conv2d"] = "separable_conv2d"
    axes = IMAGE
    weight_ranks = (("depthwise", 4), ("pointwise", 4), ("bias", 1))
