"""All features of a dataset, from raw rows to the one array that a model computes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dltrain.preprocessing.base import FeatureSpec, Missing, Statistics, unlike
from dltrain.preprocessing.padding import masked_tensor, without_padding
from dltrain.runtime.precision import full_precision
from dltrain.signature import STRING, Feature
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dltrain.preprocessing.preparer import Preparer

_MOST_THREADS = 4
"""Of those that learn from columns, each of which takes some memory."""

Columns = Callable[[str], Iterator["np.ndarray"]]
"""Yields one feature, by its name, of consecutive rows; can be called again."""


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
    settled: dict[str, FeatureSpec] = {}
    for name, feature in known.items():
        spec = given.get(name) or FeatureSpec.choose(feature.kind)
        try:
            found = spec.of_kind(feature.kind).with_policy(missing).for_model(reads_sequences=reads_sequences)
            settled[name] = found
            found.check(feature)
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
        statistics: what was learned from the training rows, for each feature; before anything is, of none.
    """

    features: tuple[Feature, ...]
    specs: Mapping[str, FeatureSpec]
    statistics: Mapping[str, Statistics]

    @classmethod
    def adapt(
        cls, features: tuple[Feature, ...], specs: Mapping[str, FeatureSpec], columns: Columns
    ) -> "Preprocessing":
        """Learns from the training rows, of which `columns` yields one feature."""
        from dltrain.ahead import side_by_side
        from dltrain.runtime.devices import processors

        def learned(feature: Feature) -> Statistics:
            rows = without_padding(columns(feature.name)) if feature.padded else columns(feature.name)
            return specs[feature.name].adapt(feature, rows)

        by_keras = {feature.name: learned(feature) for feature in features if specs[feature.name].adapts_by_keras}
        others = [feature for feature in features if feature.name not in by_keras]
        found = side_by_side(learned, others, threads=min(processors(), _MOST_THREADS))
        known = by_keras | {feature.name: statistics for feature, statistics in zip(others, found, strict=True)}
        return cls(features, specs, {feature.name: known[feature.name] for feature in features})

    @property
    def prepared(self) -> Feature:
        """What the model computes on: the one feature, or the vector of all columns."""
        learned = [self.statistics.get(feature.name) for feature in self.features]
        each = [self.specs[raw.name].prepared(raw, found) for raw, found in zip(self.features, learned, strict=True)]
        if len(each) == 1:
            return each[0].model_copy(update={"padded": True}) if self.features[0].padded else each[0]
        if any(feature.shape == (None,) for feature in each):
            return Feature(name="columns", kind="numeric", dtype="float32", shape=(None,))
        width, embedded = 0, []
        for feature in each:
            embedded += [column.model_copy(update={"position": width + column.position}) for column in feature.embedded]
            width += feature.shape[0] or 0
        return Feature(name="columns", kind="numeric", dtype="float32", shape=(width,), embedded=tuple(embedded))

    @property
    def stays_outside(self) -> bool:
        """Whether the saved model takes prepared rows: stock layers for strings can be made only by TensorFlow."""
        return any(raw.dtype == STRING for raw in self.features) and find_spec("tensorflow") is None

    @cached_property
    def inputs(self) -> "dict[str, keras.KerasTensor]":
        """Symbolic inputs of a model that takes raw rows: by the feature's name, but Keras allows no slash in it.

        There is one input of prepared rows where the preprocessing stays outside.
        """
        import keras

        if self.stays_outside:
            return {"prepared": keras.Input(self.prepared.shape, name="prepared", dtype=self.prepared.dtype)}
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

        if self.stays_outside:
            rows = keras.Input(self.prepared.shape, dtype=self.prepared.dtype)
            return keras.Model(rows, keras.layers.Identity()(rows), name="preprocessing")
        with full_precision():
            inputs = [
                keras.Input(feature.shape, name=f"column_{index}", dtype=feature.dtype)
                for index, feature in enumerate(self.features)
            ]
            outputs = [self._encoded(group, inputs[start : start + len(group)]) for start, group in self._groups()]
            joined = outputs[0] if len(outputs) == 1 else keras.layers.Concatenate()(outputs)
            several = inputs if len(inputs) > 1 else inputs[0]
            return keras.Model(several, joined, name=unlike("preprocessing", self.inputs))

    def _groups(self) -> Iterator[tuple[int, list[Feature]]]:
        """Neighbouring features that are encoded at once, each group with the index of its first one.

        A layer for each of hundreds of columns takes longer to build and to save than a small model to train.
        """
        start, group = 0, list(self.features[:1])
        for index, feature in enumerate(self.features[1:], start=1):
            spec = self.specs[feature.name]
            alike = spec == self.specs[group[0].name] and feature.dtype == group[0].dtype
            if alike and feature.shape == group[0].shape == () and spec.stacked([]) is not None:
                group.append(feature)
            else:
                yield start, group
                start, group = index, [feature]
        yield start, group

    def _encoded(self, group: list[Feature], inputs: list[Any]) -> Any:
        import keras

        first, statistics = group[0], [self.statistics[feature.name] for feature in group]
        spec = self.specs[first.name]
        if len(group) == 1:
            encoded = spec.encode(inputs[0], first, statistics[0])
            return masked_tensor(encoded, inputs[0]) if first.padded else encoded
        stacked = first.model_copy(update={"shape": (len(group),)})
        return spec.encode(keras.ops.stack(inputs, axis=1), stacked, spec.stacked(statistics) or {})

    @cached_property
    def _preparer(self) -> "Preparer":
        from dltrain.preprocessing.preparer import Preparer

        return Preparer(self.features, self.specs, self.statistics)

    def prepare(self, rows: Mapping[str, Any]) -> "np.ndarray":
        """Prepared rows, (rows, *prepared.shape).

        Raises:
            DataError: a value lies outside what the training rows allow.
        """
        return self._preparer(rows)
