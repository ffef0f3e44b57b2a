"""Statistics of numbers are numpy's, however the rows are cut into chunks."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.signature import Feature

RANDOM = np.random.default_rng(1)
ROWS = (RANDOM.normal(size=(1000, 5)) * [1, 1e-6, 1e6, 0, 1] + [0, 5, 1e9, 7, -3]).astype("float32")
FEATURE = Feature(name="x", kind="numeric", dtype="float32", shape=(5,))


def chunks(rows, size):
    return (rows[start : start + size] for start in range(0, len(rows), size))


@pytest.mark.parametrize("size", [1, 7, 999, 1000])
def test_standard_scaling_learns_mean_and_deviation(size):
    found = FeatureSpec.choose("numeric").adapt(FEATURE, chunks(ROWS, size))
    exact = ROWS.astype("float64")
    deviation = exact.std(axis=0)
    np.testing.assert_allclose(found["offset"], exact.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found["scale"], np.where(deviation > 0, deviation, 1), rtol=1e-9)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_min_max_scaling_learns_the_extremes(size):
    found = FeatureSpec.choose({"numeric": "min_max"}).adapt(FEATURE, chunks(ROWS, size))
    exact = ROWS.astype("float64")
    span = exact.max(axis=0) - exact.min(axis=0)
    assert found == {"offset": exact.min(axis=0).tolist(), "scale": np.where(span > 0, span, 1).tolist()}


@pytest.mark.parametrize("scaling", ["standard", "min_max"])
def test_a_constant_feature_has_the_scale_one(scaling):
    found = FeatureSpec.choose({"numeric": scaling}).adapt(FEATURE, chunks(np.full((9, 5), 7.0), 4))
    assert found == {"offset": [7.0] * 5, "scale": [1.0] * 5}


def test_without_scaling_nothing_is_learned():
    assert FeatureSpec.choose({"numeric": "none"}).adapt(FEATURE, iter([])) == {}


def test_a_column_and_a_sequence_are_scaled_along_their_last_axis():
    spec = FeatureSpec.choose("numeric")
    column = spec.adapt(Feature(name="a", kind="numeric", dtype="float32"), iter([np.array([1.0, 3.0])]))
    assert column == {"offset": [2.0], "scale": [1.0]}
    steps = np.arange(24.0).reshape(2, 4, 3)
    found = spec.adapt(Feature(name="s", kind="numeric", dtype="float32", shape=(4, 3)), iter([steps]))
    flat = steps.reshape(8, 3)
    assert found["offset"] == flat.mean(axis=0).tolist()
    np.testing.assert_allclose(found["scale"], flat.std(axis=0), rtol=1e-14)


def test_empty_chunks_count_for_nothing():
    spec = FeatureSpec.choose("numeric")
    assert spec.adapt(FEATURE, iter([ROWS, ROWS[:0]])) == spec.adapt(FEATURE, iter([ROWS[:0], ROWS]))
