"""Densely connected layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    import keras


class Dense(LayerSpec):
    """Every output is a weighted sum of all inputs: ``activation(inputs @ kernel + bias)``."""

    type: Literal["dense"] = "dense"
    units: Size
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: InitializerSpec = InitializerSpec.choose("glorot_uniform")
    bias_initializer: InitializerSpec = InitializerSpec.choose("zeros")
    kernel_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """``(..., features)`` to ``(..., units)``."""
        if not shape or shape[-1] is None:
            raise ShapeError("dense needs inputs with a fixed number of features; put `flatten` before it")
        return (*shape[:-1], self.units)

    def parameters(self, shape: Shape) -> int:
        """A kernel of (features, units), and a bias for each unit."""
        features = shape[-1] or 0
        return features * self.units + self.units * self.use_bias

    def build(self, *, name: str, seed: int) -> keras.layers.Layer:
        """``keras.layers.Dense``."""
        import keras

        return keras.layers.Dense(**self.arguments("name"), name=name)
