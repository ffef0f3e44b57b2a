"""Any stack of layers."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from dltrain.layers.base import LayerSpec
from dltrain.models.base import Layers, ModelSpec
from dltrain.signature import Feature


class Sequential(ModelSpec):
    """The layers as written; the last is the output, and is checked against the target."""

    type: Literal["sequential"] = "sequential"
    has_own_output: ClassVar[bool] = True

    layers: Layers

    def body(self, prepared: Feature) -> Iterator[tuple[str, LayerSpec]]:
        """Exactly the layers of the config."""
        yield from ((f"model.layers.{index}", layer) for index, layer in enumerate(self.layers))
