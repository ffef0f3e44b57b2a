"""Initializers are those of Keras, and their values follow from the seed."""

import inspect

import numpy as np
import pytest

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.family import type_name

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

LEFT_OUT = {
    "self": "Python's",
    "args": "Zeros and Ones take none",
    "kwargs": "Zeros and Ones take none",
    "seed": "given by `build`",
    "input_axes": "counted by Keras from the shape",
    "output_axes": "counted by Keras from the shape",
}
MEMBERS = list(dict.fromkeys(InitializerSpec.choices().values()))


def values(spec, seed, shape=(4, 4)):
    return keras.ops.convert_to_numpy(spec.build(seed)(shape))


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_fields_and_defaults_are_keras_arguments(member):
    parameters = inspect.signature(getattr(keras.initializers, member.__name__).__init__).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items() if name not in LEFT_OUT}
    assert {name: value for name, value in member() if name != "type"} == defaults


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_values_follow_from_the_seed_alone(member):
    before = values(member(), 1)
    keras.utils.set_random_seed(99)
    np.testing.assert_array_equal(values(member(), 1), before)
    assert np.array_equal(values(member(), 2), before) != member.random


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_keras_fills_weights_of_the_ranks_that_are_promised(member):
    for rank in range(1, 6):
        try:
            filled = values(member(), 1, (2,) * rank).shape
        except ValueError:
            filled = None
        assert filled == ((2,) * rank if rank in member.ranks else None)


def test_settings_reach_keras():
    np.testing.assert_array_equal(values(InitializerSpec.choose({"constant": 2.5}), 1), np.full((4, 4), 2.5, "float32"))
    np.testing.assert_array_equal(values(InitializerSpec.choose({"identity": 2}), 1), 2 * np.eye(4, dtype="float32"))
    wide = values(InitializerSpec.choose({"random_uniform": {"minval": 3, "maxval": 4}}), 1, (1000,))
    assert 3 <= wide.min() < 3.01 < 3.99 < wide.max() < 4
