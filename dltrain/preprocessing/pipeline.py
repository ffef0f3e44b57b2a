"""All features of a dataset, from raw rows to the one array that a model computes on."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec, Missing, Statistics, unlike
from dltrain.preprocessing.image import stacks
from dltrain.signature import STRING, Feature
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion

if TYPE_CHECKING:
    import keras
    import numpy as np

Columns = Callable[[str], Iterator["np.ndarray"]]
"""Yields one feature, by its name, of consecutive rows; can be called again."""

_PACK = 64
_NUMBERS_AT_ONCE = 1 << 24
"""How many prepared numbers are computed by one call."""


def settle(
    features: Iterable[Feature],
    given: Mapping[str, FeatureSpec],
    missing: Missing = "error",
    *,
    reads_sequences: bool = False,
) -> dict[str, FeatureSpec]:
    """How each feature is prepared: as given, else by its kind.

    Args:
        features: of the data.
        given: what the config says, by name.
        missing: what is done about missing values where a feature does not say.
        reads_sequences: whether the model begins with a look at sequences.

    Raises:
        SpecError: a feature is named that the data lacks, or cannot be prepared as asked.
    """
    known = {feature.name: feature for feature in features}
    problems = [
        Problem(f"the data has no feature '{name}'; it has {one_of(known)}{suggestion(name, known)}", (name,), key=True)
        for name in given
        if name not in known
    ]
    chosen = {name: given.get(name) or FeatureSpec.choose(feature.kind) for name, feature in known.items()}
    settled = {
        name: spec.with_policy(missing).for_model(reads_sequences=reads_sequences) for name, spec in chosen.items()
    }
    for name, spec in settled.items():
        try:
            spec.check(known[name])
        except ValueError as error:
            problems.append(Problem(str(error), (name,)))
    for name, spec in settled.items():
        if len(known) > 1 and spec.gives_sequences:
            text = f"'{name}' becomes a sequence of ids, which cannot be joined with the other features; write "
            problems.append(Problem(f"{text}output: tf_idf and model.type: mlp, or leave the others out", (name,)))
    if not problems and len(known) > 1 and any(len(feature.shape) > 1 for feature in known.values()):
        problems.append(Problem("several features are joined into one vector, so each must be a column of a table"))
    if problems:
        raise SpecError(problems)
    return settled


@dataclass(frozen=True)
class Preprocessing:
    """Adapted preprocessing.

    Attributes:
        features: the raw features, in the order of the model's inputs.
        specs: how each is prepared.
        statistics: what was learned from the training rows, for each feature.
    """

    features: tuple[Feature, ...]
    specs: Mapping[str, FeatureSpec]
    statistics: Mapping[str, Statistics]

    @classmethod
    def adapt(cls, features: tuple[Feature, ...], specs: Mapping[str, FeatureSpec], columns: Columns) -> "Preprocessing":
        """Learns from the training rows, of which `columns` yields one feature."""
        statistics = {feature.name: specs[feature.name].adapt(feature, columns(feature.name)) for feature in features}
        return cls(features, specs, statistics)

    @property
    def prepared(self) -> Feature:
        """What the model computes on: the one feature, or the vector of all columns."""
        each = [self.specs[feature.name].prepared(feature, self.statistics[feature.name]) for feature in self.features]
        if len(each) == 1:
            return each[0]
        width, embedded = 0, []
        for feature in each:
            embedded += [column.model_copy(update={"position": width + column.position}) for column in feature.embedded]
            width += feature.shape[0] or 0
        return Feature(name="columns", kind="numeric", dtype="float32", shape=(width,), embedded=tuple(embedded))

    @cached_property
    def inputs(self) -> "dict[str, keras.KerasTensor]":
        """Symbolic inputs of a model that takes raw rows: by the feature's name, but Keras allows no slash in it."""
        import keras

        inputs: dict[str, keras.KerasTensor] = {}
        for feature in self.features:
            name = feature.name.replace("/", "_")
            while name in inputs:
                name += "_"
            inputs[name] = keras.Input(feature.shape, name=name, dtype=feature.dtype)
        return inputs

    @cached_property
    def model(self) -> "keras.Model":
        """Stock layers from raw inputs to the prepared array, in 32 bits whatever the model computes in.

        It takes one array (rows, *shape), or with several features a list of them, in order. Its inputs
        are not called as the features, since a feature may be called as one of the layers.
        """
        import keras

        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")
        try:
            inputs, outputs = [], []
            for index, feature in enumerate(self.features):
                inputs.append(keras.Input(feature.shape, name=f"column_{index}", dtype=feature.dtype))
                outputs.append(self.specs[feature.name].encode(inputs[-1], feature, self.statistics[feature.name]))
            joined = outputs[0] if len(outputs) == 1 else keras.layers.Concatenate()(outputs)
            several = inputs if len(inputs) > 1 else inputs[0]
            return keras.Model(several, joined, name=unlike("preprocessing", self.inputs))
        finally:
            keras.config.set_dtype_policy(policy)

    @cached_property
    def _call(self) -> Callable[[Any], Any]:
        """The model, compiled once for any number of rows where the backend compiles."""
        import keras

        if keras.config.backend() != "tensorflow":
            return lambda inputs: self.model(inputs, training=False)
        import tensorflow as tf

        signature = [tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype) for tensor in self.model.inputs]
        compiled = tf.function(
            lambda inputs: self.model(inputs, training=False),
            input_signature=[signature if len(signature) > 1 else signature[0]],
        )
        return lambda inputs: compiled(inputs)

    def prepare(self, rows: Mapping[str, Any]) -> "np.ndarray":
        """Prepared rows, (rows, *prepared.shape).

        Raises:
            DataError: a value lies outside what the training rows allow.
        """
        if len(self.features) == 1 and None in (feature := self.features[0]).shape and feature.kind == "image":
            return self._resized(rows[feature.name])
        given = []
        for feature in self.features:
            values = rows[feature.name]
            try:
                self.specs[feature.name].check_rows(feature, self.statistics[feature.name], values)
            except ValueError as error:
                raise DataError(str(error)) from None
            given.append(_padded(values if feature.dtype == STRING else values.astype(feature.dtype, copy=False)))
        return self._in_parts(given)[: len(values)]

    def _in_parts(self, inputs: "list[np.ndarray]") -> "np.ndarray":
        """Prepared rows; few at a time where they are wide, since the layers need several times their memory."""
        import keras
        import numpy as np

        shape = tuple(length or 0 for length in self.prepared.shape)
        prepared: np.ndarray = np.empty((len(inputs[0]), *shape), self.prepared.dtype)
        at_once = max(1, _NUMBERS_AT_ONCE // math.prod(max(length, 1) for length in shape) // _PACK) * _PACK
        for start in range(0, len(prepared), at_once):
            taken = [values[start : start + at_once] for values in inputs]
            found = keras.ops.convert_to_numpy(self._call(taken if len(taken) > 1 else taken[0]))
            if len(found) == len(prepared):
                return np.asarray(found)
            prepared[start : start + at_once] = found
        return prepared

    def _resized(self, images: "np.ndarray") -> "np.ndarray":
        """The same for images of several sizes, each size at once."""
        import keras
        import numpy as np

        shape = tuple(length or 0 for length in self.prepared.shape)
        prepared: np.ndarray = np.empty((len(images), *shape), self.prepared.dtype)
        for rows, stack in stacks(images):
            given = stack.astype(self.features[0].dtype, copy=False)
            prepared[rows] = keras.ops.convert_to_numpy(self._call(given))
        return prepared


def _padded(values: "np.ndarray") -> "np.ndarray":
    """Rows up to a multiple of `_PACK`, the last one repeated.

    Compiled sines and logarithms take numbers in packs, and what is left over one by one, which may
    differ in the last bit; padded, a row's prepared form does not depend on the rows around it.
    """
    import numpy as np

    missing = -len(values) % _PACK
    return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)]) if missing else values
