"""What optimizers remember is counted as Keras does, without it."""

import pytest

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon
from dltrain.signature import Weight

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

SETTINGS = [
    *OptimizerSpec.types(),
    {"adam": {"amsgrad": True}},
    {"adamw": {"amsgrad": True, "use_ema": True}},
    {"sgd": {"momentum": 0.9}},
    {"sgd": {"momentum": 0.9, "nesterov": True, "use_ema": True}},
    {"sgd": {"gradient_accumulation_steps": 4}},
    {"rmsprop": {"momentum": 0.9}},
    {"rmsprop": {"centered": True}},
    {"rmsprop": {"centered": True, "momentum": 0.5, "gradient_accumulation_steps": 2, "use_ema": True}},
    {"adafactor": {"use_ema": True}},
    {"muon": {"exclude_embeddings": False}},
    {"muon": {"exclude_layers": ["output", "dense/ker"]}},
    {"adam": {"learning_rate": {"cosine_decay": 0.1}}},
]


@pytest.fixture(scope="module")
def model():
    """Weights of one axis to four, an embedding among them, and some that are not trained."""
    layers = keras.layers
    frozen = layers.Dense(6, name="frozen")
    frozen.trainable = False
    inputs = keras.Input((8,), dtype="int32")
    rows = layers.Reshape((8, 5, 1))(layers.Embedding(11, 5, name="embedding")(inputs))
    rows = layers.Flatten()(layers.BatchNormalization(name="norm")(layers.Conv2D(3, 2, name="conv2d")(rows)))
    return keras.Model(inputs, layers.Dense(2, name="output")(layers.Dense(7, name="dense")(frozen(rows))), name="m")


def remembered(model, spec):
    """The numbers in Keras's variables, but for single ones such as the count of steps."""
    optimizer = spec.build(Horizon(10, 10))
    optimizer.build(model.trainable_variables)
    return sum(variable.value.numpy().size for variable in optimizer.variables if len(variable.shape))


@pytest.mark.parametrize("value", SETTINGS, ids=str)
def test_an_optimizer_remembers_as_many_numbers_as_it_says(value, model):
    spec = OptimizerSpec.choose(value)
    weights = [
        Weight(weight.path.removeprefix("m/"), tuple(weight.shape), weight.trainable) for weight in model.weights
    ]
    assert spec.state_size(weights) == remembered(model, spec)


def test_scaling_the_loss_for_half_precision_remembers_nothing_but_single_numbers(model):
    inner = OptimizerSpec.choose("adam")
    optimizer = keras.optimizers.LossScaleOptimizer(inner.build(Horizon(10, 10)))
    optimizer.build(model.trainable_variables)
    weights = [Weight(weight.path, tuple(weight.shape), weight.trainable) for weight in model.weights]
    assert inner.state_size(weights) == sum(
        value.value.numpy().size for value in optimizer.variables if len(value.shape)
    )
