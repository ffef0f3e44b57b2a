"""Shapes and numbers of weights are what Keras builds, over random settings."""

import random

import numpy as np
import pytest

from dltrain.layers.base import LayerSpec, ShapeError

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

EACH = 14


def one_of(draw, *choices):
    return draw.choice(choices)


def image(draw):
    return (draw.choice([None, 1, 2, 5, 7, 8]), draw.randint(1, 9), draw.choice([1, 2, 4, 6]))


def steps(draw):
    return (draw.choice([None, 1, 2, 5, 8]), draw.choice([1, 2, 4, 6]))


def vector(draw):
    return (draw.choice([None, 1, 4]),)


def misfit(draw):
    return draw.choice([(5,), (4, 3), (4, 3, 2), (2, 3, 4, 2), (4, None), (3, 3, None), (None,)])


def kernel(draw, axes):
    """Settings of a window, with strides or dilation above 1 but not both."""
    size = draw.randint(1, 4) if draw.random() < 0.5 else [draw.randint(1, 4) for _ in range(axes)]
    settings = {"kernel_size": size, "padding": one_of(draw, "valid", "same"), "use_bias": one_of(draw, True, False)}
    settings[one_of(draw, "strides", "dilation_rate")] = draw.randint(1, 3)
    return settings


def pool(draw, axes):
    size = draw.randint(1, 4) if draw.random() < 0.5 else [draw.randint(1, 4) for _ in range(axes)]
    strides = one_of(draw, {}, {"strides": draw.randint(1, 3)})
    return {"pool_size": size, "padding": one_of(draw, "valid", "same"), **strides}


def convolution(draw, axes):
    settings = {**kernel(draw, axes), "filters": draw.choice([2, 4, 6]), "groups": one_of(draw, 1, 1, 2)}
    return {**settings, "padding": "causal"} if axes == 1 and draw.random() < 0.3 else settings


def recurrent(draw):
    names = ("use_bias", "return_sequences", "go_backwards", "unroll")
    settings = {name: draw.random() < 0.4 for name in names}
    return {**settings, "units": draw.randint(1, 5), "dropout": one_of(draw, 0.0, 0.3)}


def gru(draw):
    return {**recurrent(draw), "reset_after": one_of(draw, True, False)}


def normalization(draw):
    return {"center": one_of(draw, True, False), "scale": one_of(draw, True, False)}


def batch_normalization(draw):
    return {**normalization(draw), "axis": one_of(draw, -1, 1, 3, -2), "renorm": one_of(draw, True, False, False)}


def bidirectional(draw):
    inner = one_of(draw, {"lstm": recurrent(draw)}, {"gru": gru(draw)}, {"simple_rnn": recurrent(draw)})
    return {"layer": inner, "merge_mode": one_of(draw, "concat", "sum", "mul", "ave")}


def time_distributed(draw):
    layers = ({"dense": 3}, "flatten", {"conv1d": {"filters": 2, "kernel_size": 2}}, {"dropout": 0.1}, {"gru": 3})
    return {"layer": one_of(draw, *layers)}


def margins(draw, most):
    return [[draw.randint(0, most), draw.randint(0, most)], [draw.randint(0, most), draw.randint(0, most)]]


def either(draw):
    return one_of(draw, image, steps)(draw)


