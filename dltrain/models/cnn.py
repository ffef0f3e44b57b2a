"""Convolutional networks."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec
from dltrain.models.base import ModelSpec, Sizes, show
from dltrain.signature import Feature
from dltrain.spec.fields import Decay
from dltrain.spec.problems import SpecError


class Cnn(ModelSpec):
    """Convolutions with pooling, then dense layers; over images, or over sequences of vectors.

    Attributes:
        filters: of each convolution.
        kernel_size: height and width of the kernels, in pixels or steps.
        pool_size: of the max pooling after each convolution; 1 for none.
        units: of each dense layer after the convolutions.
        activation: of convolutions and dense layers.
        padding: ``same`` keeps the size of the image, ``valid`` cuts the border.
        dropout: before each dense layer and the output.
        batch_normalization: whether each convolution's outputs are normalized over the batch.
    """

    type: Literal["cnn"] = "cnn"
    short_form: ClassVar[tuple[str, ...]] = (
        "filters", "kernel_size", "pool_size", "units", "activation", "padding", "dropout", "batch_normalization",
    )  # fmt: skip

    filters: Annotated[Sizes, Field(min_length=1)] = (32, 64)
    kernel_size: Annotated[int, Field(ge=1, le=1000)] = 3
    pool_size: Annotated[int, Field(ge=1, le=1000)] = 2
    units: Sizes = (128,)
    activation: Activation = "relu"
    padding: Literal["same", "valid"] = "same"
    dropout: Decay = 0.0
    batch_normalization: bool = False

    @property
    def reads_sequences(self) -> bool:
        """Always."""
        return True

    def body(self, prepared: Feature) -> Iterator[tuple[str, LayerSpec]]:
        """The layers written out, or those of the short form."""
        if self.layers is not None:
            yield from ((f"model.layers.{index}", layer) for index, layer in enumerate(self.layers))
            return
        if len(prepared.shape) not in (2, 3) or prepared.kind == "ids":
            raise SpecError.at("model", f"a cnn takes images or sequences of vectors, and {_misfit(prepared)}")
        for layer in self._written_out(len(prepared.shape) - 1):
            yield "model", LayerSpec.choose(layer)

    def _written_out(self, axes: int) -> Iterator[object]:
        for filters in self.filters:
            settings = {"filters": filters, "kernel_size": self.kernel_size, "padding": self.padding}
            yield {f"conv{axes}d": {**settings, "activation": self.activation}}
            if self.batch_normalization:
                yield "batch_normalization"
            if self.pool_size > 1:
                yield {f"max_pooling{axes}d": self.pool_size}
        yield "flatten"
        for units in self.units:
            if self.dropout:
                yield {"dropout": self.dropout}
            yield {"dense": {"units": units, "activation": self.activation}}
        if self.dropout:
            yield {"dropout": self.dropout}


def _misfit(prepared: Feature) -> str:
    """What the data has instead, and what to write."""
    if prepared.kind != "ids":
        return f"the data has rows of shape {show(prepared.shape)}; use type: mlp, or lstm for ids"
    layers = "[embedding: 64, {conv1d: {filters: 64, kernel_size: 5, activation: relu}}, global_max_pooling1d]"
    return f"the data has sequences of ids; use type: lstm, or write `layers: {layers}`"
