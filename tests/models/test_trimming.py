"""Where padding may be left out, and that doing so changes no output."""

import numpy as np
import pytest

from dltrain.models.base import ModelSpec
from dltrain.models.padding import for_padding
from dltrain.models.trimming import is_trimmed, lengths_of
from dltrain.signature import MASK_VALUE, Feature, Head

IDS = Feature(name="text", kind="ids", dtype="int32", shape=(20,), vocabulary_size=9)
SERIES = Feature(name="window", kind="numeric", dtype="float32", shape=(20, 3), padded=True)
MASKED = {"embedding": {"output_dim": 4, "mask_zero": True}}
WORDS = {"return_sequences": True}


def plan(layers, prepared=IDS):
    own = ModelSpec.choose({"type": "lstm", "layers": layers}).plan(prepared, Head(3, "softmax"))
    return [*for_padding(prepared, own), *own]


BOTH_WAYS = {"bidirectional": {"layer": {"lstm": {"units": 4, **WORDS}}}}

TRIMMED = {
    "the last state": [MASKED, {"lstm": 4}],
    "the mean of words": [MASKED, {"dense": 4}, "global_average_pooling1d"],
    "two layers": [MASKED, {"dropout": 0.2}, {"gru": {"units": 4, **WORDS}}, "layer_normalization", {"lstm": 4}],
    "the largest of two directions": [MASKED, {"spatial_dropout1d": 0.3}, BOTH_WAYS, "global_max_pooling1d"],
}


@pytest.mark.parametrize("layers", TRIMMED.values(), ids=TRIMMED)
def test_padding_that_is_masked_to_the_end_is_left_out(layers):
    assert is_trimmed(IDS, plan(layers))


@pytest.mark.parametrize(
    "layers",
    [
        [{"embedding": 4}, {"lstm": 4}],
        [{"embedding": 4}, {"conv1d": {"filters": 2, "kernel_size": 3}}, "global_max_pooling1d"],
        [MASKED, {"conv1d": {"filters": 2, "kernel_size": 3}}, "global_max_pooling1d"],
        [MASKED, "flatten"],
        [MASKED, {"lstm": {"units": 4, "unroll": True}}],
        [MASKED, {"lstm": {"units": 4, "activity_regularizer": {"l2": 0.1}}}],
        [MASKED, {"bidirectional": {"layer": {"lstm": {"units": 4, "activity_regularizer": {"l2": 0.1}}}}}],
        [MASKED, {"dropout": 0.5}, "global_max_pooling1d"],
        [MASKED, {"time_distributed": {"layer": {"dropout": 0.5}}}, "global_max_pooling1d"],
    ],
)
def test_padding_that_an_output_may_depend_on_stays(layers):
    assert not is_trimmed(IDS, plan(layers))


def test_series_are_trimmed_where_their_padding_is_masked():
    assert is_trimmed(SERIES, plan([{"lstm": 4}], SERIES))
    assert not is_trimmed(SERIES, plan(["flatten"], SERIES))
    fixed = SERIES.model_copy(update={"padded": False})
    assert not is_trimmed(fixed, plan([{"masking": 0.0}, {"lstm": 4}], fixed))


def test_a_length_ends_with_the_last_step_that_is_no_padding():
    rows = np.array([[3, 0, 5, 0, 0], [0, 0, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 7]], "int32")
    assert lengths_of(rows, "tensorflow").of_rows.tolist() == [3, 0, 5, 5]
    series = np.full((2, 4, 2), MASK_VALUE, "float32")
    series[0, :2] = 0
    series[1, :3, 1] = 1
    assert lengths_of(series, "jax").of_rows.tolist() == [2, 3]


def test_a_batch_keeps_a_step_of_padding_for_each_row_that_has_one():
    rows = np.tril(np.ones((33, 32), "int32"), -1)
    lengths = lengths_of(rows, "jax")
    assert lengths.of_rows.tolist() == list(range(33))
    assert lengths.quantum == 4
    kept = [lengths.of_batch(np.array([0, row])) for row in (0, 3, 4, 30, 31, 32)]
    assert kept == [4, 4, 8, 32, 32, 32]


@pytest.mark.keras
@pytest.mark.parametrize("layers", TRIMMED.values(), ids=TRIMMED)
def test_outputs_and_gradients_are_the_same_without_padding(layers):
    import keras
    import tensorflow as tf

    planned = plan(layers)
    built = [layer.spec.build(name=layer.name, seed=number) for number, layer in enumerate(planned)]
    model = keras.Sequential([keras.Input((None,), dtype="int32"), *built])
    rows = np.zeros((6, 20), "int32")
    for row, length in enumerate((1, 3, 5, 5, 2, 4)):
        rows[row, :length] = np.random.default_rng(row).integers(1, 9, length)

    def computed(inputs):
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=False)
            loss = tf.reduce_sum(outputs**2)
        return [outputs, *(tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, model.trainable_weights))]

    for whole, trimmed in zip(computed(rows), computed(rows[:, :6]), strict=True):
        np.testing.assert_allclose(trimmed, whole, atol=1e-6)
