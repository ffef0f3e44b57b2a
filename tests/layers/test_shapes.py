"""Output shapes, numbers of weights, and the words for inputs that do not fit; needs no Keras."""

import pytest

from dltrain.layers.base import LayerSpec, ShapeError


def shape_of(value, shape):
    return LayerSpec.choose(value).output_shape(shape)


def refusal(value, shape):
    with pytest.raises(ShapeError) as caught:
        LayerSpec.choose(value).output_shape(shape)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "shape", "output", "parameters"),
    [
        ({"dense": 10}, (4,), (10,), 50),
        ({"dense": {"units": 10, "use_bias": False}}, (None, 4), (None, 10), 40),
        ({"conv1d": {"filters": 8, "kernel_size": 3}}, (None, 4), (None, 8), 104),
        ({"conv2d": {"filters": 32, "kernel_size": 3}}, (28, 28, 1), (26, 26, 32), 320),
        ({"conv2d": {"filters": 4, "kernel_size": [3, 2], "groups": 2}}, (8, 8, 6), (6, 7, 4), 76),
        ({"depthwise_conv2d": {"kernel_size": 3, "depth_multiplier": 2}}, (8, 8, 3), (6, 6, 6), 60),
        ({"separable_conv2d": {"filters": 5, "kernel_size": 3}}, (8, 8, 3), (6, 6, 5), 47),
        ({"max_pooling2d": 2}, (5, 4, 3), (2, 2, 3), 0),
        ({"max_pooling2d": {"pool_size": 2, "padding": "same"}}, (5, 4, 3), (3, 2, 3), 0),
        ({"average_pooling1d": 2}, (None, 3), (None, 3), 0),
        ("global_average_pooling2d", (None, None, 3), (3,), 0),
        ("batch_normalization", (8, 8, 3), (8, 8, 3), 12),
        ({"layer_normalization": [1, 2]}, (8, 3), (8, 3), 48),
        ({"lstm": 64}, (None, 8), (64,), 18_688),
        ({"gru": {"units": 64, "return_sequences": True}}, (9, 8), (9, 64), 14_208),
        ({"bidirectional": {"lstm": 64}}, (None, 8), (128,), 37_376),
        ({"time_distributed": {"layer": {"dense": 3}}}, (None, 2), (None, 3), 9),
        ({"embedding": {"output_dim": 16, "input_dim": 100}}, (None,), (None, 16), 1_600),
        ("flatten", (28, 28), (784,), 0),
        ("flatten", (None, 28), (None,), 0),
        ("flatten", (), (1,), 0),
        ({"reshape": [28, 28, 1]}, (784,), (28, 28, 1), 0),
        ({"reshape": [7, -1]}, (784,), (7, 112), 0),
        ({"reshape": [-1, 8]}, (None, 4), (None, 8), 0),
        ({"permute": [3, 1, 2]}, (4, 5, None), (None, 4, 5), 0),
        ({"repeat_vector": 5}, (3,), (5, 3), 0),
        ({"prelu": {"shared_axes": [1, 2]}}, (None, None, 3), (None, None, 3), 3),
        ({"zero_padding2d": [[1, 2], [0, 3]]}, (4, None, 1), (7, None, 1), 0),
        ({"cropping2d": 1}, (4, 4, 1), (2, 2, 1), 0),
        ({"up_sampling2d": [2, 3]}, (4, None, 1), (8, None, 1), 0),
        ({"spatial_dropout1d": 0.5}, (4, 2), (4, 2), 0),
        ({"dropout": {"rate": 0.5, "noise_shape": [None, 1, None]}}, (4, 2), (4, 2), 0),
    ],
)
def test_shapes_and_parameters_are_computed_without_keras(value, shape, output, parameters):
    spec = LayerSpec.choose(value)
    assert (spec.output_shape(shape), spec.parameters(shape)) == (output, parameters)


def test_a_kernel_larger_than_the_feature_map_is_refused():
    text = "kernel_size 5 does not fit an input of 4 x 4; use at most 4, or padding: same"
    assert refusal({"conv2d": {"filters": 8, "kernel_size": 5}}, (4, 4, 3)) == text


