"""How initializers are written, and which settings are refused; needs no Keras."""

import pytest
from pydantic import ValidationError

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.distribution import RandomNormal, RandomUniform
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of


class Config(Section):
    initializer: InitializerSpec


def problem(value):
    with pytest.raises(ValidationError) as caught:
        Config(initializer=value)
    ((path, message),) = [(".".join(map(str, found.path)), found.message) for found in problems_of(caught.value)]
    return path, message


def test_keras_short_names_are_known():
    assert InitializerSpec.choose("uniform") == RandomUniform()
    assert InitializerSpec.choose({"normal": {"stddev": 0.1}}) == RandomNormal(stddev=0.1)


def test_a_default_equals_the_initializer_with_its_defaults():
    for member in InitializerSpec.choices().values():
        assert member.default() == member()


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        ({"constant": 0.1}, "value", 0.1),
        ({"random_normal": 1}, "mean", 1.0),
        ({"variance_scaling": 2}, "scale", 2.0),
        ({"orthogonal": 0.5}, "gain", 0.5),
        ({"identity": 2}, "gain", 2.0),
    ],
)
def test_a_number_stands_for_the_first_argument(value, field, expected):
    assert getattr(InitializerSpec.choose(value), field) == expected


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        (
            {"random_uniform": {"minval": 1, "maxval": 0}},
            "initializer.random_uniform",
            "minval 1 is above maxval 0; exchange the two, or write both",
        ),
        ({"variance_scaling": 0}, "initializer.variance_scaling", "must be greater than 0, got 0"),
        (
            {"variance_scaling": {"mode": "fan"}},
            "initializer.variance_scaling.mode",
            "expected fan_in, fan_out or fan_avg, got 'fan'; did you mean 'fan_in', 'fan_out' or 'fan_avg'?",
        ),
        (
            {"glorot_uniform": {"seed": 3}},
            "initializer.glorot_uniform.seed",
            "unknown key 'seed'; nothing can be set here",
        ),
        (
            {"zeros": 3},
            "initializer",
            "zeros takes no value; write `zeros` alone or a mapping of its settings",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(value, path, message):
    assert problem(value) == (path, message)
