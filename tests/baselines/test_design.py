"""Prepared rows as columns."""

import numpy as np
import pytest

from dltrain.baselines.design import Design
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.signature import MASK_VALUE, EmbeddedColumn, Feature


class Rows(Preprocessing):
    """Preprocessing of which only the prepared form is known."""

    prepared = None


def design(rows, *, kind="numeric", raw="numeric", **settings):
    feature = Feature(name="x", kind=kind, dtype=str(rows.dtype), shape=rows.shape[1:], **settings)
    known = Rows((Feature(name="x", kind=raw, dtype="float32"),), {}, {})
    object.__setattr__(known, "prepared", feature)
    return Design.of(known, rows)


def test_ids_count_as_words_whose_order_does_not_matter_and_padding_is_none():
    ids = np.array([[1, 2, 2, 0], [2, 1, 2, 0], [3, 0, 0, 0]], "int32")
    found = design(ids, kind="ids", vocabulary_size=5)
    matrix = found.matrix(ids).toarray()
    assert matrix.shape == (3, 5)
    assert (matrix[0] == matrix[1]).all()
    assert (matrix[:, [0, 4]] == 0).all()
    assert np.square(matrix).sum(axis=1) == pytest.approx(np.ones(3))
    # scikit-learn: (1 + log(2)) and 1, both with idf log((1 + 3) / (1 + 2)) + 1
    assert matrix[0, 2] / matrix[0, 1] == pytest.approx(1 + np.log(2))
    # What the words tell was learned from the first rows.
    assert (found.matrix(ids[:1]).toarray() == matrix[:1]).all()


def test_an_embedded_column_becomes_a_column_for_each_id():
    rows = np.array([[0.5, 2.0, 7.0], [1.5, 0.0, 8.0]], "float32")
    column = EmbeddedColumn(name="k", position=1, vocabulary_size=3, length=2)
    matrix = design(rows, embedded=(column,)).matrix(rows)
    assert matrix.tolist() == [[0.5, 7.0, 0, 0, 1], [1.5, 8.0, 1, 0, 0]]


def test_padding_of_a_series_is_zero():
    rows = np.array([[[1.0], [2.0]], [[3.0], [MASK_VALUE]]], "float32")
    assert design(rows, padded=True).matrix(rows).tolist() == [[1.0, 2.0], [3.0, 0.0]]


def test_a_large_image_is_made_smaller_by_means_of_squares():
    image = np.arange(65 * 64, dtype="float32").reshape(1, 65, 64, 1)
    matrix = design(image, kind="image").matrix(image)
    assert matrix.shape == (1, 33 * 32)
    assert matrix[0, 0] == np.mean([0, 1, 64, 65])
    assert matrix[0, -1] == np.mean([64 * 64 + 62, 64 * 64 + 63])


def test_a_small_image_is_taken_pixel_by_pixel():
    image = np.arange(28 * 28, dtype="float32").reshape(1, 28, 28, 1)
    assert (design(image, kind="image").matrix(image) == image.reshape(1, -1)).all()


def test_wide_rows_of_zeros_are_kept_sparse_and_narrow_ones_are_not():
    wide = np.zeros((4, 1000), "float32")
    wide[:, 7] = 2.0
    found = design(wide, raw="text")
    assert (found.sparse, found.entries) == (True, 1)
    assert found.matrix(wide)[:, [7]].toarray().tolist() == [[1.0]] * 4
    assert not design(wide[:, :100]).sparse


class Touched:
    """Rows that know which of them were read."""

    def __init__(self, rows):
        self.rows, self.read, self.shape = rows, set(), rows.shape

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        self.read |= set(np.arange(len(self.rows))[key].tolist())
        return self.rows[key]


def test_only_the_rows_that_are_asked_for_are_read():
    rows = np.arange(40, dtype="float32").reshape(20, 2)
    found, touched = design(rows), Touched(rows)
    assert found.matrix(touched, np.array([3, 17])).tolist() == [[6, 7], [34, 35]]
    assert touched.read == {3, 17}
