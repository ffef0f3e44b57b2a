"""The family of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dltrain.signature import Shape
from dltrain.spec.section import Family

if TYPE_CHECKING:
    import keras

LayerName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]


class ShapeError(ValueError):
    """A layer cannot take an input of the given shape; the message says why and what to change."""


class LayerSpec(Family):
    """A layer of the model.

    Fields carry the names and defaults of the Keras layer's arguments.

    Attributes:
        name: unique in the model; by default the type with a number.
        trainable: false keeps the weights as they are, for fine-tuning.
    """

    noun: ClassVar[str] = "layer"
    random: ClassVar[bool] = False
    """True for layers that draw random numbers when they are called, and so take a seed."""

    name: LayerName | None = None
    trainable: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one output row for input rows of `shape`, both without the batch axis.

        Raises:
            ShapeError: the layer cannot take such an input.
        """
        return shape

    def parameters(self, shape: Shape) -> int:
        """The number of weights, trainable or not, for input rows of `shape`."""
        return 0

    def build(self, *, name: str, seed: int) -> keras.layers.Layer:
        """The Keras layer, called `name`; `seed` is used where the layer is random."""
        raise NotImplementedError