def test_the_larger_side_of_a_kernel_is_refused_with_both_limits():
    text = "kernel_size 2 x 5 does not fit an input of 9 x 4; use at most 9 x 4, or padding: same"
    assert refusal({"conv2d": {"filters": 8, "kernel_size": [2, 5]}}, (9, 4, 3)) == text


def test_a_dilated_kernel_is_refused_by_what_it_spans():
    value = {"conv1d": {"filters": 8, "kernel_size": 4, "dilation_rate": 3}}
    text = "kernel_size 4 with dilation_rate 3 spans 10 and does not fit an input of 9; use at most 3, or padding: same"
    assert refusal(value, (9, 2)) == text
    assert shape_of(value, (10, 2)) == (1, 8)


def test_a_window_larger_than_a_known_side_is_refused_though_the_other_varies():
    text = "pool_size 3 does not fit an input of any x 2; use at most 3 x 2, or padding: same"
    assert refusal({"max_pooling2d": 3}, (None, 2, 1)) == text


def test_a_padded_window_may_be_larger_than_the_input():
    assert shape_of({"conv2d": {"filters": 8, "kernel_size": 5, "padding": "same"}}, (4, 4, 3)) == (4, 4, 8)
    assert shape_of({"conv1d": {"filters": 8, "kernel_size": 5, "padding": "causal"}}, (4, 3)) == (4, 8)


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (
            {"conv2d": {"filters": 8, "kernel_size": 3}},
            (28, 28),
            "conv2d needs inputs of shape (height, width, channels), got (28, 28); "
            "put `reshape: [28, 28, 1]` before it",
        ),
        (
            {"conv2d": {"filters": 8, "kernel_size": 3}},
            (10,),
            "conv2d needs inputs of shape (height, width, channels), got (10,); "
            "put `reshape` before it, or leave out what takes the height away",
        ),
        (
            {"max_pooling2d": 2},
            (4, 8, 8, 3),
            "max_pooling2d needs inputs of shape (height, width, channels), got (4, 8, 8, 3); "
            "put `reshape: [4, 8, -1]` before it",
        ),
        (
            {"lstm": 8},
            (10,),
            "lstm needs inputs of shape (steps, features), got (10,); "
            "put `embedding` before it for ids, or `reshape: [10, 1]` for numbers",
        ),
        (
            {"bidirectional": {"lstm": 8}},
            (None,),
            "bidirectional needs inputs of shape (steps, features), got (any,); put `embedding` before it for ids",
        ),
        (
            {"gru": 8},
            (28, 28, 1),
            "gru needs inputs of shape (steps, features), got (28, 28, 1); put `reshape: [28, -1]` before it",
        ),
        (
            "global_max_pooling2d",
            (None, None),
            "global_max_pooling2d needs inputs of shape (height, width, channels), got (any, any); "
            "put `reshape` before it",
        ),
        (
            {"repeat_vector": 3},
            (4, 2),
            "repeat_vector needs inputs of shape (features), got (4, 2); put `reshape: [-1]` before it",
        ),
        (
            {"spatial_dropout2d": 0.5},
            (4, 2),
            "spatial_dropout2d needs inputs of shape (height, width, channels), got (4, 2); "
            "put `reshape: [4, 2, 1]` before it",
        ),
        (
            {"time_distributed": {"layer": {"dense": 3}}},
            (4,),
            "time_distributed needs inputs of shape (steps, ...), got (4,); "
            "use its layer without it, or put `reshape` before it",
        ),
        (
            {"dense": 3},
            (),
            "dense needs inputs of shape (features,), got (); put `reshape: [1]` before it",
        ),
    ],
)
def test_inputs_with_another_number_of_axes_are_refused(value, shape, text):
    assert refusal(value, shape) == text


def test_what_weights_depend_on_must_not_vary():
    text = "dense needs inputs with a fixed number of features, got (any,); pad or cut the inputs to one length"
    assert refusal({"dense": 3}, (None,)) == text
    text = "conv2d needs inputs with a fixed number of channels, got (8, 8, any); pad or cut the inputs to one length"
    assert refusal({"conv2d": {"filters": 8, "kernel_size": 3}}, (8, 8, None)) == text


