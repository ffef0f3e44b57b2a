"""Ids and their vocabulary."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.signature import Feature

ROWS = np.array([[1, 9, 0], [4, 2, 0]])


def feature(**settings):
    return Feature(name="x", kind="ids", dtype="int64", shape=(3,), **settings)


def test_the_vocabulary_is_what_is_written_else_what_the_data_says_else_one_above_the_largest_id():
    spec = FeatureSpec.choose("ids")
    assert FeatureSpec.choose({"ids": 50}).adapt(feature(vocabulary_size=20), [ROWS]) == {"vocabulary_size": 50}
    assert spec.adapt(feature(vocabulary_size=20), [ROWS]) == {"vocabulary_size": 20}
    assert spec.adapt(feature(), [ROWS[1:], ROWS[:1]]) == {"vocabulary_size": 10}
    assert spec.prepared(feature(), {"vocabulary_size": 10}).vocabulary_size == 10


@pytest.mark.parametrize(("rows", "worst"), [([[10, 1]], 10), ([[0, -1]], -1), ([[-1, 12]], 12)])
def test_an_id_outside_the_vocabulary_is_refused(rows, worst):
    with pytest.raises(ValueError, match="holds the id") as raised:
        FeatureSpec.choose("ids").check_rows(feature(), {"vocabulary_size": 10}, np.array(rows))
    assert str(raised.value) == (
        f"the feature 'x' holds the id {worst}, and ids are from 0 to 9; "
        "mend the data, or set `dataset.features.x.vocabulary_size`"
    )


def test_the_smallest_and_largest_id_are_taken():
    rows = np.array([[0, 9]])
    assert FeatureSpec.choose("ids").check_rows(feature(), {"vocabulary_size": 10}, rows) is None


def test_fractions_are_no_ids():
    with pytest.raises(ValueError, match="ids are integers") as raised:
        FeatureSpec.choose("ids").check(Feature(name="x", kind="numeric", dtype="float32", shape=(3,)))
    assert str(raised.value) == "'x' holds float32; ids are integers; use `numeric`"
