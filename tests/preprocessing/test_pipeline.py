"""Which feature is prepared how."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

COLUMN = Feature(name="a", kind="numeric", dtype="float32")
OTHER = Feature(name="b", kind="numeric", dtype="float32")
PIXELS = Feature(name="x", kind="image", dtype="uint8", shape=(8, 8), maximum=16.0)


def test_a_feature_is_prepared_by_its_kind_unless_said_otherwise():
    unscaled = FeatureSpec.choose({"numeric": "none"})
    found = settle([COLUMN, OTHER], {"b": unscaled})
    assert found == {"a": FeatureSpec.choose("numeric"), "b": unscaled}
    assert settle([PIXELS], {}) == {"x": FeatureSpec.choose("image")}


LABEL, NOTE = (Feature(name="l", kind=kind, dtype="string") for kind in ("categorical", "text"))


@pytest.mark.parametrize(
    ("feature", "given", "settled"),
    [
        (COLUMN, {"missing": "median"}, {"numeric": {"missing": "median"}}),
        (COLUMN, {"missing": "error"}, {"numeric": {"missing": "error"}}),
        (COLUMN, {"indicator": True}, {"numeric": {"indicator": True, "missing": "mean"}}),
        (
            LABEL,
            {"missing": "constant", "indicator": True},
            {"categorical": {"missing": "constant", "indicator": True}},
        ),
        (NOTE, {"missing": "median"}, {"text": {"missing": "constant", "output": "tf_idf"}}),
        (NOTE, {}, {"text": {"missing": "constant", "output": "tf_idf"}}),
    ],
)
def test_settings_without_a_type_are_of_the_kind_that_the_data_holds(feature, given, settled):
    auto = FeatureSpec.choose(given or "auto")
    assert auto.type == "auto"
    assert settle([feature], {feature.name: auto}, "mean") == {feature.name: FeatureSpec.choose(settled)}


def test_a_setting_that_only_one_kind_has_names_it():
    assert FeatureSpec.choose({"encoding": "hashing", "missing": "constant"}).type == "categorical"
    assert FeatureSpec.choose({"format": "%d.%m.%Y"}).type == "datetime"
    assert FeatureSpec.choose({"output": "count"}).type == "text"


@pytest.mark.parametrize(
    ("feature", "given", "error"),
    [
        (PIXELS, {"missing": "mean"}, "x: it holds what is prepared as `image`, which has no `missing`; delete that"),
        (NOTE, {"indicator": True}, "l: it holds what is prepared as `text`, which has no `indicator`; delete that"),
    ],
)
def test_settings_that_the_kind_does_not_have_are_refused(feature, given, error):
    with pytest.raises(SpecError) as raised:
        settle([feature], {feature.name: FeatureSpec.choose(given)})
    assert str(raised.value) == error


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
        (
            [Feature(name="a", kind="ids", dtype="int32")],
            {},
            [
                "a: 'a' is a column of single ids, and ids are sequences; use `categorical: {encoding: embedding}`",
            ],
        ),
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


def test_features_are_joined_in_their_order_and_embedded_columns_know_their_place():
    features = (
        Feature(name="n", kind="numeric", dtype="float32"),
        Feature(name="e", kind="categorical", dtype="string"),
        Feature(name="c", kind="categorical", dtype="string"),
        Feature(name="d", kind="datetime", dtype="float32", shape=(7,)),
        Feature(name="f", kind="categorical", dtype="string"),
    )
    given = {
        "n": {"numeric": {"indicator": True}},
        "e": {"categorical": {"encoding": "embedding", "indicator": True, "length": 4}},
        "d": {"datetime": {"parts": ["year", "hour"]}},
        "f": {"categorical": {"encoding": "embedding", "length": 2}},
    }
    rows = {
        "n": np.array([1.0, 2.0]),
        "d": np.array([[2020, 1, 1, 0, 0, 0, 0], [2024, 1, 1, 0, 5, 0, 0]], "float32"),
        **{name: np.array(["x", "y"], object) for name in ("e", "c", "f")},
    }
    specs = settle(features, {name: FeatureSpec.choose(value) for name, value in given.items()}, "constant")
    prepared = Preprocessing.adapt(features, specs, lambda name: iter([rows[name]])).prepared
    # n and its indicator, e and its indicator, four columns of c, the year, two of the hour, f.
    assert prepared.shape == (2 + 2 + 4 + 3 + 1,)
    assert [(column.name, column.position, column.length) for column in prepared.embedded] == [
        ("e", 2, 4),
        ("f", 11, 2),
    ]


@pytest.mark.keras
def test_inputs_are_called_as_the_features_but_without_slashes_and_each_in_its_own_way():
    names = ["a/b", "a_b", "a_b_", "x y", "ä", "concatenate", "a/b/"]
    features = tuple(Feature(name=name, kind="numeric", dtype="float32") for name in names)
    inputs = Preprocessing(features, {}, {}).inputs
    assert list(inputs) == ["a_b", "a_b_", "a_b__", "x y", "ä", "concatenate", "a_b___"]
    assert [tensor.name for tensor in inputs.values()] == list(inputs)
