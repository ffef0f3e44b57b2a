"""Weights and random draws follow from the seed of the layer; frozen layers do not train."""

import numpy as np
import pytest

from dltrain.layers.base import LayerSpec

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

WITH_WEIGHTS = [
    ({"dense": 3}, (4,)),
    ({"conv1d": {"filters": 3, "kernel_size": 2}}, (5, 2)),
    ({"conv2d": {"filters": 3, "kernel_size": 2}}, (5, 5, 2)),
    ({"depthwise_conv2d": 2}, (5, 5, 2)),
    ({"separable_conv2d": {"filters": 3, "kernel_size": 2}}, (5, 5, 2)),
    ({"embedding": {"output_dim": 3, "input_dim": 9}}, (4,)),
    ({"lstm": 3}, (4, 2)),
    ({"gru": 3}, (4, 2)),
    ({"simple_rnn": 3}, (4, 2)),
    ({"bidirectional": {"lstm": 3}}, (4, 2)),
    ({"time_distributed": {"layer": {"dense": 3}}}, (4, 2)),
]
RANDOM = [
    ({"dropout": 0.5}, (8,)),
    ({"alpha_dropout": 0.5}, (8,)),
    ({"gaussian_dropout": 0.5}, (8,)),
    ({"gaussian_noise": 0.5}, (8,)),
    ({"spatial_dropout1d": 0.5}, (2, 8)),
    ({"spatial_dropout2d": 0.5}, (2, 2, 8)),
    ({"lstm": {"units": 3, "dropout": 0.5}}, (4, 8)),
    ({"gru": {"units": 3, "recurrent_dropout": 0.5}}, (4, 8)),
    ({"simple_rnn": {"units": 3, "dropout": 0.5}}, (4, 8)),
    ({"bidirectional": {"gru": {"units": 3, "dropout": 0.5}}}, (4, 8)),
    ({"time_distributed": {"layer": {"dropout": 0.5}}}, (4, 8)),
]


def first(case):
    return next(iter(case[0]))


def built(value, shape, seed=7):
    layer = LayerSpec.choose(value).build(name="layer", seed=seed)
    layer(np.ones((2, *shape), "float32"))
    return layer


def weights(value, shape, seed=7):
    return [keras.ops.convert_to_numpy(weight) for weight in built(value, shape, seed).weights]


def draws(value, shape, seed=7):
    layer = LayerSpec.choose(value).build(name="layer", seed=seed)
    rows = np.ones((3, *shape), "float32")
    return [keras.ops.convert_to_numpy(layer(rows, training=True)) for _ in range(2)]


def same(left, right):
    return all(np.array_equal(one, other) for one, other in zip(left, right, strict=True))


@pytest.mark.parametrize(("value", "shape"), WITH_WEIGHTS, ids=map(first, WITH_WEIGHTS))
def test_weights_follow_from_the_seed_and_not_from_other_layers(value, shape):
    before = weights(value, shape)
    keras.utils.set_random_seed(99)
    built({"dense": 5}, (3,))
    assert same(before, weights(value, shape))
    assert not same(before, weights(value, shape, seed=8))


def test_the_weights_of_one_layer_differ_from_one_another():
    value = {"lstm": {"units": 4, "kernel_initializer": "normal", "recurrent_initializer": "normal", "use_bias": False}}
    kernel, recurrent = weights(value, (3, 4))
    assert kernel.shape == recurrent.shape
    assert not np.array_equal(kernel, recurrent)


def test_the_two_directions_have_weights_of_their_own():
    forward, _, _, backward, _, _ = weights({"bidirectional": {"lstm": 3}}, (4, 2))
    assert forward.shape == backward.shape
    assert not np.array_equal(forward, backward)


def test_the_two_directions_drop_different_values():
    value = {"bidirectional": {"layer": {"lstm": {"units": 64, "dropout": 0.5}}}}
    layer = built(value, (4, 2))
    assert layer.forward_layer.cell.seed != layer.backward_layer.cell.seed


@pytest.mark.parametrize(("value", "shape"), RANDOM, ids=map(first, RANDOM))
def test_draws_follow_from_the_seed_and_change_from_call_to_call(value, shape):
    one, two = draws(value, shape), draws(value, shape)
    keras.utils.set_random_seed(99)
    assert same(one, two)
    assert not np.array_equal(one[0], one[1])
    assert not same(one, draws(value, shape, seed=8))


@pytest.mark.parametrize(("value", "shape"), [*WITH_WEIGHTS, ("batch_normalization", (4,))])
def test_a_layer_that_is_not_trainable_has_no_trainable_weights(value, shape):
    spec = LayerSpec.choose(value)
    layer = spec.model_copy(update={"trainable": False}).build(name="layer", seed=1)
    model = keras.Sequential([keras.Input(shape), layer])
    assert model.trainable_weights == []
    assert sum(weight.shape.num_elements() for weight in model.weights) == spec.parameters(shape)


def test_a_frozen_layer_inside_another_stays_frozen():
    value = {"time_distributed": {"layer": {"dense": {"units": 3, "trainable": False}}}}
    assert built(value, (4, 2)).trainable_weights == []


def test_layers_carry_their_name_and_wrapped_ones_their_own():
    layer = built({"bidirectional": {"gru": 3}}, (4, 2))
    assert [layer.name, layer.forward_layer.name, layer.backward_layer.name] == ["layer", "forward_gru", "backward_gru"]


def test_a_bidirectional_layer_reads_backwards_too_and_survives_saving(tmp_path):
    value = {"bidirectional": {"layer": {"gru": {"units": 3, "go_backwards": True}}}}
    layer = built(value, (4, 2))
    assert layer.forward_layer.go_backwards
    assert not layer.backward_layer.go_backwards
    model = keras.Sequential([keras.Input((4, 2)), layer])
    rows = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.predict(rows, verbose=0), again.predict(rows, verbose=0))


def test_regularizers_and_activations_reach_keras():
    value = {
        "dense": {"units": 2, "activation": "relu", "kernel_initializer": "ones", "kernel_regularizer": {"l2": 0.5}}
    }
    layer = built(value, (3,))
    assert layer.activation is keras.activations.relu
    assert float(layer.losses[0]) == 3.0  # 0.5 * 6 weights of 1


def test_one_training_step_works_where_tensorflow_is_particular():
    cases = [
        ({"conv2d": {"filters": 4, "kernel_size": 2, "groups": 2}}, (6, 6, 2)),
        ({"depthwise_conv2d": {"kernel_size": 2, "dilation_rate": 2}}, (6, 6, 2)),
        ({"depthwise_conv1d": {"kernel_size": 2, "strides": 2}}, (6, 2)),
        ({"separable_conv1d": {"filters": 3, "kernel_size": 2, "dilation_rate": 2}}, (6, 2)),
        ({"batch_normalization": {"renorm": True, "renorm_clipping": {"rmax": 3.0, "dmax": 5.0}}}, (4,)),
        ({"group_normalization": {"groups": 2, "axis": -2}}, (4, 6)),
    ]
    for value, shape in cases:
        spec = LayerSpec.choose(value)
        model = keras.Sequential([keras.Input(shape), spec.build(name="layer", seed=1)])
        model.compile("sgd", "mse")
        targets = np.ones((2, *spec.output_shape(shape)))
        before = [np.array(weight) for weight in model.get_weights()]
        model.train_on_batch(np.random.default_rng(0).normal(size=(2, *shape)), targets)
        assert not same(before, model.get_weights()), value
