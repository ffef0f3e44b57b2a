"""How regularizers are written, and which settings are refused; needs no Keras."""

import pytest
from pydantic import ValidationError

from dltrain.regularizers.base import RegularizerSpec
from dltrain.regularizers.orthogonal import OrthogonalRegularizer
from dltrain.regularizers.size import L1, L1L2, L2
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of


class Config(Section):
    regularizer: RegularizerSpec


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("l2", L2(l2=0.01)),
        ({"l2": 1e-4}, L2(l2=1e-4)),
        ({"l1": 1e-4}, L1(l1=1e-4)),
        ({"l1": 1e-5, "l2": 1e-4}, L1L2(l1=1e-5, l2=1e-4)),
        ({"l1_l2": {"l1": 1e-5, "l2": 1e-4}}, L1L2(l1=1e-5, l2=1e-4)),
        ({"type": "l2", "l2": 1e-4}, L2(l2=1e-4)),
        ({"orthogonal_regularizer": {"mode": "columns"}}, OrthogonalRegularizer(mode="columns")),
    ],
)
def test_all_written_forms_are_understood(value, expected):
    assert RegularizerSpec.choose(value) == expected


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({"l2": -1}, "regularizer.l2", "must be at least 0, got -1"),
        (
            {"orthogonal_regularizer": {"mode": "row"}},
            "regularizer.orthogonal_regularizer.mode",
            "expected rows or columns, got 'row'; did you mean 'rows'?",
        ),
        (
            0.01,
            "regularizer",
            "expected a regularizer, got 0.01; write its name or a mapping with `type:`",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(value, path, message):
    with pytest.raises(ValidationError) as caught:
        Config(regularizer=value)
    (found,) = problems_of(caught.value)
    assert (".".join(map(str, found.path)), found.message) == (path, message)
