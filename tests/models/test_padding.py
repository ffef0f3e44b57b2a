"""What stands before a model whose rows are series of different lengths, and that padding changes nothing."""

import numpy as np
import pytest

from dltrain.models.base import ModelSpec
from dltrain.models.padding import for_padding
from dltrain.signature import MASK_VALUE, Feature, Head
from dltrain.spec.problems import SpecError

PADDED = Feature(name="window", kind="numeric", dtype="float32", shape=(6, 3), padded=True)
SEQUENCES = {"return_sequences": True}


def first_of(layers, prepared=PADDED, kind="lstm"):
    model = {"type": kind, "layers": layers} if layers else kind
    return for_padding(prepared, ModelSpec.choose(model).plan(prepared, Head(3, "softmax")))


@pytest.mark.parametrize(
    ("kind", "layers", "mask"),
    [
        ("lstm", None, True),
        ("cnn", None, False),
        ("mlp", None, False),
        ("lstm", [{"dense": 4}, "layer_normalization", {"gru": 4}], True),
        ("lstm", [{"lstm": {"units": 4, **SEQUENCES}}, "global_average_pooling1d"], True),
        ("lstm", [{"lstm": {"units": 4, **SEQUENCES}}, {"conv1d": {"filters": 2, "kernel_size": 2}}, "flatten"], True),
        ("cnn", [{"conv1d": {"filters": 2, "kernel_size": 2}}, "global_max_pooling1d"], False),
        ("cnn", ["softmax", "flatten"], False),
        ("cnn", ["flatten", {"reshape": [6, 3]}, {"lstm": 4}], False),
    ],
)
def test_padding_is_masked_where_a_layer_needs_to_know_it_and_zeros_elsewhere(kind, layers, mask):
    (layer,) = first_of(layers, kind=kind)
    assert (layer.name, layer.spec.mask, layer.output_shape, layer.parameters) == ("padding-of-series", mask, (6, 3), 0)


def test_rows_of_one_length_need_no_layer():
    assert first_of(None, PADDED.model_copy(update={"padded": False})) == []


CONVOLUTION = {"conv1d": {"filters": 2, "kernel_size": 2}}


@pytest.mark.parametrize(
    ("layers", "place", "lost", "reader"),
    [
        ([CONVOLUTION, {"lstm": 4}], 1, "conv1d", "lstm"),
        ([{"max_pooling1d": 2}, {"bidirectional": {"gru": 4}}], 1, "max_pooling1d", "bidirectional"),
        ([CONVOLUTION, "global_average_pooling1d"], 1, "conv1d", "global_average_pooling1d"),
        ([{"group_normalization": 3}, "relu", {"gru": 4}], 2, "group_normalization", "gru"),
        ([{"layer_normalization": {"axis": [1, 2]}}, {"gru": 4}], 1, "layer_normalization", "gru"),
        ([{"gru": {"units": 4, "go_backwards": True, **SEQUENCES}}, {"lstm": 4}], 1, "gru", "lstm"),
    ],
)
def test_a_layer_that_would_read_padding_as_steps_is_refused(layers, place, lost, reader):
    with pytest.raises(SpecError) as raised:
        first_of(layers)
    (problem,) = raised.value.problems
    assert problem.path == ("model", "layers", place)
    assert problem.message == (
        f"{reader} would read the padding of shorter series, since {lost} passes no mask on; put it before {lost}, "
        "or write flatten or global_max_pooling1d"
    )


@pytest.mark.parametrize(
    ("layers", "place", "wanted"),
    [
        ([{"masking": 0.0}, {"lstm": 4}], 0, "the padding of shorter series is masked anyway; delete this layer"),
        (
            ["relu", "softmax", {"lstm": 4}],
            1,
            "softmax cannot be computed on padded steps; write `activation: softmax`",
        ),
        (
            [{"time_distributed": {"layer": "softmax"}}, {"lstm": 4}],
            0,
            "time_distributed cannot be computed on padded steps; write `activation: softmax`",
        ),
    ],
)
def test_a_second_mask_and_a_layer_that_fails_on_a_mask_are_refused(layers, place, wanted):
    with pytest.raises(SpecError) as raised:
        first_of(layers)
    (problem,) = raised.value.problems
    assert (problem.path, problem.message) == (("model", "layers", place), wanted)


def built(layers, steps):
    """A model of any number of steps, with the same weights each time."""
    import keras

    prepared = PADDED.model_copy(update={"shape": (steps, 3)})
    model = ModelSpec.choose({"type": "lstm", "layers": layers} if layers else "lstm")
    own = model.plan(prepared, Head(3, "softmax"))
    planned = [*for_padding(prepared, own), *own]
    return keras.Sequential(
        [keras.Input((steps, 3)), *(layer.spec.build(name=layer.name, seed=7) for layer in planned)]
    )


def padded(rows, steps):
    return np.concatenate([rows, np.full((len(rows), steps, 3), MASK_VALUE, "float32")], axis=1)


ROWS = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")


@pytest.mark.keras
@pytest.mark.parametrize(
    "layers",
    [
        None,
        [{"gru": {"units": 4, "go_backwards": True}}],
        [{"bidirectional": {"lstm": {"units": 4, **SEQUENCES}}}, {"simple_rnn": 4}],
        [{"dense": 4}, "batch_normalization", {"lstm": {"units": 4, **SEQUENCES}}, "global_average_pooling1d"],
    ],
)
def test_padding_does_not_change_what_a_recurrent_model_says(layers):
    alone = np.asarray(built(layers, 4)(ROWS))
    longer = built(layers, 9)
    np.testing.assert_allclose(np.asarray(longer(padded(ROWS, 5))), alone, rtol=1e-6)
    together = np.concatenate([padded(ROWS, 5), np.ones((3, 9, 3), "float32")])
    np.testing.assert_allclose(np.asarray(longer(together))[:2], alone, rtol=1e-6)
    unmasked = np.concatenate([ROWS, np.ones((2, 5, 3), "float32")], axis=1)
    assert np.abs(np.asarray(longer(unmasked)) - alone).max() > 1e-4


@pytest.mark.keras
@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", ["lstm", "mlp"])
def test_padding_becomes_zeros_at_every_precision(policy, kind):
    import keras

    keras.config.set_dtype_policy(policy)
    try:
        (layer,) = first_of(None, kind=kind)
        outputs = layer.spec.build(name=layer.name, seed=0)(padded(ROWS, 2))
    finally:
        keras.config.set_dtype_policy("float32")
    wanted = np.concatenate([ROWS, np.zeros((2, 2, 3))], axis=1)
    np.testing.assert_array_equal(np.asarray(outputs), wanted)
