"""Vectors for ids."""

from collections.abc import Iterator
from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.distribution import RandomUniform
from dltrain.layers.base import LayerSpec, LengthError
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Feature, Shape, Weight
from dltrain.spec.fields import Count, Size


class Embedding(LayerSpec):
    """A trained vector for each id: ``(batch, steps)`` to ``(batch, steps, output_dim)``.

    Attributes:
        output_dim: the length of the vectors.
        input_dim: the number of ids; by default the size of the data's vocabulary.
        mask_zero: whether id 0 is padding, which later layers such as lstm then skip.
    """

    type: Literal["embedding"] = "embedding"
    weight_ranks = (("embeddings", 2),)
    looks_up = True
    output_dim: Size
    input_dim: Count | None = None
    embeddings_initializer: InitializerSpec = RandomUniform.default()
    embeddings_regularizer: RegularizerSpec | None = None
    mask_zero: bool = False

    def begins_mask(self, prepared: Feature) -> bool:
        """With `mask_zero`."""
        return self.mask_zero and prepared.kind == "ids"

    def output_shape(self, shape: Shape) -> Shape:
        """``(...)`` to ``(..., output_dim)``."""
        return (*shape, self.output_dim)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A vector for each id.

        Raises:
            LengthError: `input_dim` has not been filled in from the data.
        """
        if self.input_dim is None:
            raise LengthError("the number of ids is not known; set `input_dim`")
        yield Weight("embeddings", (self.input_dim, self.output_dim))
