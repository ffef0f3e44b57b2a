"""Labels: what is learned, and how known, unknown and missing ones are encoded."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.preprocessing.preparer import compiled_layers
from dltrain.signature import Feature

COLUMN = Feature(name="c", kind="categorical", dtype="string")
TRAIN = np.array(["b", "a", "c", "", "b", "a", "b"], object)
ROWS = np.array(["a", "b", "c", "new", ""], object)


def adapted(settings, train=TRAIN):
    specs = settle([COLUMN], {"c": FeatureSpec.choose({"categorical": settings})})
    return Preprocessing.adapt((COLUMN,), specs, lambda name: iter([train[:3], train[3:]]))


def prepare(settings, rows=ROWS, train=TRAIN):
    preprocessing = adapted(settings, train)
    found = preprocessing.prepare({"c": rows})
    assert found.shape == (len(rows), *preprocessing.prepared.shape)
    np.testing.assert_array_equal(np.asarray(preprocessing.model(rows)), found)
    return found.tolist()


def test_labels_are_ranked_by_frequency_and_then_by_the_alphabet():
    assert adapted({}).statistics == {"c": {"vocabulary": ["b", "a", "c"]}}
    tied = np.array(["z", "y", "x", "x", "y", "z"], object)
    assert adapted({}, tied).statistics == {"c": {"vocabulary": ["x", "y", "z"]}}
    assert adapted({"max_categories": 2}).statistics == {"c": {"vocabulary": ["b", "a"]}}


def test_hashing_learns_no_list_of_labels():
    assert adapted({"encoding": "hashing", "missing": "constant"}).statistics == {"c": {}}
    assert adapted({"encoding": "hashing", "missing": "median"}).statistics == {"c": {"most_frequent": "b"}}


@pytest.mark.keras
def test_one_hot_has_a_column_for_missing_labels_one_for_unknown_ones_and_one_for_each():
    assert prepare({"missing": "constant"}) == [
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
    ]


@pytest.mark.keras
@pytest.mark.parametrize("missing", ["most_frequent", "mean", "median"])
def test_a_missing_label_becomes_the_most_frequent_one(missing):
    assert prepare({"missing": missing})[-1] == [0, 0, 1, 0, 0]


@pytest.mark.keras
def test_an_indicator_is_the_last_column():
    assert prepare({"missing": "most_frequent", "indicator": True})[1:] == [
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 1],
    ]


@pytest.mark.keras
def test_labels_beyond_the_most_are_unknown():
    assert prepare({"max_categories": 1, "missing": "constant"}) == [
        [0, 1, 0],
        [0, 0, 1],
        [0, 1, 0],
        [0, 1, 0],
        [1, 0, 0],
    ]


@pytest.mark.keras
def test_an_embedding_gets_ids():
    settings = {"encoding": "embedding", "missing": "constant"}
    assert prepare(settings) == [[3], [2], [4], [1], [0]]
    assert prepare({**settings, "missing": "most_frequent", "indicator": True})[-2:] == [[1, 0], [2, 1]]
    (column,) = adapted(settings).prepared.embedded
    assert (column.name, column.position, column.vocabulary_size, column.length) == ("c", 0, 5, round(1.6 * 5**0.56))
    assert adapted({**settings, "length": 7}).prepared.embedded[0].length == 7
    many = np.array([f"{index:04}" for index in range(1000)], object)
    assert adapted({"encoding": "embedding"}, many).prepared.embedded[0].length == 50


@pytest.mark.keras
def test_hashing_puts_each_label_into_one_of_the_groups_and_missing_ones_into_none():
    found = np.array(prepare({"encoding": "hashing", "bins": 4, "missing": "constant"}))
    assert found.shape == (5, 5)
    assert found.sum(axis=1).tolist() == [1] * 5
    assert found[:, 0].tolist() == [0, 0, 0, 0, 1]
    filled = np.array(prepare({"encoding": "hashing", "bins": 4, "missing": "most_frequent"}))
    assert filled[:4].tolist() == found[:4].tolist()
    assert filled[4].tolist() == found[1].tolist()


@pytest.mark.keras
@pytest.mark.parametrize("label", ["[UNK]", "[UNK]_", " ", "\0b", "a\nb", "é" * 300, "true", "-1"])
def test_any_text_may_be_a_label(label):
    train = np.array([label, "[UNK]", label], object)
    known = len({label, "[UNK]"})
    (found, unknown) = prepare({}, np.array([label, "other"], object), train)
    assert (found, unknown[:2]) == ([0, 0, 1, *[0] * (known - 1)], [0, 1])


@pytest.mark.keras
@pytest.mark.parametrize("encoding", ["one_hot", "embedding", "hashing"])
@pytest.mark.parametrize("missing", ["constant", "most_frequent"])
def test_a_column_without_any_label_is_prepared_all_the_same(encoding, missing):
    found = prepare({"encoding": encoding, "missing": missing}, train=np.array([""] * 5, object))
    assert len(found) == len(ROWS)


@pytest.mark.keras
def test_labels_that_differ_in_a_last_nul_alone_are_not_mixed_up():
    train = np.array(["a", "a\0", "\0", "b"], object)
    assert adapted({}, train).statistics == {"c": {"vocabulary": ["a", "b"]}}
    assert prepare({}, train, train) == [[0, 0, 1, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]


LABELS = ["", "a", "b", "ä", "a\0", "\0", "[UNK]", " a", "A", "\ue000", "long" * 50]


@pytest.mark.keras
@pytest.mark.parametrize("encoding", ["one_hot", "embedding"])
@pytest.mark.parametrize("missing", ["constant", "most_frequent"])
@pytest.mark.parametrize("most", [2, 1000])
def test_labels_are_looked_up_as_by_the_layers_that_are_saved(encoding, missing, most):
    settings = {"encoding": encoding, "missing": missing, "max_categories": most, "indicator": True}
    spec = FeatureSpec.choose({"categorical": settings})
    rows = np.array([*LABELS, "not seen"], object)
    for train in ([], ["b", "b", "a", "[UNK]"], LABELS):
        statistics = spec.adapt(COLUMN, [np.array(train, object)])
        found = spec.compute(rows, statistics, None)
        expected = compiled_layers(COLUMN, spec, statistics)(rows)
        assert found.dtype == expected.dtype == "float32"
        np.testing.assert_array_equal(found, expected)
