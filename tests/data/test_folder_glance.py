"""What the names and the heads of files tell before a folder is read."""

import numpy as np
import pytest
from PIL import Image as Pillow

from dltrain.data import folder_glance
from dltrain.data.base import DatasetSpec
from dltrain.data.image_headers import Seen, seen_in
from dltrain.errors import DataError
from dltrain.foresight import foresee
from dltrain.load import parse


@pytest.fixture
def photos(tmp_path):
    """Writes images into `classes`, and gives the settings of the dataset."""

    def write(classes=("ant", "bee"), count=4, mode="RGB", suffix="png", **settings):
        for name in classes:
            (tmp_path / "photos" / name).mkdir(parents=True)
            for index in range(count):
                Pillow.new(mode, (6, 4)).save(tmp_path / "photos" / name / f"{index}.{suffix}")
        return {"type": "image_folder", "path": str(tmp_path / "photos"), **settings}

    return write


def glance(settings):
    return DatasetSpec.choose(settings).glance()


@pytest.mark.parametrize(("mode", "suffix"), [("RGB", "png"), ("RGBA", "png"), ("P", "png"), ("RGB", "jpg")])
def test_a_glance_at_images_in_colour_tells_what_loading_finds(photos, mode, suffix):
    settings = photos(mode=mode, suffix=suffix)
    seen, dataset = glance(settings), DatasetSpec.choose(settings).load()
    assert seen.features == dataset.features
    assert seen.rows == {"train": 8}
    (rows,) = dataset.parts["train"].chunks()
    assert seen.target.labels == tuple(np.unique(rows.target))


def test_grey_images_may_have_one_in_colour_among_them_and_leave_the_channels_open(photos):
    settings = photos(mode="L")
    assert glance(settings).features is None
    assert glance({**settings, "color": "grey"}).features[0].shape == (4, 6, 1)


def test_a_glance_at_texts_tells_what_loading_finds(tmp_path):
    for name in ("bad", "good"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text("some words")
    settings = {"type": "text_folder", "path": str(tmp_path)}
    seen, dataset = glance(settings), DatasetSpec.choose(settings).load()
    assert (seen.features, seen.rows, seen.target.labels) == (dataset.features, {"train": 2}, ("bad", "good"))


def test_of_a_large_folder_the_classes_are_known_and_not_the_rows(photos, monkeypatch):
    monkeypatch.setattr(folder_glance, "_MOST_KEPT", 2)
    seen = glance(photos())
    assert (seen.rows, seen.target.labels, seen.features[0].shape) == ({"train": None}, ("ant", "bee"), (4, 6, 3))


def test_of_very_many_files_nothing_is_told(photos, monkeypatch):
    monkeypatch.setattr(folder_glance, "MOST_ENTRIES", 9)
    assert glance(photos()).target is None


def test_links_are_left_to_loading(photos, tmp_path):
    settings = photos()
    (tmp_path / "photos" / "cat").symlink_to(tmp_path / "photos")
    assert glance(settings).target is None


@pytest.mark.parametrize("color", ["grey", None])
def test_images_that_differ_in_size_are_named(photos, tmp_path, color):
    settings = photos() | ({"color": color} if color else {})
    Pillow.new("RGB", (7, 5)).save(tmp_path / "photos" / "bee" / "0.png")
    with pytest.raises(DataError) as error:
        glance(settings)
    text = "photos: the images differ in size, such as 4 x 6 (bee/3.png) and 5 x 7 (bee/0.png)"
    assert str(error.value) == f"{text}; write the size for all as `dataset.size: [height, width]`"
    assert glance({**settings, "size": 8}).features[0].shape == (None, None, 1 if color else 3)


def test_a_file_that_is_no_image_is_named(photos, tmp_path):
    settings = photos()
    (tmp_path / "photos" / "ant" / "notes.txt").write_text("two ants")
    with pytest.raises(DataError) as error:
        glance(settings)
    text = "photos: ant/notes.txt is no PNG, JPEG, BMP, GIF or WebP image"
    assert str(error.value) == f"{text}; move it elsewhere, or write `dataset.on_bad_image: skip`"
    assert glance({**settings, "on_bad_image": "skip"}).target.labels == ("ant", "bee")


def test_an_empty_class_folder_is_named_as_by_loading(photos, tmp_path):
    settings = photos()
    (tmp_path / "photos" / "cow").mkdir()
    said = []
    for look in (DatasetSpec.choose(settings).glance, DatasetSpec.choose(settings).load):
        with pytest.raises(DataError) as error:
            look()
        said.append(str(error.value))
    text = "photos: the class folder cow is empty; put images into it, or delete it"
    assert said == [text, text]


def test_the_units_of_the_last_layer_are_those_of_the_folders(photos):
    layers = ["flatten", {"dense": {"units": 5, "activation": "softmax"}}]
    model = {"type": "sequential", "layers": layers}
    found = foresee(parse({"name": "a", "dataset": photos(("ant", "bee", "cow")), "model": model}))
    text = "model.layers.1: the last layer gives (5,), and the target needs (3,)"
    assert [str(problem) for problem in found.problems] == [f"{text}; write `dense: {{units: 3, activation: softmax}}`"]


def test_a_kernel_larger_than_the_images_is_refused(photos):
    layers = [{"conv2d": {"filters": 2, "kernel_size": 5}}, "flatten", {"dense": 3}]
    found = foresee(parse({"name": "a", "dataset": photos(), "model": {"type": "cnn", "layers": layers}}))
    assert [problem.path for problem in found.problems] == [("model", "layers", 0)]


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00\x10", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"GIF89a"]
)
def test_a_head_that_tells_nothing_is_none(head):
    assert seen_in(head) is None


def test_a_photo_that_exif_turns_is_left_to_loading(tmp_path):
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.new("RGB", (6, 4)).save(tmp_path / "a.jpg")
    Pillow.new("RGB", (6, 4)).save(tmp_path / "b.jpg", exif=exif)
    assert [seen_in((tmp_path / name).read_bytes()) for name in ("a.jpg", "b.jpg")] == [Seen(4, 6, False), None]
