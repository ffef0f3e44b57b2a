"""Recurrent networks."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.layers.base import LayerSpec, LengthError
from dltrain.models.base import ModelSpec, Sizes, show
from dltrain.signature import Feature
from dltrain.spec.fields import Decay, Size
from dltrain.spec.problems import SpecError


class Lstm(ModelSpec):
    """LSTM layers over a sequence; the last gives the vector that the output reads.

    Ids are embedded first. The rows of an image are taken as steps.

    Attributes:
        units: of each LSTM layer.
        embedding: the length of the vector for each id; used only where the data is ids.
        bidirectional: whether each layer also reads the sequence backwards.
        dropout: the share of outputs of each layer that is dropped while training.
        recurrent_dropout: the share of recurrent inputs that is dropped; slow on a GPU.
    """

    type: Literal["lstm"] = "lstm"
    short_form: ClassVar[tuple[str, ...]] = ("units", "embedding", "bidirectional", "dropout", "recurrent_dropout")

    units: Annotated[Sizes, Field(min_length=1)] = (64,)
    embedding: Size = 64
    bidirectional: bool = False
    dropout: Decay = 0.0
    recurrent_dropout: Decay = 0.0

    @property
    def reads_sequences(self) -> bool:
        """Always."""
        return True

    def body(self, prepared: Feature) -> Iterator[tuple[str, LayerSpec]]:
        """Reshape or embedding where needed, then the layers."""
        if prepared.kind != "ids" and len(prepared.shape) < 2:
            raise SpecError.at(
                "model",
                f"an lstm reads sequences, and the data has rows of shape {show(prepared.shape)}; use type: mlp",
            )
        if len(prepared.shape) == 3:
            height, width, channels = prepared.shape
            if height is None and None in (width, channels):
                raise LengthError("neither the height nor the width of the images is known")
            columns = -1 if width is None or channels is None else width * channels
            yield "model", LayerSpec.choose({"reshape": [height or -1, columns]})
        if self.layers is not None:
            yield from ((f"model.layers.{index}", layer) for index, layer in enumerate(self.layers))
            return
        if prepared.kind == "ids":
            yield "model", LayerSpec.choose({"embedding": {"output_dim": self.embedding, "mask_zero": True}})
        for index, units in enumerate(self.units):
            yield "model", LayerSpec.choose(self._layer(units, last=index == len(self.units) - 1))
            if self.dropout:
                yield "model", LayerSpec.choose({"dropout": self.dropout})

    def _layer(self, units: int, *, last: bool) -> object:
        settings = {"units": units, "return_sequences": not last, "recurrent_dropout": self.recurrent_dropout}
        return {"bidirectional": {"layer": {"lstm": settings}}} if self.bidirectional else {"lstm": settings}
