"""Rows in parts give what all rows at once give, but for rounding."""

import numpy as np
import pytest

from dltrain.layers.parts import take_in_parts

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

STEPS, FEATURES = 6, 3
CASES = {
    "lstm": lambda: keras.layers.LSTM(4),
    "lstm backwards": lambda: keras.layers.LSTM(4, go_backwards=True),
    "gru, all steps": lambda: keras.layers.GRU(4, return_sequences=True),
    "simple": lambda: keras.layers.SimpleRNN(4),
    "bidirectional, all steps": lambda: keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True)),
}


def outcomes(layer, batches):
    """Of each batch, outputs and the gradients of all weights."""
    import tensorflow as tf

    rows, mask = tf.TensorSpec((None, STEPS, FEATURES)), tf.TensorSpec((None, STEPS), dtype="bool")

    @tf.function(input_signature=[rows, mask])
    def step(rows, mask):
        with tf.GradientTape() as tape:
            outputs = layer(rows, mask=mask)
            loss = tf.reduce_sum(tf.sin(3 * outputs))
        return outputs, tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

    return [[part.numpy() for part in tf.nest.flatten(step(*batch))] for batch in batches]


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_are_those_of_all_rows_at_once(case):
    draw = np.random.default_rng(0)
    sizes = (7, 2, 1)
    batches = [
        (
            draw.normal(size=(rows, STEPS, FEATURES)).astype("float32"),
            np.arange(STEPS) < draw.integers(1, STEPS + 1, rows)[:, None],
        )
        for rows in sizes
    ]
    layer = CASES[case]()
    layer.build((None, STEPS, FEATURES))
    whole = outcomes(layer, batches)
    assert np.abs(whole[0][0]).max() > 0.01
    take_in_parts(layer, 3)
    for found, wanted in zip(outcomes(layer, batches), whole, strict=True):
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_fewer_rows_than_parts_are_taken_at_once():
    layer = keras.layers.LSTM(4)
    rows = np.ones((2, STEPS, FEATURES), "float32")
    before = layer(rows).numpy()
    take_in_parts(layer, 3)
    np.testing.assert_array_equal(layer(rows).numpy(), before)


def test_what_is_saved_is_the_layer_as_keras_has_it(tmp_path):
    model = keras.Sequential([keras.Input((STEPS, FEATURES)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    rows = np.random.default_rng(0).normal(size=(5, STEPS, FEATURES)).astype("float32")
    before = model.predict(rows, verbose=0)
    take_in_parts(model.layers[0], 2)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].get_config() == model.layers[0].get_config()
    np.testing.assert_allclose(again.predict(rows, verbose=0), before, atol=1e-6)
