"""From an experiment and adapted preprocessing to Keras models; training and evaluation both build through here."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dltrain.experiment import Experiment
from dltrain.layers.parts import take_in_parts
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec, Outputs
from dltrain.models.augmented import augmentations, is_augmentation
from dltrain.models.base import PlannedLayer
from dltrain.models.entry import after, entry
from dltrain.models.padding import for_padding
from dltrain.models.trimming import is_trimmed
from dltrain.optimizers.updates import fuse_updates, sum_gradients
from dltrain.preprocessing.base import need_keras, unlike
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.runtime.devices import tensorflow_on_processor, threads_in_use
from dltrain.schedules.base import Horizon
from dltrain.signature import Feature, Head, Shape, Target
from dltrain.spec.problems import below
from dltrain.tasks.base import TaskSpec
from dltrain.workload import intra_op_threads, parts_of_batch

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Assembly:
    """Everything that is needed to build a run's models; its experiment is complete.

    Attributes:
        experiment: with task, loss and metrics filled in.
        target: what is predicted.
        preprocessing: adapted to the training rows.
    """

    experiment: Experiment
    target: Target
    preprocessing: Preprocessing

    @property
    def task(self) -> TaskSpec:
        """The task, which a completed experiment has."""
        assert self.experiment.task is not None
        return self.experiment.task

    @property
    def loss(self) -> LossSpec:
        """The loss, which a completed experiment has."""
        assert self.experiment.loss is not None
        return self.experiment.loss

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """The metrics, which a completed experiment has."""
        assert self.experiment.metrics is not None
        return self.experiment.metrics

    @cached_property
    def head(self) -> Head:
        """The output layer."""
        with below("loss"):
            return self.loss.head(self.target)

    @cached_property
    def plan(self) -> list[PlannedLayer]:
        """Every layer of the training model with its shapes.

        Raises:
            SpecError: a layer does not fit.
        """
        return planned(self.experiment, self.preprocessing.prepared, self.head)

    @property
    def intra_op_threads(self) -> int | None:
        """How many threads share one operation; None for all.

        Raises:
            SpecError: a layer does not fit.
        """
        # Where texts are cut into words, the backend runs before the model is known.
        late = need_keras(self.preprocessing.specs.values())
        return self.experiment.runtime.intra_op_threads if late else intra_op_threads(self.experiment, self.plan)

    @property
    def parameters(self) -> int:
        """The number of weights of the training model."""
        return sum(layer.parameters for layer in self.plan)

    @cached_property
    def model(self) -> keras.Model:
        """The training model, from prepared rows to outputs, not compiled."""
        rows = self.preprocessing.prepared.shape
        # Not by the name of the run: Muon looks for words in the paths of weights, which begin with the model's name.
        return self._stack(self._layers, "trained", (None, *rows[1:]) if self.trimmed else rows)

    @cached_property
    def trimmed(self) -> bool:
        """Whether the training model is given rows with less padding than they were prepared with."""
        return self.target.difference is None and is_trimmed(self.preprocessing.prepared, self.plan)

    @cached_property
    def _layers(self) -> list[keras.layers.Layer]:
        layers, runtime = [], self.experiment.runtime
        threads = threads_in_use(runtime) if tensorflow_on_processor(runtime) else 1
        for layer in self.plan:
            seed = (self.experiment.seed << 32 | zlib.crc32(layer.name.encode())) % (2**31 - 1)
            layers.append(layer.spec.build(name=layer.name, seed=seed))
            if (parts := parts_of_batch(self.experiment, layer, threads)) > 1:
                take_in_parts(layers[-1], parts)
        # With mixed precision the outputs, and so the loss, stay in 32 bits.
        layers[-1].dtype_policy = "float32"
        return layers

    def _stack(self, layers: list[keras.layers.Layer], name: str, rows: Shape) -> keras.Model:
        """A model of these layers; to their outputs the last values are added where they learn differences."""
        import keras

        entry = keras.Input(rows, dtype=self.preprocessing.prepared.dtype, name="prepared")
        if self.target.difference is None:
            return keras.Sequential([entry, *layers], name=name)
        outputs = entry
        for layer in layers:
            outputs = layer(outputs)
        added = keras.layers.Add(dtype="float32", name="from_last")([outputs, self._last_values(entry)])
        return keras.Model(entry, added, name=name)

    def _last_values(self, prepared: Any) -> Any:
        """Of the target in windows (batch, past, columns): (batch, values), in the unit that the loss is in."""
        import keras

        preprocessing, difference = self.preprocessing, self.target.difference
        assert difference is not None
        window = preprocessing.features[0].name
        chosen = keras.ops.take(prepared[:, -1, :], list(difference.columns), axis=1)
        raw = preprocessing.specs[window].restore(chosen, difference.columns, preprocessing.statistics[window])
        scale = self.target.scale or [1.0] * len(difference.columns)
        offset = [-start / unit for start, unit in zip(difference.offset, scale, strict=True)]
        return keras.layers.Rescaling([1 / unit for unit in scale], offset, dtype="float32", name="last_value")(raw)

    def compile(self, horizon: Horizon, *, steps_per_execution: int) -> keras.Model:
        """The training model with loss, optimizer and metrics.

        Raises:
            SpecError: the schedule does not fit the horizon.
        """
        with below("optimizer"):
            optimizer = self.experiment.optimizer.build(horizon)
        sum_gradients(optimizer)
        fuse_updates(optimizer)
        self.model.compile(
            optimizer=optimizer,
            loss=self.loss.build(),
            metrics=[metric.build(self.outputs) for metric in self.metrics],
            steps_per_execution=steps_per_execution,
            jit_compile=self.experiment.runtime.xla,
        )
        return self.model

    @property
    def outputs(self) -> Outputs:
        """What metrics must know of the model."""
        return Outputs(self.head, self.loss.form(self.target), self.target)

    def saved_model(self) -> keras.Model:
        """The model people take away: raw rows in, outputs out, made of stock layers, not compiled."""
        import keras

        inputs = self.preprocessing.inputs
        planned = zip(self.plan, self._layers, strict=True)
        # A stack of its own: the compiled one would be saved with metrics that no one else can load.
        layers = [layer for place, layer in planned if not is_augmentation(place)]
        # Keras wants every layer's name but once, and columns may be called anything.
        name = _identifier(self.experiment.name)
        inner = unlike(name, [*inputs, self.preprocessing.model.name])
        stack = self._stack(layers, inner, self.preprocessing.prepared.shape)
        raw = list(inputs.values())
        outputs = stack(self.preprocessing.model(raw if len(raw) > 1 else raw[0]))
        if self.target.scale:
            scale, offset = list(self.target.scale), list(self.target.offset)
            unit = unlike("target_unit", [*inputs, stack.name])
            outputs = keras.layers.Rescaling(scale, offset, dtype="float32", name=unit)(outputs)
        return keras.Model(inputs if len(raw) > 1 else raw[0], outputs, name=name)


def planned(experiment: Experiment, prepared: Feature, head: Head) -> list[PlannedLayer]:
    """Every layer of the training model with its shapes, as far as those of a prepared row and the head are known.

    Raises:
        SpecError: a layer does not fit.
    """
    first = [*augmentations(experiment.dataset.augment, prepared), *entry(prepared)]
    own = experiment.model.plan(after(prepared, first), head)
    return [*first, *for_padding(prepared, own), *own]


def weights_of(model: keras.Model) -> dict[str, Any]:
    """Every weight as a numpy array, by layer and name such as ``dense/kernel``."""
    import keras

    return {name: keras.ops.convert_to_numpy(weight) for name, weight in _named_weights(model)}


def set_weights(model: keras.Model, weights: dict[str, Any], *, partly: Iterable[str] = ()) -> int:
    """Assigns arrays to the weights of the same name and shape.

    Args:
        model: changed in place.
        weights: as from `weights_of`.
        partly: names of layers that keep their own weights where `weights` has none that fit.

    Returns:
        The number of weights that were assigned.

    Raises:
        ValueError: a weight is missing or has another shape; the model is unchanged.
    """
    spared, fitting = tuple(f"{name}/" for name in partly), []
    for name, weight in _named_weights(model):
        given = weights.get(name)
        if given is not None and tuple(given.shape) == tuple(weight.shape):
            fitting.append((weight, given))
        elif not (spared and name.startswith(spared)):
            found = "none" if given is None else f"one of shape {tuple(given.shape)}"
            raise ValueError(f"the model needs '{name}' of shape {tuple(weight.shape)}, and there is {found}")
    for weight, given in fitting:
        weight.assign(given)
    return len(fitting)


def _named_weights(model: keras.Model) -> list[tuple[str, Any]]:
    """Weights with their paths inside the model: Keras's path begins with the model's own name."""
    return [(weight.path.removeprefix(f"{model.name}/"), weight) for weight in model.weights]


def _identifier(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name)
