"""Raw rows to prepared rows, feature by feature, by the layers that are saved or by what gives the same bits faster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec, Layers, Statistics
from dltrain.preprocessing.padding import masked
from dltrain.runtime.precision import full_precision
from dltrain.signature import STRING, Feature

if TYPE_CHECKING:
    import keras
    import numpy as np

_PACK = 64
_NUMBERS_AT_ONCE = 1 << 22
"""How many prepared numbers are computed by one call of the layers."""

_TEXTS_AT_ONCE = 1024
"""While they are cut into tokens, texts take many times the room of what becomes of them."""

_JOINED_AT_ONCE = 2048
"""Rows of which all columns are joined while they lie in the processor's cache."""


class Preparer:
    """Prepares chunks of rows.

    Args of the constructor: the raw features, how each is prepared, and what was learned of it.
    """

    def __init__(
        self, features: Sequence[Feature], specs: Mapping[str, FeatureSpec], statistics: Mapping[str, Statistics]
    ) -> None:
        self._columns = [(feature, specs[feature.name], statistics[feature.name]) for feature in features]
        self._layers: dict[int, Layers] = {}

    def __call__(self, rows: Mapping[str, Any]) -> np.ndarray:
        """Prepared rows, (rows, ...).

        Raises:
            DataError: a value lies outside what the training rows allow.
        """
        prepared = []
        for index, (feature, spec, statistics) in enumerate(self._columns):
            values = rows[feature.name]
            try:
                spec.check_rows(feature, statistics, values)
            except ValueError as error:
                raise DataError(str(error)) from None
            if feature.dtype != STRING and values.dtype.kind != "O":
                values = values.astype(feature.dtype, copy=False)
            found = spec.compute(values, statistics, partial(self._by_layers, index))
            prepared.append(masked(found, values) if feature.padded else found)
        return prepared[0] if len(prepared) == 1 else _joined(prepared)

    def _by_layers(self, index: int, rows: np.ndarray) -> np.ndarray:
        """Through the layers of one feature, which are built when they are first needed: most numbers never do."""
        if index not in self._layers:
            self._layers[index] = compiled_layers(*self._columns[index])
        return self._layers[index](rows)


def _joined(columns: list[np.ndarray]) -> np.ndarray:
    """Vectors (rows, width) side by side."""
    import numpy as np

    joined: np.ndarray = np.empty((len(columns[0]), sum(column.shape[1] for column in columns)), "float32")
    for start in range(0, len(joined), _JOINED_AT_ONCE):
        part = slice(start, start + _JOINED_AT_ONCE)
        np.concatenate([column[part] for column in columns], axis=1, out=joined[part])
    return joined


def layers_of(feature: Feature, spec: FeatureSpec, statistics: Statistics) -> keras.Model:
    """The layers of one feature, in 32 bits whatever the model computes in."""
    import keras

    with full_precision():
        raw = keras.Input(feature.shape, dtype=feature.dtype)
        return keras.Model(raw, spec.encode(raw, feature, statistics))


def compiled_layers(feature: Feature, spec: FeatureSpec, statistics: Statistics) -> Layers:
    """The same as a function of any number of rows, compiled once where the backend compiles."""
    import keras
    import numpy as np

    prepared, feature = spec.prepared(feature, statistics), _narrowed(feature)
    model = layers_of(feature, spec, statistics)
    call = _compiled(model)
    shape = tuple(length or 0 for length in prepared.shape)
    at_once = max(1, _NUMBERS_AT_ONCE // math.prod(max(length, 1) for length in shape) // _PACK) * _PACK

    if feature.dtype == STRING:
        at_once = min(at_once, _TEXTS_AT_ONCE)

    def compute(rows: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.empty((len(rows), *shape), prepared.dtype)
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            given = part if part.dtype.kind == "O" else part.astype(feature.dtype, copy=False)
            found[start : start + at_once] = keras.ops.convert_to_numpy(call(_padded(given)))[: len(part)]
        return found

    return compute


def _narrowed(feature: Feature) -> Feature:
    """In 32 bits on JAX, which has no others, and would wrap large integers around; ids are never so large."""
    import keras

    if keras.config.backend() != "jax" or feature.dtype not in ("int64", "uint64", "float64"):
        return feature
    return feature.model_copy(update={"dtype": "int32" if feature.kind == "ids" else "float32"})


def _compiled(model: keras.Model) -> Any:
    import keras

    if keras.config.backend() != "tensorflow":
        return lambda rows: model(rows, training=False)
    import tensorflow as tf

    signature = tf.TensorSpec([None, *model.inputs[0].shape[1:]], model.inputs[0].dtype)
    return tf.function(lambda rows: model(rows, training=False), input_signature=[signature])


def _padded(values: np.ndarray) -> np.ndarray:
    """Rows up to a multiple of `_PACK`, the last one repeated.

    Compiled sines and logarithms take numbers in packs, and what is left over one by one, which may
    differ in the last bit; padded, a row's prepared form does not depend on the rows around it.
    """
    import numpy as np

    missing = -len(values) % _PACK
    return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)]) if missing else values
