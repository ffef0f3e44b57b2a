"""Activations as layers of their own."""

from typing import Literal

from typing_extensions import override

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.layers import activations
from dltrain.layers.axes import Axes, Axis
from dltrain.layers.base import LayerSpec, LengthError, ShapeError
from dltrain.layers.shapes import axis_index, shown
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.family import type_name
from dltrain.spec.fields import NonNegative, Real


class Activation(LayerSpec):
    """A function of each value, or of each vector of features for softmax and its kin.

    Attributes:
        activation: Keras's name of the function.
    """

    type: Literal["activation"] = "activation"
    supports_masking = True
    activation: activations.Activation


class ReLU(LayerSpec):
    """``max(inputs, 0)``.

    Attributes:
        max_value: larger outputs are cut to it; null for no such bound.
        negative_slope: the slope below `threshold`.
        threshold: inputs below it give 0, or what `negative_slope` says.
    """

    type: Literal["relu"] = "relu"
    supports_masking = True
    max_value: NonNegative | None = None
    negative_slope: NonNegative = 0.0
    threshold: NonNegative = 0.0


class LeakyReLU(LayerSpec):
    """``max(inputs, 0) + negative_slope * min(inputs, 0)``.

    Attributes:
        negative_slope: the slope below 0.
    """

    type: Literal["leaky_relu"] = "leaky_relu"
    supports_masking = True
    negative_slope: NonNegative = 0.3


class PReLU(LayerSpec):
    """``max(inputs, 0) + alpha * min(inputs, 0)`` with a trained `alpha` for each position (He et al., 2015).

    Attributes:
        alpha_initializer: the first values of `alpha`.
        alpha_regularizer: a penalty on `alpha`.
        shared_axes: axes along which `alpha` is the same, the batch being axis 0; after a conv2d,
            ``[1, 2]`` gives one for each channel.
    """

    type: Literal["prelu"] = "prelu"
    supports_masking = True
    alpha_initializer: InitializerSpec = Zeros.default()
    alpha_regularizer: RegularizerSpec | None = None
    shared_axes: Axes | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        lengths = self._lengths(shape)
        for setting in ("alpha_initializer", "alpha_regularizer"):
            chosen: InitializerSpec | RegularizerSpec | None = getattr(self, setting)
            if chosen and len(lengths) not in chosen.ranks:
                text = (
                    f"{setting} {type_name(type(chosen))} is not for weights of {len(lengths)} axes, as alpha has here"
                )
                raise ShapeError(f"{text}; use another")
        return shape

    def weights(self, shape: Shape) -> list[Weight]:
        """An alpha for each position, shared ones once."""
        return [Weight("alpha", tuple(self._lengths(shape)))]

    def _lengths(self, shape: Shape) -> list[int]:
        if not shape:
            raise ShapeError("prelu needs inputs of one axis or more, got (); put `reshape: [1]` before it")
        shared = {axis_index(self, shape, axis) for axis in self.shared_axes or ()}
        lengths = [1 if index in shared else length for index, length in enumerate(shape)]
        if None in lengths:
            axis = lengths.index(None) + 1
            text = f"prelu needs inputs of a fixed shape, got {shown(shape)}"
            raise LengthError(f"{text}; add {axis} to `shared_axes`, or pad or cut the inputs to one length")
        return [length for length in lengths if length is not None]


class ELU(LayerSpec):
    """Inputs above 0 as they are, and ``alpha * (exp(inputs) - 1)`` for the others.

    Attributes:
        alpha: the outputs of very negative inputs come near to its negative.
    """

    type: Literal["elu"] = "elu"
    supports_masking = True
    alpha: Real = 1.0


class Softmax(LayerSpec):
    """``exp(inputs) / sum(exp(inputs))``: positive values with a sum of 1.

    Attributes:
        axis: that is summed over, the batch being axis 0.
    """

    type: Literal["softmax"] = "softmax"
    supports_masking = True
    axis: Axis = -1

    @property
    @override
    def takes_mask(self) -> bool:
        """Never: Keras expects a mask of every value, not of steps."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        axis_index(self, shape, self.axis)
        return shape
