"""Arrays for a model that is trained: from archives, and from a program."""

import numpy as np
import pytest

from dltrain.data.base import DatasetSpec
from dltrain.errors import DataError
from dltrain.signature import Feature

PIXELS = Feature(name="x", kind="image", dtype="uint8", shape=(2, 2), maximum=255.0)
NUMBERS = Feature(name="x", kind="numeric", dtype="float32", shape=(3,))
INTEGERS = "and the model takes integers from 0 to 255; give it numbers like those of training"
ROWS = "and the model takes (rows, 2, 2)"
IMAGES = np.arange(12, dtype="uint8").reshape(3, 2, 2)


def values(source):
    (rows,) = source.chunks()
    return rows.features["x"].tolist(), None if rows.target is None else rows.target.tolist()


@pytest.fixture
def opened(tmp_path):
    """What a run on digits reads of an archive of arrays."""

    def open_file(feature=PIXELS, labelled=False, **arrays):
        np.savez(tmp_path / "new.npz", **arrays)
        return DatasetSpec.choose("digits").open_file(str(tmp_path / "new.npz"), (feature,), labelled=labelled)

    return open_file


def test_rows_to_predict_need_no_target_and_the_test_part_stands_for_them(opened):
    assert values(opened(x=IMAGES)) == (IMAGES.tolist(), None)
    assert values(opened(x_train=IMAGES, y_train=[1, 2, 3], x_test=IMAGES[:1])) == (IMAGES[:1].tolist(), None)
    assert values(opened(x=IMAGES, y=[1, 2, 3])) == (IMAGES.tolist(), None)
    assert values(opened(x=IMAGES, y=[1, 2, 3], labelled=True)) == (IMAGES.tolist(), [1, 2, 3])


def test_a_single_array_in_a_file_is_rows_to_predict(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    source = DatasetSpec.choose("digits").open_file(str(tmp_path / "x.npy"), (PIXELS,), labelled=False)
    assert values(source) == (IMAGES.tolist(), None)
    (tmp_path / "x.npy").write_text("text")
    with pytest.raises(DataError, match=r"x\.npy: not an array in NumPy's \.npy format: .*; write it with"):
        DatasetSpec.choose("digits").open_file(str(tmp_path / "x.npy"), (PIXELS,), labelled=False)


@pytest.mark.parametrize(
    ("feature", "array", "error"),
    [
        (PIXELS, IMAGES[0], f"new.npz: x has the shape (2, 2), {ROWS}; put an axis of rows in front"),
        (PIXELS, IMAGES[:, :1], f"new.npz: x has the shape (3, 1, 2), {ROWS}"),
        (NUMBERS, np.array([["a", "b", "c"]]), "new.npz: x holds text, and the model takes numbers"),
        (
            PIXELS,
            np.concatenate([IMAGES, IMAGES[:1] + 0.5]),
            f"new.npz: row 4: holds 0.5, {INTEGERS}",
        ),
        (
            PIXELS,
            IMAGES.astype("int64") - 3,
            f"new.npz: row 1: holds -3, {INTEGERS}",
        ),
        (
            PIXELS,
            np.full((1, 2, 2), np.nan),
            f"new.npz: row 1: holds nan, {INTEGERS}",
        ),
    ],
)  # fmt: skip
def test_rows_that_the_model_would_take_for_something_else_are_refused(opened, feature, array, error):
    with pytest.raises(DataError) as raised:
        values(opened(feature, x=array))
    assert str(raised.value) == error


def test_an_archive_without_rows_to_predict_says_what_it_has(opened):
    with pytest.raises(DataError, match=r"^new\.npz: needs the array x, or x_test; it has x_train or y_train$"):
        opened(x_train=IMAGES, y_train=[1, 2, 3])


def test_a_program_gives_an_array_lists_or_a_mapping():
    spec = DatasetSpec.choose("iris")
    for rows in (np.ones((2, 3)), [[1, 1, 1], [1, 1, 1]], {"x": np.ones((2, 3), "float32")}):
        assert values(spec.open_rows(rows, (NUMBERS,))) == ([[1, 1, 1], [1, 1, 1]], None)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ({"y": [1]}, "rows: there is no 'x', which the model takes"),
        ([[1, 2], [3]], "rows: cannot be made an array: "),
        ([1, 2, 3], "rows: x has the shape (3,), and the model takes (rows, 3); put an axis of rows in front"),
        ([[None, 1, 2]], "rows: x holds object, and the model takes numbers"),
    ],
)
def test_what_is_no_array_of_such_rows_is_refused(rows, error):
    with pytest.raises(DataError) as raised:
        DatasetSpec.choose("iris").open_rows(rows, (NUMBERS,))
    assert str(raised.value).startswith(error)


def test_images_of_any_size_are_taken_where_the_model_takes_them():
    feature = PIXELS.model_copy(update={"shape": (None, None, 3)})
    rows = np.ones((2, 5, 7, 3), "uint8")
    (found,) = DatasetSpec.choose("digits").open_rows(rows, (feature,)).chunks()
    assert found.features["x"].shape == (2, 5, 7, 3)
    with pytest.raises(DataError) as raised:
        DatasetSpec.choose("digits").open_rows(rows[..., 0], (feature,))
    assert str(raised.value) == "rows: x has the shape (2, 5, 7), and the model takes (rows, any, any, 3)"
