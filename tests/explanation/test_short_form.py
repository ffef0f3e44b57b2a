"""The short form of a model written out as layers, which make the same model."""

import pytest

from dltrain.explanation.short_form import briefly, written_out
from dltrain.layers.base import LayerSpec
from dltrain.models.base import ModelSpec
from dltrain.optimizers.base import OptimizerSpec
from dltrain.signature import Feature, Head

VECTOR = Feature(name="x", kind="numeric", dtype="float32", shape=(13,))
SERIES = Feature(name="x", kind="numeric", dtype="float32", shape=(24, 5))
IMAGE = Feature(name="x", kind="image", dtype="float32", shape=(28, 28, 3), minimum=0.0, maximum=1.0)
IDS = Feature(name="x", kind="ids", dtype="int32", shape=(20,), vocabulary_size=500)
HEAD = Head(3, "softmax")


@pytest.mark.parametrize(
    ("model", "prepared"),
    [
        ("mlp", VECTOR),
        ({"mlp": {"units": [8, 4], "dropout": 0.2, "batch_normalization": True}}, VECTOR),
        ({"mlp": {"units": [8], "kernel_regularizer": {"l2": 0.01}, "activation": "gelu"}}, IMAGE),
        ("cnn", IMAGE),
        ({"cnn": {"filters": [4, 8], "pool_size": 1, "padding": "valid", "dropout": 0.1}}, IMAGE),
        ({"cnn": {"filters": 4, "units": [], "batch_normalization": True, "kernel_size": 5}}, SERIES),
        ("lstm", SERIES),
        ("lstm", IDS),
        ({"lstm": {"units": [8, 4], "bidirectional": True, "dropout": 0.3, "recurrent_dropout": 0.1}}, IDS),
        ({"lstm": {"units": [8, 4], "bidirectional": True}}, IMAGE),
    ],
)
def test_the_layers_of_a_short_form_make_the_same_plan(model, prepared):
    short = ModelSpec.choose(model)
    layers = written_out(short, prepared)
    pasted = ModelSpec.choose({"type": short.type, "layers": layers})
    plans = [
        [(layer.name, layer.spec.plain(), layer.shape, layer.output_shape) for layer in found.plan(prepared, HEAD)]
        for found in (short, pasted)
    ]
    assert plans[0] == plans[1]


def test_a_short_form_is_written_as_one_would():
    model = ModelSpec.choose({"cnn": {"filters": [4], "dropout": 0.5, "units": [6]}})
    assert written_out(model, IMAGE) == [
        {"conv2d": {"filters": 4, "kernel_size": [3, 3], "padding": "same", "activation": "relu"}},
        "max_pooling2d",
        "flatten",
        {"dropout": 0.5},
        {"dense": {"units": 6, "activation": "relu"}},
        {"dropout": 0.5},
    ]
    recurrent = ModelSpec.choose({"lstm": {"units": 7, "bidirectional": True}})
    assert written_out(recurrent, SERIES) == [{"bidirectional": {"layer": {"lstm": 7}}}]


def test_what_is_written_out_already_has_no_short_form():
    assert written_out(ModelSpec.choose({"mlp": {"layers": [{"dense": 3}]}}), VECTOR) is None
    assert written_out(ModelSpec.choose({"mlp": {"units": []}}), VECTOR) is None


def test_lengths_that_are_not_known_leave_it_open():
    image = IMAGE.model_copy(update={"shape": (None, None, 3)})
    assert written_out(ModelSpec.choose("lstm"), image) is None


@pytest.mark.parametrize(
    ("family", "value", "brief"),
    [
        (LayerSpec, {"type": "flatten"}, "flatten"),
        (LayerSpec, {"type": "dropout", "rate": 0.5}, {"dropout": 0.5}),
        (LayerSpec, {"dense": {"units": 3, "use_bias": True}}, {"dense": 3}),
        (LayerSpec, {"dense": {"units": 3, "name": "first"}}, {"dense": {"name": "first", "units": 3}}),
        (OptimizerSpec, {"sgd": {"learning_rate": 0.01}}, "sgd"),
        (OptimizerSpec, {"adam": {"learning_rate": {"cosine_decay": 0.1}}}, None),
    ],
)
def test_a_component_is_brief_and_reads_back_as_itself(family, value, brief):
    spec = family.choose(value)
    assert brief is None or briefly(spec) == brief
    assert family.choose(briefly(spec)) == spec
