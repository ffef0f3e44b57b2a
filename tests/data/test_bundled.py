"""The data sets of scikit-learn."""

import numpy as np
import pytest

from data.conftest import census
from dltrain.data.base import DatasetSpec
from dltrain.tasks.base import derive


@pytest.mark.parametrize(
    ("name", "rows", "kind", "shape", "labels"),
    [
        ("digits", 1797, "image", (8, 8), 10),
        ("iris", 150, "numeric", (4,), 3),
        ("wine", 178, "numeric", (13,), 3),
        ("breast_cancer", 569, "numeric", (30,), 2),
        ("diabetes", 442, "numeric", (10,), None),
    ],
)
def test_a_bundled_data_set_is_what_its_docstring_says(name, rows, kind, shape, labels):
    spec = DatasetSpec.choose(name)
    assert f"{rows:,}" in (type(spec).__doc__ or "")
    dataset = spec.load()
    found = census(dataset)
    (feature,) = dataset.features
    assert (found.rows, feature.kind, feature.shape) == ({"train": rows}, kind, shape)
    assert labels is None or len(np.unique(found.target)) == labels
    assert derive(found.target)[0] == {None: "regression", 2: "binary_classification"}.get(
        labels, "multiclass_classification"
    )
    assert dataset.fingerprint == spec.load().fingerprint


def test_digits_are_pixels_from_0_to_16_with_named_classes():
    dataset = DatasetSpec.choose("digits").load()
    (rows,) = dataset.parts["train"].chunks()
    assert (rows.features["x"].dtype.name, rows.features["x"].max()) == ("uint8", 16)
    assert dataset.features[0].maximum == 16.0
    assert sorted(set(rows.target.tolist())) == [str(digit) for digit in range(10)]


def test_iris_has_names_of_species():
    found = census(DatasetSpec.choose("iris").load())
    assert sorted(set(found.target.tolist())) == ["setosa", "versicolor", "virginica"]
