"""Fields and defaults of the layers are those of Keras."""

import inspect
from typing import get_args

import pytest

from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec
from dltrain.spec.family import type_name

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

LEFT_OUT = {
    "self": "Python's",
    "kwargs": "the arguments of every Keras layer",
    "name": "given by `build`",
    "seed": "given by `build`",
    "dtype": "decided for the whole model",
    "data_format": "always channels_last",
    "kernel_constraint": "no constraints",
    "recurrent_constraint": "no constraints",
    "bias_constraint": "no constraints",
    "depthwise_constraint": "no constraints",
    "pointwise_constraint": "no constraints",
    "embeddings_constraint": "no constraints",
    "beta_constraint": "no constraints",
    "gamma_constraint": "no constraints",
    "alpha_constraint": "no constraints",
    "lora_rank": "no quantization or adapters",
    "lora_alpha": "no quantization or adapters",
    "quantization_config": "no quantization or adapters",
    "weights": "no weights in a config",
    "return_state": "the outputs of a layer are one tensor",
    "stateful": "rows do not depend on one another",
    "use_cudnn": "chosen by Keras",
    "backward_layer": "made by `build`",
    "synchronized": "only for TensorFlow's distribution strategies",
}
REQUIRED = {
    "units": 4,
    "filters": 4,
    "kernel_size": 3,
    "pool_size": 2,
    "rate": 0.5,
    "stddev": 0.1,
    "output_dim": 4,
    "layer": {"lstm": 4},
    "target_shape": [2, -1],
    "dims": [2, 1],
    "n": 3,
    "activation": "relu",
    "scale": 2.0,
}
MEMBERS = list(dict.fromkeys(LayerSpec.choices().values()))


def keras_arguments(member):
    signature = inspect.signature(getattr(keras.layers, member.__name__).__init__)
    return {name: argument for name, argument in signature.parameters.items() if name not in LEFT_OUT}


def spec(member, **settings):
    required = {name: REQUIRED[name] for name, field in member.model_fields.items() if field.is_required()}
    return LayerSpec.choose({"type": type_name(member), **required, **settings})


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_fields_are_keras_arguments(member):
    assert set(member.model_fields) - set(LayerSpec.model_fields) - {"type"} == set(keras_arguments(member))


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_defaults_are_those_of_keras(member):
    plain = spec(member)
    for name, argument in keras_arguments(member).items():
        if argument.default is inspect.Parameter.empty:
            assert member.model_fields[name].is_required() or (type_name(member), name) == ("embedding", "input_dim")
            continue
        default = argument.default.lower() if isinstance(argument.default, str) else argument.default
        assert not member.model_fields[name].is_required(), name
        assert getattr(spec(member, **{name: default}), name) == getattr(plain, name), name


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_masks_are_supported_where_keras_supports_them(member):
    size = {"input_dim": 3} if "input_dim" in member.model_fields else {}
    assert member.supports_masking == spec(member, **size).build(name="layer", seed=1).supports_masking


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_the_first_argument_is_that_of_keras(member):
    arguments = list(keras_arguments(member))
    if arguments and member.__name__ != "Embedding":
        assert member.first_argument() == arguments[0]


def test_activations_are_keras_functions_that_need_no_argument_and_keep_the_shape():
    given = {name for name in dir(keras.activations) if not name.startswith("_")}
    assert given - set(get_args(Activation)) == {"deserialize", "get", "glu", "serialize", "threshold"}
    inputs = keras.ops.ones((2, 3))
    for name in get_args(Activation):
        assert keras.activations.get(name)(inputs).shape == (2, 3)
