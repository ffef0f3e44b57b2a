"""Models as plans of layers with known shapes; no Keras is needed."""

import pytest
from pydantic import ValidationError

from dltrain.models.base import ModelSpec, show
from dltrain.signature import Feature, Head
from dltrain.spec.problems import SpecError

IMAGE = Feature(name="x", kind="image", dtype="float32", shape=(8, 8, 1))
VECTOR = Feature(name="x", kind="numeric", dtype="float32", shape=(4,))
STEPS = Feature(name="x", kind="numeric", dtype="float32", shape=(6, 3))
IDS = Feature(name="x", kind="ids", dtype="int32", shape=(20,), vocabulary_size=100)
TEN = Head(10, "softmax")


def plan(model, prepared, head=TEN):
    return ModelSpec.choose(model).plan(prepared, head)


def written(model, prepared):
    """Type, output shape and parameters of each layer."""
    return [(layer.spec.type, layer.output_shape, layer.parameters) for layer in plan(model, prepared)]


def refusal(model, prepared, head=TEN):
    with pytest.raises(SpecError) as raised:
        plan(model, prepared, head)
    return str(raised.value)


def test_the_short_form_of_an_mlp():
    model = {"mlp": {"units": [5, 3], "dropout": 0.5, "batch_normalization": True}}
    assert written(model, IMAGE) == [
        ("flatten", (64,), 0),
        ("dense", (5,), 65 * 5),
        ("batch_normalization", (5,), 20),
        ("dropout", (5,), 0),
        ("dense", (3,), 6 * 3),
        ("batch_normalization", (3,), 12),
        ("dropout", (3,), 0),
        ("dense", (10,), 4 * 10),
    ]


def test_an_mlp_without_units_is_softmax_regression():
    assert written({"mlp": []}, VECTOR) == [("dense", (10,), 5 * 10)]
    assert written({"mlp": 7}, VECTOR) == [("dense", (7,), 5 * 7), ("dense", (10,), 8 * 10)]


def test_a_regularizer_of_an_mlp_is_on_its_hidden_layers():
    layers = plan({"type": "mlp", "units": 3, "kernel_regularizer": {"l2": 0.1}}, VECTOR)
    assert [layer.spec.kernel_regularizer is not None for layer in layers] == [True, False]


def test_the_short_form_of_a_cnn():
    model = {"cnn": {"filters": [4, 8], "units": 16, "dropout": 0.25, "batch_normalization": True}}
    assert written(model, IMAGE) == [
        ("conv2d", (8, 8, 4), (9 * 1 + 1) * 4),
        ("batch_normalization", (8, 8, 4), 16),
        ("max_pooling2d", (4, 4, 4), 0),
        ("conv2d", (4, 4, 8), (9 * 4 + 1) * 8),
        ("batch_normalization", (4, 4, 8), 32),
        ("max_pooling2d", (2, 2, 8), 0),
        ("flatten", (32,), 0),
        ("dropout", (32,), 0),
        ("dense", (16,), 33 * 16),
        ("dropout", (16,), 0),
        ("dense", (10,), 17 * 10),
    ]


def test_a_cnn_without_pooling_over_steps():
    model = {"cnn": {"filters": 4, "kernel_size": 2, "pool_size": 1, "padding": "valid", "units": []}}
    assert written(model, STEPS) == [("conv1d", (5, 4), (2 * 3 + 1) * 4), ("flatten", (20,), 0), ("dense", (10,), 210)]


def lstm(features, units):
    return 4 * units * (features + units + 1)


def test_the_short_form_of_an_lstm_over_ids():
    model = {"lstm": {"units": [8, 4], "embedding": 16, "bidirectional": True, "dropout": 0.1}}
    assert written(model, IDS) == [
        ("embedding", (20, 16), 100 * 16),
        ("bidirectional", (20, 16), 2 * lstm(16, 8)),
        ("dropout", (20, 16), 0),
        ("bidirectional", (8,), 2 * lstm(16, 4)),
        ("dropout", (8,), 0),
        ("dense", (10,), 90),
    ]
    assert plan(model, IDS)[0].spec.mask_zero is True


def test_an_lstm_reads_vectors_step_by_step_and_images_row_by_row():
    assert written({"lstm": 5}, STEPS) == [("lstm", (5,), lstm(3, 5)), ("dense", (10,), 60)]
    assert written({"lstm": 5}, IMAGE) == [("reshape", (8, 8), 0), ("lstm", (5,), lstm(8, 5)), ("dense", (10,), 60)]


