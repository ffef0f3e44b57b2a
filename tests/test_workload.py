"""How many steps a call makes, derived by hand."""

import pytest

from dltrain.experiment import Experiment
from dltrain.models.base import ModelSpec
from dltrain.signature import Feature, Head
from dltrain.workload import (
    intra_op_threads,
    multiplications,
    parts_of_batch,
    rows_at_once,
    steps_per_execution,
    suits_onednn,
)

VECTOR = Feature(name="x", kind="numeric", dtype="float32", shape=(784,))
IMAGE = Feature(name="x", kind="image", dtype="float32", shape=(28, 28, 1))
IDS = Feature(name="x", kind="ids", dtype="int32", shape=(200,), vocabulary_size=10_000)
MLP = {"mlp": {"units": [512, 512]}}
CONVOLUTION = {"conv2d": {"filters": 32, "kernel_size": 3}}


def plan(model, prepared):
    return ModelSpec.choose(model).plan(prepared, Head(10, "softmax"))


def chosen(model, prepared, steps=500, **settings):
    values = {"name": "test", "dataset": {"name": "iris"}, "model": model, "trainer": {"batch_size": 128}, **settings}
    return steps_per_execution(Experiment.model_validate(values), plan(model, prepared), steps)


def test_a_weight_multiplies_once_at_each_position():
    layers = plan({"cnn": {"layers": [CONVOLUTION, "flatten"]}}, IMAGE)
    assert [multiplications(layer) for layer in layers] == [28 * 28 * (3 * 3 * 32 + 32), 0, 26 * 26 * 32 * 10 + 10]
    recurrent = plan({"lstm": {"layers": [{"embedding": 8}, {"lstm": 4}]}}, IDS)
    assert [multiplications(layer) for layer in recurrent][:2] == [0, 200 * 4 * 4 * (8 + 4 + 1)]


@pytest.mark.parametrize(
    ("model", "prepared", "steps"),
    [
        # 3 * 128 * 669,706 multiplications a step: 38 steps make 1e10.
        (MLP, VECTOR, 38),
        ({"mlp": {"units": 8}}, VECTOR, 64),
        # 3 * 128 * (784 * 320 + 676 * 9,248 + 576 * 9,248 + 184,330 and so on) is more than 4e9.
        ({"cnn": {"layers": [CONVOLUTION, CONVOLUTION, CONVOLUTION, "flatten"]}}, IMAGE, 2),
    ],
)
def test_a_call_makes_as_many_steps_as_take_a_second_at_most(model, prepared, steps):
    assert chosen(model, prepared) == steps


def test_a_call_makes_no_more_steps_than_an_epoch_has():
    assert chosen({"mlp": {"units": 8}}, VECTOR, steps=7) == 7


@pytest.mark.parametrize(
    ("model", "prepared", "threads"),
    [
        # 128 * 784 * 512 multiplications, and 128 * 784 * 9.
        (MLP, VECTOR, None),
        ({"mlp": {"units": 8}}, VECTOR, 1),
        # 128 * 28 * 28 * 320.
        ({"cnn": {"layers": [CONVOLUTION, "flatten"]}}, IMAGE, None),
        # At each of 200 steps 128 * (64 + 64 + 1) * 256.
        ({"lstm": {"layers": [{"embedding": 64}, {"lstm": 64}]}}, IDS, 1),
        ({"lstm": {"layers": [{"embedding": 64}, {"bidirectional": {"lstm": 64}}]}}, IDS, 1),
        ({"lstm": {"layers": [{"embedding": 64}, {"lstm": 512}]}}, IDS, None),
    ],
)
def test_threads_share_operations_that_take_longer_than_they_wait_for_one_another(model, prepared, threads):
    experiment = {"name": "test", "dataset": "iris", "model": model, "trainer": {"batch_size": 128}}
    assert intra_op_threads(Experiment.model_validate(experiment), plan(model, prepared)) == threads
    wanted = Experiment.model_validate({**experiment, "runtime": {"intra_op_threads": 3}})
    assert intra_op_threads(wanted, plan(model, prepared)) == 3
    jax = Experiment.model_validate({**experiment, "runtime": {"backend": "jax"}})
    assert intra_op_threads(jax, plan(model, prepared)) is None


