"""Multi-layer perceptrons."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec
from dltrain.models.base import ModelSpec, Sizes
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Feature
from dltrain.spec.fields import Decay
from dltrain.spec.problems import SpecError


class Mlp(ModelSpec):
    """Dense layers over a vector; images and sequences are flattened first.

    Attributes:
        units: of each hidden layer; ``[]`` for none, which is softmax or linear regression.
        activation: of the hidden layers.
        dropout: the share of outputs of each hidden layer that is dropped while training.
        batch_normalization: whether each hidden layer's outputs are normalized over the batch.
        kernel_regularizer: a penalty on the hidden layers' weights.
    """

    type: Literal["mlp"] = "mlp"
    short_form: ClassVar[tuple[str, ...]] = (
        "units",
        "activation",
        "dropout",
        "batch_normalization",
        "kernel_regularizer",
    )

    units: Sizes = (128,)
    activation: Activation = "relu"
    dropout: Decay = 0.0
    batch_normalization: bool = False
    kernel_regularizer: RegularizerSpec | None = None

    def body(self, prepared: Feature) -> Iterator[tuple[str, LayerSpec]]:
        """Flatten where needed, then the layers."""
        if prepared.kind == "ids" and not (self.layers and self.layers[0].type == "embedding"):
            raise SpecError.at(
                "model",
                "the data is ids, which mean nothing as numbers; use type: lstm, or begin `layers` with `embedding`",
            )
        if self.layers is not None:
            if len(prepared.shape) > 1 and self.layers[0].type != "flatten":
                yield "model", LayerSpec.choose("flatten")
            yield from ((f"model.layers.{index}", layer) for index, layer in enumerate(self.layers))
            return
        if len(prepared.shape) > 1:
            yield "model", LayerSpec.choose("flatten")
        for units in self.units:
            yield "model", LayerSpec.choose({"dense": self._dense(units)})
            if self.batch_normalization:
                yield "model", LayerSpec.choose("batch_normalization")
            if self.dropout:
                yield "model", LayerSpec.choose({"dropout": self.dropout})

    def _dense(self, units: int) -> dict[str, object]:
        settings: dict[str, object] = {"units": units, "activation": self.activation}
        if self.kernel_regularizer is not None:
            settings["kernel_regularizer"] = self.kernel_regularizer
        return settings
