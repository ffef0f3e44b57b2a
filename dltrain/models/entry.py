"""What stands between prepared rows and the layers of a model: vectors for ids among the columns."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from dltrain.layers.base import LayerSpec, derived_seed
from dltrain.models.base import PlannedLayer
from dltrain.runtime.precision import full_precision
from dltrain.signature import Feature, Shape, Weight

if TYPE_CHECKING:
    import keras


class EmbeddedColumns(LayerSpec):
    """Replaces the columns that hold ids by trained vectors: (batch, columns) to (batch, wider).

    Attributes:
        prepared: the rows that it takes.
    """

    looks_up = True
    prepared: Feature

    @property
    @override
    def kind(self) -> str:
        """What messages call it."""
        return "embedded_columns"

    def output_shape(self, shape: Shape) -> Shape:
        """The other columns, then the vectors."""
        lengths = sum(column.length for column in self.prepared.embedded)
        return ((shape[0] or 0) - len(self.prepared.embedded) + lengths,)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A vector for each id of each column."""
        for column in self.prepared.embedded:
            yield Weight(f"column_{column.position}/embeddings", (column.vocabulary_size, column.length))

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """A model of stock layers. It takes ids in 32 bits, whatever the precision: 16 bits cannot count to 3000."""
        import keras

        with full_precision():
            inputs = keras.Input(self.prepared.shape, dtype="float32")
            joined = keras.layers.Concatenate()([*self._plain(inputs), *self._vectors(inputs, seed)])
            model: keras.layers.Layer = keras.Model(inputs, joined, name=name)
        return model

    def _plain(self, inputs: Any) -> list[Any]:
        import keras

        embedded = {column.position for column in self.prepared.embedded}
        plain = [position for position in range(self.prepared.shape[0] or 0) if position not in embedded]
        return [keras.ops.take(inputs, plain, axis=1)] if plain else []

    def _vectors(self, inputs: Any, seed: int) -> list[Any]:
        import keras

        vectors = []
        for column in self.prepared.embedded:
            ids = keras.ops.cast(inputs[:, column.position], "int32")
            start = keras.initializers.RandomUniform(seed=derived_seed(seed, column.name))
            name = f"column_{column.position}"
            vectors.append(keras.layers.Embedding(column.vocabulary_size, column.length, start, name=name)(ids))
        return vectors


def entry(prepared: Feature) -> list[PlannedLayer]:
    """The layers between prepared rows and the model's own; none for most data."""
    if not prepared.embedded:
        return []
    layer = EmbeddedColumns.model_construct(prepared=prepared)  # it has no `type` to be chosen by
    shape = prepared.shape
    # No layer of a config has a hyphen in its name, so that none can have the same.
    return [PlannedLayer("embedded-columns", layer, "dataset.features", shape, layer.output_shape(shape))]


def after(prepared: Feature, layers: list[PlannedLayer]) -> Feature:
    """What the model's own layers take."""
    if not layers:
        return prepared
    return Feature(name=prepared.name, kind=prepared.kind, dtype="float32", shape=layers[-1].output_shape)
