"""Layers, parameters and memory of every shipped config are those of the model that Keras builds."""

from pathlib import Path

import pytest

from dltrain.assemble import Assembly
from dltrain.errors import ConfigError
from dltrain.explanation.explanation import explain
from dltrain.explanation.known import by_glance, by_reading
from dltrain.load import load
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.schedules.base import Horizon

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
SLOW = ("cats-vs-dogs-cnn", "imdb-text-lstm", "imdb-text-mlp")
"""Reading all of their rows takes more than a test may."""
EACH = [pytest.param(path, marks=[pytest.mark.soak] * (path.stem in SLOW), id=path.stem) for path in CONFIGS]


def _loaded(config):
    """Experiment and document of a config; skips where only its data is absent."""
    try:
        return load(config)
    except ConfigError as error:
        messages = [problem.message for problem in error.problems]
        if all(message.startswith(("no such file: ", "no such folder or archive: ")) for message in messages):
            pytest.skip(f"{config.stem} needs data that is not here: {messages[0]}")
        raise


def _assembly(known):
    preprocessing = Preprocessing(known.features, known.specs, known.statistics)
    return Assembly(known.experiment, known.target, preprocessing)


@pytest.mark.parametrize("config", EACH)
def test_layers_and_memory_are_those_of_the_model_that_keras_builds(config):
    experiment, document = _loaded(config)
    explained, known = explain(experiment, document), by_glance(experiment)
    if explained.parameters is None:
        explained, known = explain(experiment, document, read=True), by_reading(experiment)
    assembly = _assembly(known)
    model = assembly.compile(Horizon(100, experiment.trainer.epochs), steps_per_execution=1)
    model.optimizer.build(model.trainable_variables)
    # Of a model that learns differences, the last layer is dltrain's own addition.
    built = [model.get_layer(layer.name) for layer in explained.layers]
    shapes = [(layer.name, tuple(layer.output.shape)) for layer in built]
    assert [(layer.name, _as_built(layer, assembly)) for layer in explained.layers] == shapes
    assert [layer.parameters for layer in explained.layers] == [layer.count_params() for layer in built]
    assert explained.parameters == model.count_params()
    assert explained.trained_parameters == sum(_size(weight) for weight in model.trainable_weights)
    assert explained.memory.weights == 4 * model.count_params()
    assert explained.memory.gradients == 4 * explained.trained_parameters
    remembered = sum(_size(variable) for variable in model.optimizer.variables if len(variable.shape))
    assert explained.memory.optimizer == 4 * remembered


def _as_built(layer, assembly):
    """The shape of a batch; the training model takes sequences with less padding than prepared ones have."""
    steps = assembly.preprocessing.prepared.shape[0] if assembly.trimmed else None
    return (None, *(None if length == steps else length for length in layer.output_shape))


def _size(variable):
    return variable.value.numpy().size
