"""Augmentations as Keras layers, and in a model that is trained."""

import inspect

import keras
import numpy as np
import pytest

import dltrain
from dltrain.assemble import weights_of
from dltrain.augmentations.base import AugmentationSpec
from dltrain.errors import ConfigError
from dltrain.signature import Feature

pytestmark = pytest.mark.keras

WRITTEN = {
    "random_flip": {}, "random_rotation": 0.1, "random_zoom": 0.2, "random_translation": 0.2, "random_shear": 0.2,
    "random_contrast": 0.5, "random_brightness": 0.5,
}  # fmt: skip


def prepared(low=0.0, high=1.0, channels=3):
    return Feature(name="x", kind="image", dtype="float32", shape=(8, 8, channels), minimum=low, maximum=high)


def layer(written, images=None, seed=7):
    return AugmentationSpec.choose(written).build(images or prepared(), name="a", seed=seed)


def changed(built, images):
    return keras.ops.convert_to_numpy(built(images, training=True))


def test_every_augmentation_is_tried_here():
    assert sorted(WRITTEN) == AugmentationSpec.types()


@pytest.mark.parametrize("name", WRITTEN)
def test_arguments_and_defaults_are_those_of_keras(name):
    spec = AugmentationSpec.choose({name: WRITTEN[name]})
    arguments = inspect.signature(getattr(keras.layers, type(spec).__name__)).parameters
    for field, info in type(spec).model_fields.items():
        if field != "type" and not info.is_required() and (name, field) != ("random_translation", "width_factor"):
            assert arguments[field].default == info.default
        assert field == "type" or field in arguments


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
@pytest.mark.parametrize("name", WRITTEN)
def test_training_images_are_changed_within_their_range_and_others_are_not(name, low, high):
    images = np.random.default_rng(0).uniform(low, high, (16, 8, 8, 3)).astype("float32")
    built = layer({name: WRITTEN[name]}, prepared(low, high))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(built(images, training=False)), images)
    found = changed(built, images)
    assert not np.array_equal(found, images)
    assert (found.min() >= low - 1e-4 * (high - low), found.max() <= high + 1e-4 * (high - low)) == (True, True)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_seed_decides_what_is_drawn(name):
    images = np.random.default_rng(0).uniform(0, 1, (8, 8, 8, 3)).astype("float32")
    one, same, other = (layer({name: WRITTEN[name]}, seed=seed) for seed in (1, 1, 2))
    first = [changed(one, images), changed(one, images)]
    np.testing.assert_array_equal(first, [changed(same, images), changed(same, images)])
    assert not np.array_equal(*first)
    assert not np.array_equal(first[0], changed(other, images))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 16.0)])
def test_brightness_is_a_share_of_the_range_from_black_to_white(low, high):
    grey = np.full((1, 8, 8, 3), low, "float32")
    found = changed(layer({"random_brightness": [0.25, 0.25]}, prepared(low, high)), grey)
    np.testing.assert_allclose(found, low + (high - low) / 4, rtol=1e-6)


def test_contrast_becomes_lower_as_often_as_higher():
    images = np.tile(np.array([0.4, 0.6], "float32"), (200, 8, 4))[..., np.newaxis]
    spread = np.ptp(changed(layer({"random_contrast": 0.5}, prepared(channels=1)), images), axis=(1, 2, 3)) / 0.2
    assert 0.5 <= spread.min() < 0.6
    assert 1.4 < spread.max() <= 1.5
    assert abs(spread.mean() - 1) < 0.05


CONFIG = """
dataset:
  path: x.npz
  augment: [{random_flip: horizontal}, {random_rotation: 0.1}, {random_brightness: 0.2}]
  features: {x: {image: minus_one_one}}
model: {type: cnn, filters: [4], units: [], dropout: 0.2}
trainer: {epochs: 2, batch_size: 16}
"""


@pytest.fixture
def fit(tmp_path, write):
    random = np.random.default_rng(0)
    y = np.arange(80) % 2
    x = (random.uniform(0, 100, (80, 6, 6)) + 100 * y[:, None, None]).astype("uint8")
    np.savez(tmp_path / "x.npz", x=x, y=y)
    return lambda text=CONFIG, *overrides: dltrain.fit(write(text), overrides=overrides, runs_dir=tmp_path / "runs")


def test_two_runs_are_equal_and_the_saved_model_has_no_augmentation(fit):
    one, two = fit(), fit()
    assert one.directory.history.read_bytes() == two.directory.history.read_bytes()
    plain = fit(CONFIG.replace("augment", "ignored").replace("  ignored: [", "  augment: []  # ["))
    assert plain.history["loss"] != one.history["loss"]
    assert sorted(weights_of(one.model)) == sorted(weights_of(plain.model))
    loaded = keras.models.load_model(one.directory.model)
    names = {part.name for part in loaded._flatten_layers()}
    assert not [name for name in names if "random" in name or "augment" in name]
    raw = np.load(one.path.parents[2] / "x.npz")["x"]
    outputs = loaded.predict(raw, verbose=0)
    np.testing.assert_array_equal(outputs, loaded.predict(raw, verbose=0))
    np.testing.assert_allclose(outputs, one.model.predict(raw, verbose=0), atol=1e-6)


def test_a_run_is_scored_again_as_it_was(fit):
    run = fit()
    assert dltrain.evaluate(run) == run.scores["test"]


def test_what_is_no_images_cannot_be_augmented(write, tmp_path):
    path = write("dataset: {name: iris, augment: [random_flip]}\nmodel: mlp\n")
    with pytest.raises(ConfigError) as raised:
        dltrain.fit(path, runs_dir=tmp_path / "runs")
    text = "dataset.augment: only images can be augmented, and the data is numeric; delete `augment`"
    assert str(raised.value) == f"{path}:1:23: {text}"
    assert not (tmp_path / "runs").exists()
