"""Which feature is prepared how."""

import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import settle
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

COLUMN = Feature(name="a", kind="numeric", dtype="float32")
OTHER = Feature(name="b", kind="numeric", dtype="float32")
PIXELS = Feature(name="x", kind="image", dtype="uint8", shape=(8, 8), maximum=16.0)


def test_a_feature_is_prepared_by_its_kind_unless_said_otherwise():
    unscaled = FeatureSpec.choose({"numeric": "none"})
    standard = FeatureSpec.choose({"numeric": {"missing": "error"}})
    found = settle([COLUMN, OTHER], {"b": unscaled})
    assert found == {"a": standard, "b": unscaled.with_policy("error")}
    assert settle([PIXELS], {}) == {"x": FeatureSpec.choose("image")}


@pytest.mark.parametrize(
    ("features", "given", "problems"),
    [
        (
            [COLUMN, OTHER],
            {"A": "numeric", "c": "numeric"},
            [
                "A: the data has no feature 'A'; it has a or b; did you mean 'a'?",
                "c: the data has no feature 'c'; it has a or b",
            ],
        ),
        ([COLUMN], {"a": "ids"}, ["a: 'a' holds float32; ids are integers; use `numeric`"]),
        ([COLUMN], {"a": "image"}, ["a: 'a' has rows of shape (); images have 2 or 3 axes; use `numeric`"]),
        (
            [COLUMN, PIXELS],
            {},
            ["several features are joined into one vector, so each must be a column of a table"],
        ),
    ],
)
def test_what_cannot_be_prepared_is_refused(features, given, problems):
    with pytest.raises(SpecError) as raised:
        settle(features, {name: FeatureSpec.choose(kind) for name, kind in given.items()})
    assert [str(problem) for problem in raised.value.problems] == problems
