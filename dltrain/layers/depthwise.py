"""Convolutions of each channel by itself."""

from collections.abc import Iterator
from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.activations import Activation
from dltrain.layers.shapes import IMAGE, STEPS, require_axes, require_length
from dltrain.layers.windows import EqualStrides, Kernel, Kernel1D, Kernel2D, Padding
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Size


class Depthwise(Kernel):
    """What these convolutions over one axis and over two have in common.

    Attributes:
        depth_multiplier: output channels for each input channel.
    """

    depth_multiplier: Size = 1
    activation: Activation | None = None
    use_bias: bool = True
    depthwise_initializer: InitializerSpec = GlorotUniform.default()
    bias_initializer: InitializerSpec = Zeros.default()
    depthwise_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """The axes that the kernel slides over, then ``channels * depth_multiplier``."""
        require_axes(self, shape, self.axes)
        channels = require_length(self, shape, -1, self.axes[-1])
        return (*self.window.positions(shape[:-1]), channels * self.depth_multiplier)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A kernel of (*kernel_size, channels, depth_multiplier), and a bias for each output channel."""
        channels = require_length(self, shape, -1, self.axes[-1])
        yield Weight("kernel", (*self.window.size, channels, self.depth_multiplier))
        if self.use_bias:
            yield Weight("bias", (channels * self.depth_multiplier,))


class DepthwiseConv1D(Depthwise, Kernel1D):
    """Each feature convolved over time by itself.

    ``(batch, steps, features)`` to ``(batch, positions, features * depth_multiplier)``.
    """

    type: Literal["depthwise_conv1d"] = "depthwise_conv1d"
    axes = STEPS
    weight_ranks = (("depthwise", 3), ("bias", 1))
    padding: Padding = "valid"


class DepthwiseConv2D(Depthwise, EqualStrides, Kernel2D):
    """Each channel of images convolved by itself.

    ``(batch, height, width, channels)`` to ``(batch, rows, columns, channels * depth_multiplier)``.
    """

    type: Literal["depthwise_conv2d"] = "depthwise_conv2d"
    axes = IMAGE
    weight_ranks = (("depthwise", 4), ("bias", 1))
