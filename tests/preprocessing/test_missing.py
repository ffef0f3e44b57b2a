"""Numbers and truth values that are missing: every policy with every scaling, against NumPy."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature

pytestmark = pytest.mark.keras

NAN = np.nan
ROWS = np.array([4.0, NAN, -2.0, 10.0, 4.0, 7.0, NAN, 100.0], "float32")
THERE = ROWS[~np.isnan(ROWS)].astype("float64")
COLUMN = Feature(name="a", kind="numeric", dtype="float32")
FILL = {"mean": THERE.mean(), "median": 5.5, "most_frequent": 4.0, "constant": -1.0}


def prepare(rows, settings, feature=COLUMN):
    """Rows as they are prepared after learning from the same rows, and what was learned."""
    specs = settle([feature], {"a": FeatureSpec.choose(settings)})
    preprocessing = Preprocessing.adapt((feature,), specs, lambda name: iter([rows[:3], rows[3:]]))
    prepared = preprocessing.prepare({"a": rows})
    assert prepared.shape == (len(rows), *preprocessing.prepared.shape)
    computed = specs["a"].compute(
        rows, preprocessing.statistics["a"], lambda given: np.asarray(preprocessing.model(given))
    )
    np.testing.assert_array_equal(computed, prepared)
    return prepared, preprocessing.statistics["a"]


def scaled(values, scaling):
    """NumPy's result; what is learned is learned from the values that are there."""
    if scaling == "log":
        values, there = np.sign(values) * np.log1p(np.abs(values)), np.sign(THERE) * np.log1p(np.abs(THERE))
        return (values - there.mean()) / there.std()
    offset, scale = {
        "none": (0, 1),
        "standard": (THERE.mean(), THERE.std()),
        "min_max": (THERE.min(), np.ptp(THERE)),
        "robust": (np.median(THERE), np.subtract(*np.quantile(THERE, [0.75, 0.25]))),
    }[scaling]
    return (values - offset) / scale


@pytest.mark.parametrize("missing", list(FILL))
@pytest.mark.parametrize("scaling", ["standard", "min_max", "robust", "log", "none"])
def test_a_missing_number_becomes_what_the_policy_says_before_it_is_scaled(missing, scaling):
    settings = {"type": "numeric", "scaling": scaling, "missing": missing, "fill_value": -1.0, "indicator": True}
    found, _ = prepare(ROWS, settings)
    wanted = scaled(np.where(np.isnan(ROWS), FILL[missing], ROWS), scaling)
    np.testing.assert_allclose(found[:, 0], wanted, rtol=1e-6, atol=1e-6)
    assert found[:, 1].tolist() == np.isnan(ROWS).tolist()


def test_an_indicator_of_a_column_without_missing_values_is_zero():
    found, _ = prepare(np.array([1.0, 3.0], "float32"), {"numeric": {"indicator": True}})
    assert found.tolist() == [[-1, 0], [1, 0]]


def test_a_column_without_any_value_is_filled_with_zeros():
    for missing in ("mean", "median", "most_frequent"):
        found, learned = prepare(np.full(4, NAN, "float32"), {"numeric": {"missing": missing}})
        assert (found.tolist(), learned["fill"]) == ([[0]] * 4, [0])


def test_each_column_of_an_array_has_its_own_fill_and_indicator():
    rows = np.array([[1, NAN], [3, 5], [NAN, 7]], "float32")
    feature = Feature(name="a", kind="numeric", dtype="float32", shape=(2,))
    settings = {"type": "numeric", "scaling": "none", "missing": "mean", "indicator": True}
    found, _ = prepare(rows, settings, feature)
    assert found.tolist() == [[1, 6, 0, 1], [3, 5, 0, 0], [2, 7, 1, 0]]


def test_truth_values_are_0_and_1_and_their_missing_ones_are_filled():
    rows = np.array([1, 0, NAN, 1], "float32")
    feature = Feature(name="a", kind="boolean", dtype="float32")
    for missing, fill in [("mean", 2 / 3), ("most_frequent", 1), ("constant", 0)]:
        found, _ = prepare(rows, {"boolean": {"missing": missing, "indicator": True}}, feature)
        np.testing.assert_allclose(found, [[1, 0], [0, 0], [fill, 1], [1, 0]], rtol=1e-6)


@pytest.mark.parametrize("size", [1e-30, 1e-9, 1e-3, 1e6, 1e30])
@pytest.mark.parametrize("scaling", ["standard", "min_max", "robust"])
def test_columns_of_any_size_are_scaled_exactly(size, scaling):
    rows = (np.array([1, 2, 4, 8, 16]) * size).astype("float32")
    found, _ = prepare(rows, {"numeric": scaling})
    expected, _ = prepare(np.array([1, 2, 4, 8, 16], "float32"), {"numeric": scaling})
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_quartiles_of_more_rows_than_are_kept_are_those_of_evenly_spaced_ones(monkeypatch):
    from dltrain.preprocessing import summary

    monkeypatch.setattr(summary, "MOST_SAMPLED", 100)
    sample = summary.Sample()
    rows = np.arange(1000.0)[:, None]
    for start in range(0, 1000, 37):
        sample.add(rows[start : start + 37])
    assert sample.quantiles(0.0, 0.5, 1.0)[:, 0].tolist() == [0, 496, 992]
    assert sample.most_frequent().tolist() == [0]


@pytest.mark.parametrize(
    ("kind", "settings"), [("numeric", {}), ("boolean", {}), ("datetime", {}), ("categorical", {})]
)
def test_without_a_policy_a_missing_value_is_refused_and_with_one_it_is_not(kind, settings):
    missing = {"categorical": np.array(["x", ""], object), "datetime": np.array([[2024.0] * 7, [NAN] * 7])}
    rows = missing.get(kind, np.array([1.0, NAN]))
    spec = FeatureSpec.choose(kind)
    assert spec.refuses(rows).tolist() == spec.with_policy("error").refuses(rows).tolist() == [False, True]
    refused = spec.with_policy("mean").refuses(rows)
    assert refused is None or not refused.any()
    own = FeatureSpec.choose({kind: {"missing": "error"}})
    assert own.with_policy("mean") == own


def test_an_infinite_number_is_refused_under_any_policy():
    rows = np.array([1.0, np.inf, -np.inf, 1e39, 3e38])
    for missing in ("error", "mean", "constant"):
        assert FeatureSpec.choose("numeric").with_policy(missing).refuses(rows).tolist() == [0, 1, 1, 1, 0]