SETTINGS = {
    "dense": (either, lambda draw: {"units": draw.randint(1, 9), "use_bias": one_of(draw, True, False)}),
    "conv1d": (steps, lambda draw: convolution(draw, 1)),
    "conv2d": (image, lambda draw: convolution(draw, 2)),
    "depthwise_conv1d": (steps, lambda draw: {**kernel(draw, 1), "depth_multiplier": draw.randint(1, 3)}),
    "depthwise_conv2d": (image, lambda draw: {**kernel(draw, 2), "depth_multiplier": draw.randint(1, 3)}),
    "separable_conv1d": (steps, lambda draw: {**kernel(draw, 1), "filters": 3, "depth_multiplier": draw.randint(1, 3)}),
    "separable_conv2d": (image, lambda draw: {**kernel(draw, 2), "filters": 3, "depth_multiplier": draw.randint(1, 3)}),
    "max_pooling1d": (steps, lambda draw: pool(draw, 1)),
    "max_pooling2d": (image, lambda draw: pool(draw, 2)),
    "average_pooling1d": (steps, lambda draw: pool(draw, 1)),
    "average_pooling2d": (image, lambda draw: pool(draw, 2)),
    "global_max_pooling1d": (steps, lambda draw: {"keepdims": one_of(draw, True, False)}),
    "global_max_pooling2d": (image, lambda draw: {"keepdims": one_of(draw, True, False)}),
    "global_average_pooling1d": (steps, lambda draw: {"keepdims": one_of(draw, True, False)}),
    "global_average_pooling2d": (image, lambda draw: {"keepdims": one_of(draw, True, False)}),
    "dropout": (either, lambda draw: {"rate": 0.5}),
    "alpha_dropout": (either, lambda draw: {"rate": 0.5}),
    "gaussian_dropout": (either, lambda draw: {"rate": 0.5}),
    "gaussian_noise": (either, lambda draw: {"stddev": 0.5}),
    "spatial_dropout1d": (steps, lambda draw: {"rate": 0.5}),
    "spatial_dropout2d": (image, lambda draw: {"rate": 0.5}),
    "batch_normalization": (either, batch_normalization),
    "layer_normalization": (
        either,
        lambda draw: {**normalization(draw), "axis": one_of(draw, -1, 2, [-1], [-1, -2], [1, 3])},
    ),
    "group_normalization": (
        either,
        lambda draw: {**normalization(draw), "groups": one_of(draw, -1, 1, 2, 3), "axis": one_of(draw, -1, 1, 2, 3)},
    ),
    "lstm": (steps, recurrent),
    "gru": (steps, gru),
    "simple_rnn": (steps, recurrent),
    "bidirectional": (steps, bidirectional),
    "time_distributed": (either, time_distributed),
    "embedding": (either, lambda draw: {"output_dim": draw.randint(1, 5), "input_dim": draw.randint(1, 50)}),
    "flatten": (either, lambda draw: {}),
    "reshape": (
        either,
        lambda draw: {"target_shape": one_of(draw, 4, -1, [2, 5], [2, -1], [-1, 2, 2], [-1, 1], [8, 1])},
    ),
    "permute": (either, lambda draw: {"dims": one_of(draw, [2, 1], [3, 1, 2], [1, 3, 2], 1)}),
    "repeat_vector": (vector, lambda draw: {"n": draw.randint(1, 5)}),
    "activation": (either, lambda draw: {"activation": one_of(draw, "relu", "softmax", "gelu")}),
    "relu": (either, lambda draw: {"max_value": 6.0}),
    "leaky_relu": (either, lambda draw: {}),
    "elu": (either, lambda draw: {}),
    "prelu": (either, lambda draw: one_of(draw, {}, {"shared_axes": 1}, {"shared_axes": [1, 2]}, {"shared_axes": [3]})),
    "softmax": (either, lambda draw: {"axis": one_of(draw, -1, 1, 2)}),
    "rescaling": (either, lambda draw: {"scale": 0.5}),
    "masking": (steps, lambda draw: {"mask_value": one_of(draw, 0.0, -1.0)}),
    "zero_padding2d": (image, lambda draw: {"padding": one_of(draw, 1, [1, 2], margins(draw, 3))}),
    "cropping2d": (image, lambda draw: {"cropping": one_of(draw, 1, [1, 2], margins(draw, 3))}),
    "up_sampling2d": (
        image,
        lambda draw: {"size": one_of(draw, 2, [1, 3]), "interpolation": one_of(draw, "nearest", "bilinear")},
    ),
}


def test_every_layer_is_compared():
    assert set(SETTINGS) == set(LayerSpec.choices())


def ours(spec, shape):
    try:
        output = spec.output_shape(shape)
    except ShapeError as error:
        return str(error)
    return output, spec.parameters(shape)


def what_keras_builds(spec, shape):
    layer = spec.build(name="layer", seed=1)
    try:
        outputs = layer(keras.Input(shape))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return tuple(outputs.shape[1:]), layer.count_params()


def can_be_traced(spec, shape):
    """Whether the layer works in training; recurrent and wrapping layers promise shapes that they cannot compute."""
    tensorflow = pytest.importorskip("tensorflow")
    layer = spec.build(name="layer", seed=1)
    try:
        tensorflow.function(layer).get_concrete_function(tensorflow.TensorSpec((None, *shape)))
    except Exception:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_shapes_and_parameters_are_those_of_keras(kind):
    draw = random.Random(kind)
    shapes_of, settings_of = SETTINGS[kind]
    built = 0
    for index in range(EACH):
        shape = misfit(draw) if index % 5 == 4 else shapes_of(draw)
        spec = LayerSpec.choose({"type": kind, **settings_of(draw)})
        mine, theirs = ours(spec, shape), what_keras_builds(spec, shape)
        if isinstance(mine, str):
            refused = isinstance(theirs, str) or not can_be_traced(spec, shape)
            assert refused, f"refused {spec!r} for {shape}: {mine}, and Keras gives {theirs}"
        else:
            assert mine == theirs, f"{spec!r} for {shape}"
            built += 1
    assert built >= 3


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_layers_that_fit_compute_what_their_shape_says(kind):
    draw = random.Random(f"{kind}/values")
    shapes_of, settings_of = SETTINGS[kind]
    for _ in range(40):
        shape = tuple(length or 6 for length in shapes_of(draw))
        spec = LayerSpec.choose({"type": kind, **settings_of(draw)})
        if not isinstance(ours(spec, shape), str):
            break
    rows = np.zeros((2, *shape), "float32")
    outputs = (
        spec.build(name="layer", seed=1)(rows, training=True) if spec.random else spec.build(name="l", seed=1)(rows)
    )
    assert tuple(outputs.shape) == (2, *spec.output_shape(shape))
