"""Densely connected layers."""

from collections.abc import Iterator
from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import require_length
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Size


class Dense(LayerSpec):
    """Every output is a weighted sum of all inputs: ``activation(inputs @ kernel + bias)``.

    Works on the last axis: ``(batch, ..., features)`` to ``(batch, ..., units)``.

    Attributes:
        units: the length of an output.
    """

    type: Literal["dense"] = "dense"
    supports_masking = True
    weight_ranks = (("kernel", 2), ("bias", 1))
    units: Size
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: InitializerSpec = GlorotUniform.default()
    bias_initializer: InitializerSpec = Zeros.default()
    kernel_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """``(..., features)`` to ``(..., units)``."""
        if not shape:
            raise ShapeError("dense needs inputs of shape (features,), got (); put `reshape: [1]` before it")
        require_length(self, shape, -1, "features")
        return (*shape[:-1], self.units)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A kernel of (features, units), and a bias for each unit."""
        yield Weight("kernel", (require_length(self, shape, -1, "features"), self.units))
        if self.use_bias:
            yield Weight("bias", (self.units,))