def test_written_layers_and_the_short_form_give_the_same_plan():
    pairs = [
        ({"mlp": [5]}, {"type": "mlp", "layers": [{"dense": {"units": 5, "activation": "relu"}}]}, IMAGE),
        (
            {"cnn": {"filters": [4], "units": []}},
            {
                "type": "cnn",
                "layers": [
                    {"conv2d": {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"}},
                    {"max_pooling2d": 2},
                    "flatten",
                ],
            },
            IMAGE,
        ),
        ({"lstm": 5}, {"type": "lstm", "layers": [{"lstm": 5}]}, STEPS),
    ]
    for short, long, prepared in pairs:
        assert [(layer.name, layer.spec) for layer in plan(short, prepared)] == [
            (layer.name, layer.spec) for layer in plan(long, prepared)
        ]


def test_names_are_numbered_as_keras_does_and_never_clash():
    layers = [
        {"dense": 4},
        {"dense": {"units": 4, "name": "dense_1"}},
        {"dense": 4},
        {"dense": {"units": 4, "name": "last"}},
    ]
    names = [layer.name for layer in plan({"type": "mlp", "layers": layers}, VECTOR)]
    assert names == ["dense", "dense_1", "dense_2", "last", "output"]


def test_sequential_is_exactly_its_layers():
    layers = ["flatten", {"dense": {"units": 10, "activation": "softmax"}}]
    found = plan({"sequential": {"layers": layers}}, IMAGE)
    assert [(layer.name, layer.path) for layer in found] == [("flatten", "model.layers.0"), ("dense", "model.layers.1")]


def test_an_output_activation_may_stand_in_a_layer_of_its_own():
    layers = ["flatten", {"dense": 10}, {"activation": "softmax"}]
    assert len(plan({"sequential": {"layers": layers}}, IMAGE)) == 3


def mlp(*layers):
    return {"type": "mlp", "layers": list(layers)}


def sequential(*layers):
    return {"type": "sequential", "layers": list(layers)}


@pytest.mark.parametrize(
    ("model", "prepared", "error"),
    [
        (
            "cnn",
            VECTOR,
            "model: a cnn takes images or sequences of vectors, and the data has rows of shape (4,); "
            "use type: mlp, or lstm for ids",
        ),
        (
            "cnn",
            IDS,
            "model: a cnn takes images or sequences of vectors, and the data has sequences of ids; use type: lstm, "
            "or write `layers: [embedding: 64, {conv1d: {filters: 64, kernel_size: 5, activation: relu}}, "
            "global_max_pooling1d]`",
        ),
        ("lstm", VECTOR, "model: an lstm reads sequences, and the data has rows of shape (4,); use type: mlp"),
        (
            "mlp",
            IDS,
            "model: the data is ids, which mean nothing as numbers; use type: lstm, or begin `layers` with `embedding`",
        ),
        (
            mlp({"dense": {"units": 10, "activation": "softmax"}}),
            VECTOR,
            "model.layers.0: the output layer, 10 units with softmax, is appended by itself; delete this layer",
        ),
        (
            {"type": "lstm", "layers": [{"lstm": {"units": 5, "return_sequences": True}}]},
            STEPS,
            "model.layers.0: the last layer gives rows of shape (6, 5), and the output takes a vector; "
            "set `return_sequences: false` on the last recurrent layer, or put `flatten` or a global pooling after it",
        ),
        (
            {"type": "cnn", "layers": [{"conv2d": {"filters": 4, "kernel_size": 3}}]},
            IMAGE,
            "model.layers.0: the last layer gives rows of shape (6, 6, 4), and the output takes a vector; "
            "put `flatten` or a global pooling after it",
        ),
        (
            sequential({"dense": 9}),
            VECTOR,
            "model.layers.0: the last layer gives (9,), and the target needs (10,); "
            "write `dense: {units: 10, activation: softmax}`",
        ),
        (
            sequential({"dense": 10}),
            VECTOR,
            "model.layers.0: the last layer has the activation linear, and the loss takes softmax; "
            "write `activation: softmax`",
        ),
        (
            mlp({"embedding": 4}, "flatten"),
            VECTOR,
            "model.layers.0: embedding looks up integer ids, and its inputs are real numbers; use `dense`",
        ),
        (
            mlp({"embedding": {"output_dim": 4, "input_dim": 99}}, "flatten"),
            IDS,
            "model.layers.0: input_dim is 99, and the ids go up to 99; write at least 100, or leave it out",
        ),
        (
            mlp({"dense": {"units": 4, "name": "a"}}, {"dense": {"units": 4, "name": "a"}}),
            VECTOR,
            "model.layers.1: two layers are called 'a'; names are unique",
        ),
        (
            mlp({"dense": {"units": 4, "name": "output"}}),
            VECTOR,
            "model.layers.0: the name 'output' is the appended layer's; choose another",
        ),
        (
            mlp({"dense": 1_000_000}, {"dense": 1_000_000}),
            VECTOR,
            "model.layers.1: up to here the model has 1,000,006,000,000 parameters and 1,000,000 outputs a row; "
            "make it smaller",
        ),
    ],
)  # fmt: skip
def test_a_model_that_does_not_fit_is_refused_at_its_layer(model, prepared, error):
    assert refusal(model, prepared) == error


def test_layers_replace_the_short_form():
    with pytest.raises(ValidationError, match="`layers` and `units` describe the same thing; keep one of the two"):
        ModelSpec.choose({"type": "mlp", "units": 3, "layers": ["flatten"]})
    plain = ModelSpec.choose({"type": "mlp", "layers": ["flatten"]}).plain()
    assert plain == {"type": "mlp", "layers": [ModelSpec.choose(mlp("flatten")).layers[0].plain()]}
    assert ModelSpec.choose(plain) == ModelSpec.choose(mlp("flatten"))


@pytest.mark.parametrize("model", ["mlp", "cnn", "lstm", mlp("flatten", {"dense": 3})])
def test_a_model_written_out_is_read_again_as_the_same(model):
    spec = ModelSpec.choose(model)
    assert ModelSpec.choose(spec.plain()) == spec


def test_shapes_are_shown_as_tuples():
    assert [show(shape) for shape in [(), (3,), (28, 28, 1), (None, 4)]] == ["()", "(3,)", "(28, 28, 1)", "(any, 4)"]
