"""How layers are written, and which settings are refused; needs no Keras."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.base import LayerSpec, derived_seed
from dltrain.layers.recurrent import LSTM
from dltrain.regularizers.size import L1L2
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of


class Config(Section):
    layer: LayerSpec


def problems(value):
    with pytest.raises(ValidationError) as caught:
        Config(layer=value)
    return [(".".join(map(str, problem.path)), problem.message) for problem in problems_of(caught.value)]


def conv2d(**settings):
    return {"conv2d": {"filters": 4, "kernel_size": 3, **settings}}


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        ({"dense": 64}, "units", 64),
        ({"dropout": 0.5}, "rate", 0.5),
        ({"max_pooling2d": 2}, "pool_size", (2, 2)),
        ({"max_pooling2d": [2, 3]}, "pool_size", (2, 3)),
        ({"max_pooling1d": [2]}, "pool_size", 2),
        ({"depthwise_conv2d": 3}, "kernel_size", (3, 3)),
        ({"activation": "relu"}, "activation", "relu"),
        ({"reshape": [28, 28, 1]}, "target_shape", (28, 28, 1)),
        ({"reshape": 784}, "target_shape", (784,)),
        ({"lstm": 64}, "units", 64),
        ({"embedding": 64}, "output_dim", 64),
        ({"batch_normalization": 1}, "axis", 1),
        ({"layer_normalization": -2}, "axis", (-2,)),
        ({"group_normalization": 8}, "groups", 8),
        ({"leaky_relu": 0.1}, "negative_slope", 0.1),
        ({"permute": [2, 1]}, "dims", (2, 1)),
        ({"rescaling": 2}, "scale", 2.0),
        ({"zero_padding2d": 2}, "padding", ((2, 2), (2, 2))),
        ({"zero_padding2d": [1, 2]}, "padding", ((1, 1), (2, 2))),
        ({"zero_padding2d": [[1, 2], [3, 4]]}, "padding", ((1, 2), (3, 4))),
        ({"bidirectional": {"layer": {"lstm": 64}}}, "layer", LSTM(units=64)),
        ({"bidirectional": {"lstm": 64}}, "layer", LSTM(units=64)),
        ({"bidirectional": {"lstm": {"units": 64}, "merge_mode": "sum"}}, "layer", LSTM(units=64)),
    ],
)
def test_short_forms_stand_for_the_first_argument(value, field, expected):
    assert getattr(LayerSpec.choose(value), field) == expected


def test_what_is_written_out_in_full_reads_back_as_itself():
    value = {
        "bidirectional": {"layer": {"gru": {"units": 3, "kernel_regularizer": {"l1": 0.1, "l2": 0.2}}}, "name": "b"}
    }
    spec = LayerSpec.choose(value)
    assert LayerSpec.choose(spec.plain()) == spec
    assert spec.plain()["layer"]["kernel_regularizer"] == {"type": "l1_l2", "l1": 0.1, "l2": 0.2}


def test_initializers_and_regularizers_are_sections_of_their_own():
    spec = LayerSpec.choose({"dense": {"units": 3, "kernel_regularizer": {"l1": 0.1, "l2": 0.2}}})
    assert spec.kernel_initializer == GlorotUniform()
    assert spec.kernel_regularizer == L1L2(l1=0.1, l2=0.2)


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ("flaten", "", None),
        ({"dense": 0}, "dense", "must be at least 1, got 0"),
        ({"dense": {"units": 10**12}}, "dense.units", None),
        ({"dense": {"units": "64"}}, "dense.units", "expected an integer, got '64'; write 64 without quotes"),
        ({"dense": {"units": True}}, "dense.units", "expected an integer, got true"),
        ("dense", "", "dense needs `units`; write dense: {units: ...}"),
        ({"dense": {"units": 3, "name": "1st layer"}}, "dense.name", None),
        ({"dropout": 1}, "dropout", "must be less than 1, got 1"),
        (conv2d(kernel_size=[3, 3, 3]), "conv2d.kernel_size", "expected one integer, or two as [height, width]"),
        (
            conv2d(padding="causal"),
            "conv2d.padding",
            "expected valid or same, got 'causal'",
        ),
        (
            conv2d(strides=2, dilation_rate=2),
            "conv2d.strides",
            "strides 2 and dilation_rate 2 exclude each other; keep one of the two above 1",
        ),
        (
            conv2d(strides=[1, 2], dilation_rate=[2, 1]),
            "conv2d.strides",
            "strides 1 x 2 and dilation_rate 2 x 1 exclude each other; keep one of the two above 1",
        ),
        (
            conv2d(groups=3),
            "conv2d.groups",
            "4 filters cannot be cut into 3 groups; use a divisor of 4",
        ),
        (
            {"depthwise_conv2d": {"kernel_size": 3, "strides": [1, 2]}},
            "depthwise_conv2d.strides",
            "strides 1 x 2 differ, and depthwise_conv2d needs equal ones; write one integer",
        ),
        (
            conv2d(kernel_initializer="identity"),
            "conv2d.kernel_initializer",
            "identity is for weights of two axes, and the kernel of conv2d has 4; use another",
        ),
        (
            {"dense": {"units": 3, "bias_initializer": "orthogonal"}},
            "dense.bias_initializer",
            "orthogonal is for weights of two or more axes, and the bias of dense has 1; use another",
        ),
        (
            conv2d(kernel_regularizer="orthogonal_regularizer"),
            "conv2d.kernel_regularizer",
            "orthogonal_regularizer is for weights of two axes, and the kernel of conv2d has 4; use another",
        ),
        (
            {"dense": {"units": 3, "activation": "rellu"}},
            "dense.activation",
            None,
        ),
        (
            {"batch_normalization": {"axis": 0}},
            "batch_normalization.axis",
            "axis 0 is the batch; the axes of a row begin at 1, and -1 is the last",
        ),
        (
            {"batch_normalization": {"renorm_clipping": {"rmax": 3}}},
            "batch_normalization.renorm_clipping",
            "renorm_clipping is used only with `renorm: true`; add that",
        ),
        (
            {"batch_normalization": {"renorm": True, "renorm_clipping": {"rmax": 1, "rmin": 2}}},
            "batch_normalization.renorm_clipping",
            "rmin 2 is above rmax 1; exchange the two",
        ),
        ({"group_normalization": 0}, "group_normalization", "must be at least 1, or -1 for a group per channel, got 0"),
        ({"reshape": [-1, -1]}, "reshape", "[-1, -1] has more than one -1; write all lengths but one"),
        ({"reshape": [0, 3]}, "reshape", "[0, 3] has an axis of length 0; write at least 1, or -1 for what is left"),
        (
            {"permute": [1, 3]},
            "permute",
            "[1, 3] does not name each of the axes 1 to 2 once; write them in their new order",
        ),
        (
            {"cropping2d": [1, 2, 3]},
            "cropping2d",
            "expected one integer, two as [vertical, horizontal], or [[top, bottom], [left, right]]",
        ),
        ({"flatten": 3}, "", "flatten takes no value; write `flatten` alone or a mapping of its settings"),
        (
            {"bidirectional": {"units": 64}},
            "bidirectional",
            "bidirectional needs `layer`; write bidirectional: {layer: {lstm: 64}}",
        ),
        (
            "bidirectional",
            "",
            "bidirectional needs `layer`; write bidirectional: {layer: {lstm: 64}}",
        ),
        (
            {"bidirectional": {"layer": {"dense": {"units": 64}}}},
            "bidirectional.layer.dense",
            "unknown recurrent layer 'dense'; expected gru, lstm or simple_rnn",
        ),
        (
            {"bidirectional": {"layer": 64}},
            "bidirectional.layer",
            "expected a recurrent layer, got 64; write its name or a mapping with `type:`",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(value, path, message):
    ((found_path, found_message),) = problems(value)
    assert found_path == f"layer.{path}".rstrip(".")
    if message is not None:
        assert found_message == message


def test_a_misspelt_layer_is_answered_with_the_near_one():
    assert problems("flaten")[0][1].endswith("; did you mean 'flatten'?")
    assert problems({"dense": {"units": 3, "activation": "rellu"}})[0][1].endswith("; did you mean 'relu'?")


def test_a_name_is_an_identifier():
    assert LayerSpec.choose({"dense": {"units": 3, "name": "hidden_1"}}).name == "hidden_1"
    for name in ("1st", "a b", "a/b", "", "a" * 65):
        assert problems({"dense": {"units": 3, "name": name}})[0][0] == "layer.dense.name"


def test_seeds_of_different_purposes_and_layers_differ():
    made = {derived_seed(seed, purpose) for seed in range(1000) for purpose in ("kernel", "recurrent", "bias")}
    assert len(made) == 3000
    assert max(made) < 2**31
    assert derived_seed(1, "kernel") == derived_seed(1, "kernel")


def test_all_layers_load_without_anything_heavy():
    code = (
        "import sys; from dltrain.layers.base import LayerSpec; LayerSpec.choose({'dense': 3}); "
        "print([name for name in ('keras', 'numpy', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
