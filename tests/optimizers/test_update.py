"""Every optimizer as Keras builds it: its arguments, and what its updates do."""

import inspect

import keras
import numpy as np
import pytest

from dltrain.optimizers.base import OptimizerSpec
from dltrain.optimizers.updates import fuse_updates, sum_gradients
from dltrain.schedules.base import Horizon
from dltrain.spec.family import type_name

pytestmark = pytest.mark.keras

RUN = Horizon(steps_per_epoch=10, epochs=3)
NAMES = sorted({type_name(member) for member in OptimizerSpec.choices().values()})
ONE_STEP_RATES = {"adadelta": 1.0, "adagrad": 0.5, "ftrl": 0.5}


def updates(value, gradients, start=1.0):
    """The weight after each of the gradients."""
    optimizer = OptimizerSpec.choose(value).build(RUN)
    weight = keras.Variable(np.array([start], "float32"))
    optimizer.build([weight])
    values = []
    for gradient in gradients:
        optimizer.apply([keras.ops.array([gradient], "float32")], [weight])
        values.append(float(keras.ops.convert_to_numpy(weight)[0]))
    return values


@pytest.mark.parametrize("name", NAMES)
def test_settings_and_defaults_are_those_of_keras(name):
    spec = OptimizerSpec.choose(name)
    signature = inspect.signature(type(spec.build(RUN)).__init__)
    theirs = {key: p.default for key, p in signature.parameters.items() if key not in ("self", "name", "kwargs")}
    ours = {key: getattr(spec, key) for key in type(spec).model_fields if key != "type"}
    ours["learning_rate"] = spec.learning_rate.learning_rate
    if name == "muon":
        # The same to Keras, and a list is always a list here.
        assert (theirs.pop("exclude_layers"), ours.pop("exclude_layers")) == (None, ())
    assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
def test_one_step_lowers_the_loss_of_weights_of_every_shape(name):
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Embedding(5, 4),
        keras.layers.Conv1D(4, 2),
        keras.layers.Flatten(),
        keras.layers.Dense(4, activation="tanh"),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((3,), dtype="int32"), *layers])
    rows, targets = np.array([[0, 1, 2], [3, 4, 0], [1, 1, 1]]), np.array([[1.0], [2.0], [3.0]])
    optimizer = OptimizerSpec.choose({name: ONE_STEP_RATES.get(name, 0.01)}).build(RUN)
    model.compile(optimizer, "mse", run_eagerly=True)
    before = model.test_on_batch(rows, targets)
    model.train_on_batch(rows, targets)
    assert model.test_on_batch(rows, targets) < before


@pytest.mark.parametrize(
    ("value", "gradients", "expected"),
    [
        ({"sgd": 0.1}, [2, 1], [0.8, 0.7]),
        ({"sgd": {"learning_rate": 0.1, "momentum": 0.5}}, [2, 2], [0.8, 0.5]),
        ({"sgd": {"learning_rate": 0.1, "momentum": 0.5, "nesterov": True}}, [2], [0.7]),
        ({"sgd": {"learning_rate": 0.1, "weight_decay": 0.5}}, [2], [1 - 0.05 - 0.2]),
        ({"sgd": {"learning_rate": 0.1, "clipvalue": 0.5}}, [2], [0.95]),
        ({"sgd": {"learning_rate": 0.1, "clipnorm": 1}}, [2], [0.9]),
        ({"sgd": {"learning_rate": 0.1, "global_clipnorm": 1}}, [2], [0.9]),
        ({"sgd": {"learning_rate": 0.1, "loss_scale_factor": 4}}, [8], [0.8]),
        ({"sgd": {"learning_rate": 0.1, "gradient_accumulation_steps": 2}}, [1, 3], [1, 0.8]),
        ({"adam": 0.1}, [2], [0.9]),
        ({"adamw": {"learning_rate": 0.1, "weight_decay": 0.5}}, [2], [1 - 0.05 - 0.1]),
        ({"adamax": 0.1}, [2], [0.9]),
        ({"rmsprop": {"learning_rate": 0.1, "rho": 0.75}}, [2], [0.8]),
        ({"adagrad": {"learning_rate": 0.1, "initial_accumulator_value": 5}}, [2], [1 - 0.1 * 2 / 3]),
        ({"lion": 0.1}, [2, -0.001], [0.9, 0.8]),
        ({"lamb": 0.1}, [2], [0.9]),
        ({"adafactor": 0.1}, [2], [0.9]),
        ({"schedule_free_adamw": 0.1}, [2], [0.9]),
    ],
)
def test_updates_are_those_of_the_equations(value, gradients, expected):
    assert updates(value, gradients) == pytest.approx(expected, rel=1e-5)


