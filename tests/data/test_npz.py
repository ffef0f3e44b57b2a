"""Archives of arrays."""

import numpy as np
import pytest

from data.conftest import census
from dltrain.data.base import DatasetSpec
from dltrain.errors import DataError
from dltrain.signature import Feature

X = np.arange(24, dtype="float64").reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


@pytest.fixture
def save(tmp_path):
    def save_arrays(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return DatasetSpec.choose({"path": str(tmp_path / "a.npz")})

    return save_arrays


def load(dataset):
    loaded = dataset.load()
    return loaded, {name: next(iter(source.chunks())) for name, source in loaded.parts.items()}


def test_x_and_y_are_one_part(save):
    dataset, parts = load(save(x=X, y=Y, other=Y))
    assert list(parts) == ["train"]
    np.testing.assert_array_equal(parts["train"].features["x"], X)
    np.testing.assert_array_equal(parts["train"].target, Y)
    assert dataset.features == (Feature(name="x", kind="numeric", dtype="float32", shape=(4,)),)
    assert (dataset.target_name, dataset.origin) == ("y", "a.npz")


def test_train_validation_and_test_are_parts_in_this_order(save):
    arrays = {"x_test": X[:1], "y_test": Y[:1], "x_val": X[1:3], "y_val": Y[1:3], "x_train": X[3:], "y_train": Y[3:]}
    dataset, parts = load(save(**arrays))
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 3, "validation": 2, "test": 1}
    assert list(census(dataset).target) == [0, 1, 2, 1, 2, 0]


def test_a_column_of_targets_is_a_vector(save):
    _, parts = load(save(x=X, y=Y.reshape(6, 1)))
    assert parts["train"].target.shape == (6,)


@pytest.mark.parametrize(
    ("array", "feature"),
    [
        (np.zeros((2, 5, 7), "uint8"), {"kind": "image", "dtype": "uint8", "shape": (5, 7), "maximum": 255.0}),
        (np.zeros((2, 5, 7, 3), "uint8"), {"kind": "image", "dtype": "uint8", "shape": (5, 7, 3), "maximum": 255.0}),
        (np.zeros((2, 5), "uint8"), {"kind": "numeric", "dtype": "uint8", "shape": (5,)}),
        (np.zeros((2, 5, 7), "float32"), {"kind": "numeric", "dtype": "float32", "shape": (5, 7)}),
        (np.zeros((2, 5), "int64"), {"kind": "numeric", "dtype": "int64", "shape": (5,)}),
        (np.zeros((2, 5), "bool"), {"kind": "numeric", "dtype": "uint8", "shape": (5,)}),
    ],
)
def test_the_kind_of_feature_follows_from_the_numbers(save, array, feature):
    dataset, _ = load(save(x=array, y=[0, 1]))
    assert dataset.features == (Feature(name="x", **feature),)


def test_a_declared_kind_beats_the_inferred_one(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([[1, 9], [3, 0]]), y=[0, 1])
    dataset = DatasetSpec.choose({"path": str(tmp_path / "a.npz"), "features": {"x": "ids"}}).load()
    assert dataset.features == (Feature(name="x", kind="ids", dtype="int64", shape=(2,)),)


def test_pixels_of_floats_know_their_highest_value(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.linspace(0, 16, 18).reshape(2, 3, 3), y=[0, 1])
    dataset = DatasetSpec.choose({"path": str(tmp_path / "a.npz"), "features": {"x": "image"}}).load()
    assert dataset.features[0].maximum == 16.0


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        ({"x": X}, "a.npz: needs the arrays x and y, or x_train, y_train, x_test and y_test; it has x"),
        ({"z": X}, "a.npz: needs the arrays x and y, or x_train, y_train, x_test and y_test; it has none"),
        (
            {"x_train": X, "y_train": Y, "x_test": X},
            "a.npz: needs the arrays x and y, or x_train, y_train, x_test and y_test; "
            "it has x_train, y_train or x_test",
        ),
        ({"x": X, "y": Y[:5]}, "a.npz: x has 6 rows and y has 5; they must be equal"),
        (
            {"x": X[:, 0], "y": Y},
            "a.npz: x holds float64 with 1 axis; it must be numbers with an axis of rows and one of features",
        ),
        (
            {"x": X.astype(str), "y": Y},
            "a.npz: x holds text with 2 axes; it must be numbers with an axis of rows and one of features",
        ),
        ({"x": X, "y": np.float64(1)}, "a.npz: x has 6 rows and y has 0; they must be equal"),
        ({"x": X[:0], "y": Y[:0]}, f"a.npz: x has the shape {X[:0].shape}, which holds no numbers"),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :1], "y_test": Y},
            f"a.npz: x_test has rows of shape (1,), and the first part {X.shape[1:]}; they must be equal",
        ),
    ],
)
def test_an_archive_that_is_no_dataset_is_refused(save, arrays, error):
    with pytest.raises(DataError) as raised:
        save(**arrays).load()
    assert str(raised.value) == error


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('code was run')",)


def test_pickled_objects_are_never_read(save, tmp_path):
    spec = save(x=np.array([[Bomb()], [Bomb()]], dtype=object), y=[0, 1])
    with pytest.raises(DataError) as raised:
        spec.load()
    path = tmp_path / "a.npz"
    text = "holds Python objects, which could be code; write arrays of numbers or text with numpy.savez"
    assert str(raised.value) == f"{path}: {text}"


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_a_file_that_is_cut_off_is_no_archive(save, tmp_path, cut):
    spec = save(x=X, y=Y)
    path = tmp_path / "a.npz"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError) as raised:
        spec.load()
    assert str(raised.value) == f"{path}: not an .npz archive; write it with numpy.savez"


def test_an_archive_with_flipped_bytes_is_damaged(save, tmp_path):
    spec = save(x=X, y=Y)
    path = tmp_path / "a.npz"
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(data)
    with pytest.raises(DataError, match="is damaged: Bad CRC-32"):
        spec.load()


def test_the_fingerprint_changes_with_one_value(save):
    one, same = save(x=X, y=Y).load().fingerprint, save(x=X, y=Y).load().fingerprint
    changed = X.copy()
    changed[3, 2] += 1e-12
    assert one == same
    assert save(x=changed, y=Y).load().fingerprint != one


def test_another_file_must_have_rows_of_the_same_shape(save, tmp_path):
    spec = save(x=X, y=Y)
    features = spec.load().features
    np.savez(tmp_path / "b.npz", x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2])
    assert len(next(iter(spec.open_file(str(tmp_path / "b.npz"), features).chunks()))) == 2
    np.savez(tmp_path / "c.npz", x=X[:, :3], y=Y)
    with pytest.raises(DataError) as raised:
        spec.open_file(str(tmp_path / "c.npz"), features)
    assert str(raised.value) == "c.npz: x has the shape (6, 3), and the model takes (rows, 4)"


def test_a_missing_number_is_refused_with_a_policy_that_arrays_have(save):
    dataset, _ = load(save(x=np.where(X == 9, np.nan, X), y=Y))
    with pytest.raises(DataError) as raised:
        census(dataset)
    policy = "`dataset.features: {x: {numeric: {missing: mean}}}`"
    assert str(raised.value) == f"a.npz: row 3: 'x' is missing; fill or drop these rows, or write {policy}"
    assert census(dataset, x={"numeric": {"missing": "mean"}}).total == 6
