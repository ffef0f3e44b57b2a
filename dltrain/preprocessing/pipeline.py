"""All features of a dataset, from raw rows to the one array that a model computes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec, Statistics
from dltrain.signature import Feature
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion

if TYPE_CHECKING:
    import keras
    import numpy as np

Chunks = Callable[[], Iterator[Mapping[str, "np.ndarray"]]]
"""Yields the features of consecutive rows; can be called again."""


def settle(features: Iterable[Feature], given: Mapping[str, FeatureSpec]) -> dict[str, FeatureSpec]:
    """How each feature is prepared: as given, else by its kind.

    Raises:
        SpecError: a feature is named that the data lacks, or cannot be prepared as asked.
    """
    known = {feature.name: feature for feature in features}
    problems = [
        Problem(f"the data has no feature '{name}'; it has {one_of(known)}{suggestion(name, known)}", (name,), key=True)
        for name in given
        if name not in known
    ]
    settled = {name: given.get(name) or FeatureSpec.choose(feature.kind) for name, feature in known.items()}
    for name, spec in settled.items():
        try:
            spec.check(known[name])
        except ValueError as error:
            problems.append(Problem(str(error), (name,)))
    if not problems and len(known) > 1 and any(feature.shape for feature in known.values()):
        problems.append(Problem("several features are joined into one vector, so each must be a column of numbers"))
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
    def adapt(cls, features: tuple[Feature, ...], specs: Mapping[str, FeatureSpec], chunks: Chunks) -> "Preprocessing":
        """Learns from the training rows, which `chunks` yields."""
        statistics = {
            feature.name: specs[feature.name].adapt(feature, (rows[feature.name] for rows in chunks()))
            for feature in features
        }
        return cls(features, specs, statistics)

    @property
    def prepared(self) -> Feature:
        """What the model computes on: the one feature, or the vector of all columns."""
        each = [self.specs[feature.name].prepared(feature, self.statistics[feature.name]) for feature in self.features]
        if len(each) == 1:
            return each[0]
        return Feature(name="columns", kind="numeric", dtype="float32", shape=(len(each),))

    @cached_property
    def model(self) -> "keras.Model":
        """Stock layers from raw inputs to the prepared array, in 32 bits whatever the model computes in.

        The input is one array (rows, *shape), or with several features a mapping from each column's
        name to (rows,).
        """
        import keras

        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")
        try:
            return self._build()
        finally:
            keras.config.set_dtype_policy(policy)

    def _build(self) -> "keras.Model":
        import keras

        inputs, outputs = {}, []
        for feature in self.features:
            tensor = inputs[feature.name] = keras.Input(feature.shape, name=feature.name, dtype=feature.dtype)
            if feature.dtype != "float32" and feature.kind != "ids":
                tensor = keras.ops.cast(tensor, "float32")
            for layer in self.specs[feature.name].layers(feature, self.statistics[feature.name]):
                tensor = layer(tensor)
            outputs.append(tensor)
        joined = outputs[0] if len(outputs) == 1 else keras.layers.Concatenate()(outputs)
        return keras.Model(inputs if len(inputs) > 1 else next(iter(inputs.values())), joined, name="preprocessing")

    def prepare(self, rows: Mapping[str, Any]) -> "np.ndarray":
        """Prepared rows, (rows, *prepared.shape).

        Raises:
            DataError: a value lies outside what the training rows allow.
        """
        import keras

        for feature in self.features:
            try:
                self.specs[feature.name].check_rows(feature, self.statistics[feature.name], rows[feature.name])
            except ValueError as error:
                raise DataError(str(error)) from None
        given = {feature.name: rows[feature.name] for feature in self.features}
        inputs = given if len(given) > 1 else next(iter(given.values()))
        prepared: np.ndarray = keras.ops.convert_to_numpy(self.model(inputs, training=False))
        return prepared