def test_schedules_count_batches_where_gradients_are_accumulated():
    """Ten batches of an epoch at 1.0, then 0.1, though weights change with every fifth batch only."""
    schedule = {"step": {"boundaries_epochs": [1], "values": [1.0, 0.1]}}
    value = {"sgd": {"learning_rate": schedule, "gradient_accumulation_steps": 5}}
    moves = -np.diff([0.0, *updates(value, [1.0] * 20, start=0.0)])
    assert moves[[4, 9, 14, 19]] == pytest.approx([1.0, 1.0, 0.1, 0.1], rel=1e-5)
    assert np.count_nonzero(moves) == 4


def test_a_moving_average_replaces_the_weights_in_the_end():
    spec = OptimizerSpec.choose({"sgd": {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5}})
    optimizer, weight = spec.build(RUN), keras.Variable(np.array([1.0], "float32"))
    optimizer.build([weight])
    for _ in range(2):
        optimizer.apply([keras.ops.array([2.0], "float32")], [weight])
    optimizer.finalize_variable_values([weight])
    # The weight goes 1.0, 0.8, 0.6; Keras starts the average with the first value it sees.
    assert float(keras.ops.convert_to_numpy(weight)[0]) == pytest.approx((0.8 + 0.6) / 2)


def test_muon_moves_named_layers_and_everything_but_matrices_by_adamw():
    layers = [
        keras.layers.Embedding(5, 4, name="words_embedding"),
        keras.layers.Dense(4, name="hidden"),
        keras.layers.Dense(1, name="output"),
    ]
    model = keras.Sequential([keras.Input((3,), dtype="int32"), *layers], name="model")
    optimizer = OptimizerSpec.choose({"muon": {"exclude_layers": ["output"]}}).build(RUN)
    optimizer.build(model.trainable_variables)
    pairs = zip(model.trainable_variables, optimizer.adam_velocities, strict=True)
    assert [weight.path for weight, velocity in pairs if velocity is None] == ["model/hidden/kernel"]


def test_every_variable_of_an_optimizer_is_among_those_that_a_checkpoint_saves():
    """Nadam's product of momenta is not made by `add_variable`."""
    optimizer = OptimizerSpec.choose("nadam").build(RUN)
    optimizer.build([keras.Variable(np.zeros((2, 3), "float32"))])
    assert any(variable is optimizer._u_product for variable in optimizer.variables)


def test_what_rows_want_of_the_vector_of_one_id_is_summed_before_it_is_squared():
    import tensorflow as tf

    vectors = keras.Variable(np.ones((3, 1), "float32"))
    optimizer = keras.optimizers.Adagrad(1.0, initial_accumulator_value=0.0, epsilon=1e-12)
    sum_gradients(optimizer)
    optimizer.build([vectors])
    optimizer.apply([tf.IndexedSlices([[3.0], [4.0]], [1, 1], [3, 1])], [vectors])
    # The sum of squares would be 25, and the step 7 / 5; the square of the sum is 49.
    np.testing.assert_allclose(keras.ops.convert_to_numpy(vectors), [[1.0], [0.0], [1.0]], atol=1e-6)


FUSED = [
    "adam",
    {"adam": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "clipnorm": 0.5}},
    {"adam": {"use_ema": True, "gradient_accumulation_steps": 2}},
    {"adamw": {"learning_rate": {"cosine_decay": 0.1}, "weight_decay": 0.1}},
]


def applying(optimizer, weight):
    return lambda gradient: optimizer.apply([gradient], [weight])


@pytest.mark.parametrize("value", FUSED, ids=str)
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
def test_one_kernel_updates_as_the_operations_of_keras_do(value, compiled):
    import tensorflow as tf

    random = np.random.default_rng(0)
    gradients = random.normal(size=(20, 5, 3)).astype("float32")
    found = []
    for fuse in (lambda _: None, fuse_updates):
        optimizer, weight = OptimizerSpec.choose(value).build(RUN), keras.Variable(np.ones((5, 3), "float32"))
        fuse(optimizer)
        optimizer.build([weight])
        apply = applying(optimizer, weight)
        apply = tf.function(apply) if compiled else apply
        for gradient in gradients:
            apply(tf.constant(gradient))
        found.append([keras.ops.convert_to_numpy(variable) for variable in (weight, *optimizer.variables)])
    for plain, fused in zip(*found, strict=True):
        # The kernel computes 1 - 0.999 in 32 bits, which is off by 1e-5 of it.
        np.testing.assert_allclose(fused, plain, rtol=5e-5, atol=1e-6)
    assert "update_step" in vars(optimizer)


@pytest.mark.parametrize("value", [{"adam": {"amsgrad": True}}, "nadam", "sgd"], ids=str)
def test_what_the_kernel_does_not_compute_is_left_to_keras(value):
    optimizer = OptimizerSpec.choose(value).build(RUN)
    fuse_updates(optimizer)
    assert "update_step" not in vars(optimizer)