def test_groups_must_divide_the_input_channels():
    text = "3 input channels cannot be cut into 2 groups; use a divisor of 3"
    assert refusal({"conv2d": {"filters": 8, "kernel_size": 3, "groups": 2}}, (8, 8, 3)) == text
    text = "10 channels cannot be cut into 32 groups; use a divisor of 10, or -1 for one per channel"
    assert refusal("group_normalization", (8, 10)) == text
    assert shape_of({"group_normalization": -1}, (8, 10)) == (8, 10)


def test_an_unrolled_layer_needs_a_fixed_number_of_steps():
    text = (
        "lstm with unroll needs a fixed number of steps, got (any, 4); "
        "leave out `unroll`, or pad the inputs to one length"
    )
    assert refusal({"lstm": {"units": 8, "unroll": True}}, (None, 4)) == text


def test_an_axis_that_is_not_there_is_refused():
    text = (
        "batch_normalization: inputs of shape (8, 3) have no axis 3, 0 being the batch; use 1 to 2, or -1 for the last"
    )
    assert refusal({"batch_normalization": 3}, (8, 3)) == text
    text = "softmax: inputs of shape (8, 3) have no axis -3, 0 being the batch; use 1 to 2, or -1 for the last"
    assert refusal({"softmax": -3}, (8, 3)) == text
    text = "softmax: inputs of shape () have no axis -1, 0 being the batch; put `reshape: [1]` before it"
    assert refusal("softmax", ()) == text
    text = "layer_normalization: axis [-1, 2] names an axis twice; write each once"
    assert refusal({"layer_normalization": [-1, 2]}, (8, 3)) == text


def test_prelu_needs_a_fixed_shape_but_for_shared_axes():
    text = (
        "prelu needs inputs of a fixed shape, got (any, 3); "
        "add 1 to `shared_axes`, or pad or cut the inputs to one length"
    )
    assert refusal("prelu", (None, 3)) == text
    text = "alpha_initializer identity is not for weights of 3 axes, as alpha has here; use another"
    assert refusal({"prelu": {"alpha_initializer": "identity"}}, (4, 4, 3)) == text


def test_a_reshape_keeps_all_values():
    text = (
        "784 values of shape (28, 28) do not fill {}; "
        "the products of the lengths must be equal, and one length may be -1"
    )
    assert refusal({"reshape": [28, 27]}, (28, 28)) == text.format("(28, 27)")
    assert refusal({"reshape": [-1, 5]}, (28, 28)) == text.format("(-1, 5)")


def test_a_permutation_names_every_axis():
    text = "dims names 2 axes, and inputs of shape (4, 5, 6) have 3; write each of them once"
    assert refusal({"permute": [2, 1]}, (4, 5, 6)) == text


def test_a_crop_leaves_something():
    text = "cropping [[2, 2], [0, 0]] leaves nothing of an image of (4, 4, 1); crop less than the height and the width"
    assert refusal({"cropping2d": [2, 0]}, (4, 4, 1)) == text


def test_a_noise_shape_fits_the_input():
    value = {"dropout": {"rate": 0.5, "noise_shape": [None, 1]}}
    text = (
        "noise_shape has 2 entries, and inputs of shape (4, 2) have 3 axes with the batch; "
        "write one entry for each, null or 1"
    )
    assert refusal(value, (4, 2)) == text
    value = {"dropout": {"rate": 0.5, "noise_shape": [None, 3, 1]}}
    text = (
        "noise_shape (null, 3, 1) does not fit inputs of shape (4, 2); write null or 1 for each axis, the batch first"
    )
    assert refusal(value, (4, 2)) == text


def test_the_weights_of_an_embedding_are_counted_once_its_vocabulary_is_known():
    spec = LayerSpec.choose({"embedding": 16})
    with pytest.raises(ShapeError, match=r"^the number of ids is not known; set `input_dim`$"):
        spec.parameters((8,))
    assert spec.model_copy(update={"input_dim": 50}).parameters((8,)) == 800


def test_an_embedding_inside_another_layer_says_how_many_ids_there_are():
    value = {"time_distributed": {"layer": {"embedding": 16}}}
    assert refusal(value, (8, 3)) == "the number of ids is not known; set `input_dim`"
    value = {"time_distributed": {"layer": {"embedding": {"output_dim": 16, "input_dim": 50}}}}
    assert shape_of(value, (8, 3)) == (8, 3, 16)
