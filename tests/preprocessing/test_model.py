"""The layers that are saved with a model compute what the statistics say."""

import numpy as np
import pytest

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature

pytestmark = pytest.mark.keras


def adapted(features, rows, **given):
    specs = settle(features, {name: FeatureSpec.choose(value) for name, value in given.items()})
    return Preprocessing.adapt(tuple(features), specs, lambda name: iter([rows[name]]))


@pytest.mark.parametrize(
    ("scaling", "low", "high"), [("zero_one", 0.0, 1.0), ("minus_one_one", -1.0, 1.0), ("none", 0.0, 16.0)]
)
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 3)])
def test_pixels_are_scaled_by_their_highest_value(scaling, low, high, shape):
    rows = np.random.default_rng(0).integers(0, 17, (5, *shape)).astype("uint8")
    feature = Feature(name="x", kind="image", dtype="uint8", shape=shape, maximum=16.0)
    preprocessing = adapted([feature], {"x": rows}, x={"image": {"scaling": scaling}})
    prepared = preprocessing.prepare({"x": rows})
    wanted = (rows / 16 * (high - low) + low).reshape(5, 2, 3, -1)
    assert prepared.shape[1:] == preprocessing.prepared.shape
    assert prepared.dtype.name == preprocessing.prepared.dtype == "float32"
    np.testing.assert_allclose(prepared, wanted, atol=1e-6)


@pytest.mark.parametrize("scaling", ["standard", "min_max", "none"])
def test_columns_are_scaled_and_joined_in_their_order(scaling):
    random = np.random.default_rng(0)
    rows = {name: random.normal(spread, spread, 50).astype("float32") for name, spread in [("b", 3), ("a", 100)]}
    features = [Feature(name=name, kind="numeric", dtype="float32") for name in rows]
    preprocessing = adapted(features, rows, **{name: {"numeric": scaling} for name in rows})
    values = np.stack([rows["b"], rows["a"]], axis=1).astype("float64")
    wanted = {
        "standard": (values - values.mean(axis=0)) / values.std(axis=0),
        "min_max": (values - values.min(axis=0)) / np.ptp(values, axis=0),
        "none": values,
    }[scaling]
    assert preprocessing.prepared.shape == (2,)
    np.testing.assert_allclose(preprocessing.prepare(rows), wanted, rtol=1e-5, atol=1e-5)


def test_a_sequence_of_vectors_keeps_its_shape():
    rows = {"x": np.arange(24, dtype="float32").reshape(2, 4, 3)}
    preprocessing = adapted([Feature(name="x", kind="numeric", dtype="float32", shape=(4, 3))], rows)
    flat = rows["x"].reshape(8, 3)
    wanted = ((flat - flat.mean(axis=0)) / flat.std(axis=0)).reshape(2, 4, 3)
    np.testing.assert_allclose(preprocessing.prepare(rows), wanted, rtol=1e-5)


def test_ids_pass_unchanged_and_unknown_ones_are_refused():
    rows = {"x": np.array([[1, 2], [3, 0]], "int32")}
    preprocessing = adapted([Feature(name="x", kind="ids", dtype="int32", shape=(2,))], rows)
    assert preprocessing.prepare(rows).tolist() == [[1, 2], [3, 0]]
    with pytest.raises(DataError, match="holds the id 4"):
        preprocessing.prepare({"x": np.array([[4, 0]], "int32")})
