"""Digests of rows: equal for equal rows, wherever and however they lie."""

import numpy as np
import pytest

from dltrain.splits.digest import digest, mixed

TABLE = {
    "age": np.array([1.5, 2.0, np.nan, 0.0, 1.5], "float32"),
    "name": np.array(["a", "", "ä", "b", "a"], object),
    "date": np.arange(35, dtype="float32").reshape(5, 7) % 28,
    "flag": np.array([True, False, True, True, True]),
}


def test_equal_rows_have_equal_digests_and_others_do_not():
    found = digest(TABLE)
    assert found.dtype == np.uint64
    assert found[0] == found[4]
    assert len(set(found.tolist())) == 4


def test_order_of_rows_of_columns_and_chunks_is_all_the_same():
    found = digest(TABLE)
    assert (digest({name: values[::-1] for name, values in reversed(TABLE.items())}) == found[::-1]).all()
    chunks = [digest({name: values[start : start + 2] for name, values in TABLE.items()}) for start in (0, 2, 4)]
    assert (np.concatenate(chunks) == found).all()


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", ">i4", "float32", "float64", ">f8"])
def test_numbers_count_by_their_value(kind):
    values = np.array([0, 1, 100])
    assert (digest({"x": values.astype(kind)}) == digest({"x": values})).all()


def test_zero_has_one_sign_and_there_is_one_missing_number():
    zeros = digest({"x": np.array([0.0, -0.0, np.nan, -np.nan, 1.0])})
    assert zeros[0] == zeros[1]
    assert zeros[2] == zeros[3]
    vectors = digest({"x": np.array([[0.0, 1.0], [-0.0, 1.0], [1.0, 0.0]], "float32")})
    assert vectors[0] == vectors[1] != vectors[2]


def test_texts_count_by_their_characters():
    objects, fixed = np.array(["a", "bb", ""], object), np.array(["a", "bb", ""])
    assert (digest({"x": objects}) == digest({"x": fixed})).all()
    assert digest({"x": np.array([None], object)}) == digest({"x": np.array([""], object)})


def test_a_value_in_another_column_is_another_row():
    one, two = np.array([1.0, 2.0]), np.array([2.0, 1.0])
    assert not (digest({"x": one, "y": two}) == digest({"x": two, "y": one})).any()


def test_images_count_by_every_pixel():
    images = np.random.default_rng(0).integers(256, size=(300, 5, 5, 3)).astype("uint8")
    changed = images.copy()
    changed[:, 4, 4, 2] ^= 1
    both = digest({"x": np.concatenate([images, changed, images])})
    assert len(set(both.tolist())) == 600
    assert (both[:300] == both[600:]).all()


def test_rows_of_different_shapes_count_by_shape_and_bytes():
    rows = np.empty(4, object)
    rows[:] = [np.zeros((2, 3), "uint8"), np.zeros((3, 2), "uint8"), np.zeros((2, 3), "uint8"), np.ones(6, "uint8")]
    found = digest({"x": rows})
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3


def test_a_hundred_thousand_rows_are_told_apart_and_use_all_bits():
    found = digest({"x": np.arange(100_000)})
    assert len(np.unique(found)) == 100_000
    ones = np.unpackbits(found.view("uint8")).reshape(-1, 64).mean(axis=0)
    # Each bit is one in half of the rows, to within five standard deviations.
    assert (np.abs(ones - 0.5) < 5 * 0.5 / np.sqrt(100_000)).all()


def test_the_finalizer_is_that_of_splitmix64():
    # The first output of the generator seeded with 0 is the finalizer of its increment.
    assert mixed(np.array([0x9E3779B97F4A7C15], "uint64"))[0] == 0xE220A8397B1DCDAF
