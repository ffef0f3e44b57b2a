"""Images of any size, brought to one by the layers that are saved."""

import keras
import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.image import stacks
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature

pytestmark = pytest.mark.keras

ANY_SIZE = Feature(name="image", kind="image", dtype="uint8", shape=(None, None, 3), maximum=255.0)


def preprocessing(feature=ANY_SIZE, **settings):
    specs = settle([feature], {"image": FeatureSpec.choose({"image": settings})})
    return Preprocessing.adapt((feature,), specs, lambda name: iter([]))


def images(*sizes):
    random, found = np.random.default_rng(0), np.empty(len(sizes), object)
    found[:] = [random.integers(0, 256, (height, width, 3), "uint8") for height, width in sizes]
    return found


STOCK = {"stretch": {}, "crop": {"crop_to_aspect_ratio": True}, "pad": {"pad_to_aspect_ratio": True}}


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("antialias", [False, True])
def test_each_image_is_resized_by_the_stock_layer_alone_or_with_others(resize, antialias):
    rows = images((9, 7), (30, 40), (9, 7), (6, 8))
    prepared = preprocessing(size=[6, 8], resize=resize, antialias=antialias).prepare({"image": rows})
    layer = keras.layers.Resizing(6, 8, antialias=antialias, **STOCK[resize])
    assert (prepared.shape, prepared.dtype) == ((4, 6, 8, 3), "float32")
    for row, image in zip(prepared, rows, strict=True):
        alone = keras.ops.convert_to_numpy(layer(image[np.newaxis].astype("float32")))[0] / 255
        np.testing.assert_allclose(row, alone, atol=2e-7)


def test_an_image_of_the_wanted_size_stays_as_it_is():
    rows = images((6, 8))
    for resize in STOCK:
        prepared = preprocessing(size=[6, 8], resize=resize, scaling="none").prepare({"image": rows})
        np.testing.assert_array_equal(prepared[0], rows[0])


def half_white():
    """2 x 4 pixels, the left half black."""
    rows = np.empty(1, object)
    rows[0] = np.repeat(np.array([[0, 0, 255, 255]] * 2, "uint8")[..., np.newaxis], 3, axis=2)
    return rows


@pytest.mark.parametrize(
    ("resize", "wanted"),
    [
        ("stretch", [[0, 1], [0, 1]]),
        ("crop", [[0, 1], [0, 1]]),
        ("pad", [[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0]]),
    ],
)
def test_pixels_are_where_the_way_to_resize_puts_them(resize, wanted):
    prepared = preprocessing(size=len(wanted), resize=resize).prepare({"image": half_white()})
    np.testing.assert_array_equal(prepared[0, ..., 0], wanted)


def test_the_layers_take_raw_images_of_any_size_once_they_are_saved(tmp_path):
    made = preprocessing(size=4, resize="crop", scaling="minus_one_one")
    made.model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    rows = images((9, 7), (3, 3))
    for row, image in zip(made.prepare({"image": rows}), rows, strict=True):
        np.testing.assert_array_equal(loaded.predict(image[np.newaxis], verbose=0)[0], row)


def test_arrays_of_one_size_can_be_resized_too():
    feature = Feature(name="image", kind="image", dtype="uint8", shape=(2, 4), maximum=255.0)
    made = preprocessing(feature, size=2)
    assert made.prepared.shape == (2, 2, 1)
    rows = np.array([[[0, 0, 255, 255]] * 2], "uint8")
    np.testing.assert_array_equal(made.prepare({"image": rows})[0, ..., 0], [[0, 1], [0, 1]])


@pytest.mark.parametrize(
    ("scaling", "bounds"), [("zero_one", (0.0, 1.0)), ("minus_one_one", (-1.0, 1.0)), ("none", (0.0, 255.0))]
)
def test_the_range_of_prepared_pixels_is_known(scaling, bounds):
    prepared = preprocessing(size=3, scaling=scaling).prepared
    assert ((prepared.minimum, prepared.maximum), prepared.shape) == (bounds, (3, 3, 3))


def test_images_are_stacked_by_size_and_not_too_many_at_once(monkeypatch):
    monkeypatch.setattr("dltrain.preprocessing.image._BATCH_BYTES", 2 * 3 * 3 * 3)
    rows = images((3, 3), (2, 2), (3, 3), (3, 3))
    found = [(chosen, stack.shape) for chosen, stack in stacks(rows)]
    assert found == [([0, 2], (2, 3, 3, 3)), ([3], (1, 3, 3, 3)), ([1], (1, 2, 2, 3))]
