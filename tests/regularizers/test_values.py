"""Regularizers are those of Keras."""

import inspect

import numpy as np
import pytest

from dltrain.regularizers.base import RegularizerSpec
from dltrain.spec.family import type_name

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

MEMBERS = list(RegularizerSpec.choices().values())


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_fields_and_defaults_are_keras_arguments(member):
    parameters = inspect.signature(getattr(keras.regularizers, member.__name__).__init__).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items() if name != "self"}
    assert {name: value for name, value in member() if name != "type"} == defaults


@pytest.mark.parametrize("member", MEMBERS, ids=type_name)
def test_keras_penalizes_weights_of_the_ranks_that_are_promised(member):
    for rank in range(1, 6):
        try:
            penalty = member().build()(keras.ops.ones((2,) * rank))
        except ValueError:
            penalty = None
        assert (penalty is not None) == (rank in member.ranks)


@pytest.mark.parametrize(
    ("value", "penalty"),
    [
        ({"l1": 0.5}, 3.0),  # 0.5 * (1 + 2 + 3)
        ({"l2": 0.5}, 7.0),  # 0.5 * (1 + 4 + 9)
        ({"l1": 0.5, "l2": 0.25}, 6.5),
    ],
)
def test_penalties_are_those_of_the_formula(value, penalty):
    weights = np.array([[1.0], [-2.0], [3.0]], "float32")
    assert float(RegularizerSpec.choose(value).build()(weights)) == penalty


def test_orthogonal_rows_cost_nothing_and_parallel_ones_the_factor():
    regularizer = RegularizerSpec.choose({"orthogonal_regularizer": 0.5}).build()
    assert float(regularizer(np.array([[2.0, 0.0], [0.0, 3.0]], "float32"))) == 0.0
    assert float(regularizer(np.array([[2.0, 0.0], [3.0, 0.0]], "float32"))) == pytest.approx(0.5)
