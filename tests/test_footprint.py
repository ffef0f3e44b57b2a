"""What a training step needs, derived by hand."""

import pytest

from dltrain.experiment import Experiment
from dltrain.footprint import Footprint, footprint, in_words
from dltrain.models.base import ModelSpec
from dltrain.signature import Feature, Head

VECTOR = Feature(name="x", kind="numeric", dtype="float32", shape=(10,))
SERIES = Feature(name="x", kind="numeric", dtype="float32", shape=(7, 3))


def needed(model, prepared, **settings):
    values = {"name": "test", "dataset": {"name": "iris"}, "model": model, "trainer": {"batch_size": 8}, **settings}
    layers = ModelSpec.choose(model).plan(prepared, Head(2, "softmax"))
    return footprint(Experiment.model_validate(values), layers)


def test_weights_gradients_slots_and_what_a_batch_leaves():
    # 10 x 20 + 20 and 20 x 2 + 2 weights; Adam keeps two numbers for each.
    # Of a row, 10 inputs and 20 outputs are there when the gradients of the 20 outputs are computed.
    weights = 4 * (220 + 42)
    activations = 8 * 4 * (10 + 20 + 20)
    assert needed({"mlp": {"units": 20}}, VECTOR) == Footprint(weights, weights, 2 * weights, activations)


def test_what_small_layers_leave_counts_where_it_is_more_than_the_gradients_of_a_large_one():
    found = needed({"mlp": {"units": [9, 9, 9, 9]}}, VECTOR)
    assert found.activations == 8 * 4 * (10 + 4 * 9 + 9)


def test_frozen_weights_have_neither_gradients_nor_slots():
    model = {"mlp": {"layers": [{"dense": {"units": 20, "trainable": False}}]}}
    found = needed(model, VECTOR, optimizer={"sgd": {"momentum": 0.9}})
    assert (found.weights, found.gradients, found.optimizer) == (4 * 262, 4 * 42, 4 * 42)


def test_mixed_precision_stores_weights_in_32_bits_and_outputs_of_layers_in_16():
    found = needed({"mlp": {"units": 20}}, VECTOR, runtime={"precision": "mixed_bfloat16"})
    assert (found.weights, found.optimizer) == (4 * 262, 8 * 262)
    assert found.activations == 8 * (4 * 10 + 2 * 20 + 2 * 20)


def test_a_recurrent_layer_keeps_states_and_gates_of_every_step():
    # 7 steps of 4 gates and 2 states of 5 units; of a GRU, 3 gates and a state; both directions twice.
    # Beside them are the rows, and the gradients of the outputs.
    assert needed({"lstm": {"units": 5}}, SERIES).activations == 8 * 4 * (21 + 7 * 6 * 5 + 5)
    gru = {"lstm": {"layers": [{"gru": 5}]}}
    assert needed(gru, SERIES).activations == 8 * 4 * (21 + 7 * 4 * 5 + 5)
    both = {"lstm": {"units": 5, "bidirectional": True}}
    assert needed(both, SERIES).activations == 8 * 4 * (21 + 2 * 7 * 6 * 5 + 10)


def test_a_flattened_row_is_the_same_memory():
    assert needed({"mlp": {"units": 50}}, SERIES).activations == 8 * 4 * (21 + 0 + 50 + 50)


def test_a_length_that_is_not_known_leaves_it_open():
    assert needed("lstm", SERIES.model_copy(update={"shape": (None, 3)})) is None
    assert needed("mlp", VECTOR.model_copy(update={"shape": (None,)})) is None


@pytest.mark.parametrize(
    ("count", "text"), [(90, "90 bytes"), (1000, "1.0 kB"), (2_540_000, "2.5 MB"), (1_234_000_000_000, "1,234.0 GB")]
)
def test_bytes_are_given_in_words(count, text):
    assert in_words(count) == text