@pytest.mark.parametrize(
    ("model", "prepared", "batch", "suits"),
    [
        # 128 * (784 * 512 + 512) multiplications, and 49 * as many.
        (MLP, VECTOR, 128, False),
        (MLP, VECTOR, 49, True),
        ({"mlp": {"units": [512]}}, VECTOR, 50, False),
        ({"cnn": {"layers": [CONVOLUTION, "flatten", {"dense": 512}]}}, IMAGE, 128, True),
        ({"lstm": {"layers": [{"embedding": 64}, {"lstm": 512}]}}, IDS, 128, True),
    ],
)
def test_large_products_of_dense_layers_alone_do_not_suit_onednn(model, prepared, batch, suits):
    experiment = {"name": "test", "dataset": "iris", "model": model, "trainer": {"batch_size": batch}}
    assert suits_onednn(Experiment.model_validate(experiment), plan(model, prepared)) is suits


def test_of_layers_that_are_not_known_nothing_is_assumed():
    experiment = {"name": "test", "dataset": "iris", "model": MLP, "trainer": {"batch_size": 128}}
    assert suits_onednn(Experiment.model_validate(experiment), []) is True


@pytest.mark.parametrize(
    ("layer", "settings", "parts"),
    [
        # At each step 128 * (64 + 128 + 1) * 512.
        ({"lstm": 128}, {}, 4),
        ({"bidirectional": {"gru": 128}}, {}, 2),
        ({"lstm": 128}, {"trainer": {"batch_size": 60}}, 3),
        ({"lstm": 128}, {"runtime": {"jit_compile": True}}, 1),
        ({"lstm": {"units": 128, "dropout": 0.1}}, {}, 1),
        ({"lstm": {"units": 128, "recurrent_dropout": 0.1}}, {}, 1),
        # 128 * (64 + 64 + 1) * 256.
        ({"lstm": 64}, {}, 1),
        # At each step 128 * (512 + 64 + 1) * 2048.
        ({"lstm": 512}, {}, 1),
        ({"lstm": {"units": 128, "unroll": True}}, {}, 1),
        ("global_average_pooling1d", {}, 1),
    ],
    ids=str,
)
def test_small_steps_are_taken_for_several_parts_of_a_batch_at_once(layer, settings, parts):
    model = {"lstm": {"layers": [{"embedding": 64}, layer]}}
    values = {"name": "test", "dataset": "iris", "model": model, "trainer": {"batch_size": 128}, **settings}
    assert parts_of_batch(Experiment.model_validate(values), plan(model, IDS)[1], threads=4) == parts


def test_what_is_written_holds():
    assert chosen(MLP, VECTOR, runtime={"steps_per_execution": 100}) == 100


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_make_one_step_a_call(backend):
    assert chosen({"mlp": {"units": 8}}, VECTOR, runtime={"backend": backend}) == 1


@pytest.mark.parametrize(
    ("model", "prepared", "rows"),
    [
        # 2,097,152 // 784 is 2,674.
        (MLP, VECTOR, 2048),
        ({"mlp": {"units": 8}}, Feature(name="x", kind="numeric", dtype="float32", shape=(4,)), 4096),
        # An image becomes 26 * 26 * 32 numbers, and 96 rows would fit.
        ({"cnn": {"layers": [CONVOLUTION, "flatten"]}}, IMAGE, 256),
        # 200 * 8 numbers of an embedding.
        ({"lstm": {"layers": [{"embedding": 8}, {"lstm": 4}]}}, IDS, 1024),
        ({"lstm": {"layers": [{"embedding": 8}, {"lstm": 4}]}}, IDS.model_copy(update={"shape": (None,)}), 256),
    ],
    ids=["mlp", "small", "cnn", "lstm", "any length"],
)
def test_as_many_rows_are_predicted_at_once_as_stay_in_the_cache(model, prepared, rows):
    assert rows_at_once(plan(model, prepared)) == rows
