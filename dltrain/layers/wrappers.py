"""Layers around another layer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from dltrain.layers.base import LayerSpec, ShapeError, derived_seed
from dltrain.layers.recurrent import Recurrent
from dltrain.layers.shapes import STEPS, require_axes, shown
from dltrain.signature import Shape, Weight

if TYPE_CHECKING:
    import keras


class Bidirectional(LayerSpec):
    """A recurrent layer that reads the sequence forwards, and a second one that reads it backwards.

    ``bidirectional: {lstm: 64}`` is short for ``bidirectional: {layer: {lstm: 64}}``.

    Attributes:
        layer: what reads; the second one has the same settings and its own weights.
        merge_mode: how the two outputs become one; ``concat`` doubles the number of features.
    """

    type: Literal["bidirectional"] = "bidirectional"
    supports_masking = True
    needs_mask = True
    random = True
    inlined = "layer"
    layer: Recurrent
    merge_mode: Literal["concat", "sum", "mul", "ave"] = "concat"

    @model_validator(mode="before")
    @classmethod
    def _inner_layer(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "layer" in values:
            return values
        named = [key for key in values if key in Recurrent.choices()]
        if len(named) != 1:
            text = "bidirectional needs `layer`; write bidirectional: {layer: {lstm: 64}}"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return {
            **{key: value for key, value in values.items() if key not in named},
            "layer": {named[0]: values[named[0]]},
        }

    def output_shape(self, shape: Shape) -> Shape:
        """The layer's, with twice the features where the two are concatenated."""
        require_axes(self, shape, STEPS)
        inner = self.layer.output_shape(shape)
        return (*inner[:-1], self.layer.units * 2) if self.merge_mode == "concat" else inner

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """Twice the layer's."""
        inner = self.layer.name or self.layer.kind
        for direction in ("forward", "backward"):
            yield from self.layer.named_weights(f"{direction}_{inner}", shape)

    def kept(self, shape: Shape, output: Shape) -> int | None:
        """Twice the layer's."""
        inner = self.layer.kept(shape, output)
        return None if inner is None else 2 * inner

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """``keras.layers.Bidirectional``; both directions have seeds of their own.

        Keras would copy the forward layer for the backward one, and with it the seeds and so the weights.
        """
        import keras

        inner = self.layer.name or self.layer.kind
        reverse = self.layer.model_copy(update={"go_backwards": not self.layer.go_backwards})
        layer = keras.layers.Bidirectional(
            self.layer.build(name=inner, seed=derived_seed(seed, "forward")),
            backward_layer=reverse.build(name=f"backward_{inner}", seed=derived_seed(seed, "backward")),
            merge_mode=self.merge_mode,
            name=name,
        )
        return self.frozen_if_asked(layer)


class TimeDistributed(LayerSpec):
    """One layer, with one set of weights, on each step: ``(batch, steps, ...)`` to ``(batch, steps, ...)``.

    Attributes:
        layer: what each step goes through.
    """

    type: Literal["time_distributed"] = "time_distributed"
    supports_masking = True
    repeats = False
    random = True
    layer: LayerSpec

    @property
    @override
    def takes_mask(self) -> bool:
        """As the layer."""
        return self.layer.takes_mask

    def output_shape(self, shape: Shape) -> Shape:
        """The steps, then the layer's output for one step."""
        if len(shape) < 2:
            text = f"time_distributed needs inputs of shape (steps, ...), got {shown(shape)}"
            raise ShapeError(f"{text}; use its layer without it, or put `reshape` before it")
        inner = self.layer.output_shape(shape[1:])
        tuple(self.layer.weights(shape[1:]))  # raises for an embedding, whose vocabulary is filled in only at the top
        return (shape[0], *inner)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """The layer's."""
        return self.layer.named_weights(self.layer.name or self.layer.kind, shape[1:])

    def kept(self, shape: Shape, output: Shape) -> int | None:
        """The layer's, for each step."""
        inner = self.layer.kept(shape[1:], output[1:])
        return None if inner is None or shape[0] is None else shape[0] * inner

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """``keras.layers.TimeDistributed``."""
        import keras

        inner = self.layer.build(name=self.layer.name or self.layer.kind, seed=derived_seed(seed, "layer"))
        return self.frozen_if_asked(keras.layers.TimeDistributed(inner, name=name))
