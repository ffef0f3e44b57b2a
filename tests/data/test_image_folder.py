"""Folders and archives of images."""

import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import ValidationError

from dltrain.data import image_source
from dltrain.data.base import DatasetSpec
from dltrain.data.image_folder import ImageFolder
from dltrain.data.source import take_census
from dltrain.errors import DataError
from dltrain.load import load
from dltrain.preprocessing.image import Image
from dltrain.scratch import Scratch
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

RED, GREEN = (255, 0, 0), (0, 255, 0)


def encoded(color=RED, size=(6, 4), kind="PNG", mode="RGB", **options):
    """The bytes of an image of one colour; `size` is (width, height)."""
    file = io.BytesIO()
    Pillow.new(mode, size, color).save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Writes files into a folder, whose path it returns."""

    def write(files, name="photos"):
        (tmp_path / name).mkdir(exist_ok=True)
        for path, data in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.mkdir(exist_ok=True) if data is None else target.write_bytes(data)
        return str(tmp_path / name)

    return write


def spec(path, **settings):
    return DatasetSpec.choose({"path": path, **settings})


def rows_of(source):
    """Pixels, targets and extras of all rows."""
    chunks = list(source.chunks())
    images = [image for rows in chunks for image in rows.features["image"]]
    targets = None if chunks[0].target is None else [label for rows in chunks for label in rows.target]
    return images, targets, {name: list(chunks[0].extras[name]) for name in chunks[0].extras}


def error_of(function, kind=DataError):
    with pytest.raises(kind) as raised:
        function()
    return str(raised.value)


TWO = {"dog/b.png": encoded(GREEN), "cat/c.jpg": encoded(RED, kind="JPEG"), "cat/a.png": encoded(RED)}
PARTS = {
    "train/cat/1.png": encoded(RED), "train/dog/1.png": encoded(GREEN), "train/dog/2.png": encoded(GREEN),
    "val/dog/3.png": encoded(GREEN), "test/cat/4.png": encoded(RED), "notes.txt": b"read me",
}  # fmt: skip


def test_each_folder_is_a_class_and_rows_are_in_the_order_of_their_paths(folder):
    dataset = spec(folder(TWO)).load()
    assert dataset.features == (Feature(name="image", kind="image", dtype="uint8", shape=(4, 6, 3), maximum=255.0),)
    images, targets, _ = rows_of(dataset.parts["train"])
    assert (targets, dataset.target_name, dataset.origin) == (["cat", "cat", "dog"], "class", "photos")
    assert [image.shape for image in images] == [(4, 6, 3)] * 3
    assert [image[0, 0].tolist() for image in images[::2]] == [[255, 0, 0], [0, 255, 0]]


def test_folders_called_train_val_and_test_are_the_parts(folder):
    dataset = spec(folder(PARTS)).load()
    counts = {name: rows_of(source)[1] for name, source in dataset.parts.items()}
    assert counts == {"train": ["cat", "dog", "dog"], "validation": ["dog"], "test": ["cat"]}


def test_a_folder_called_train_that_holds_images_is_a_class(folder):
    dataset = spec(folder({"train/1.png": encoded(), "car/1.png": encoded()})).load()
    assert rows_of(dataset.parts["train"])[1] == ["car", "train"]


def test_parts_may_be_folders_of_their_own(folder):
    train, test = folder(TWO, "a"), folder({"dog/x.png": encoded()}, "b")
    dataset = DatasetSpec.choose({"train": train, "test": test}).load()
    assert (list(dataset.parts), rows_of(dataset.parts["test"])[1]) == (["train", "test"], ["dog"])


def archived(path, files, kind):
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return
    with tarfile.open(path, f"w:{kind}") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize(("suffix", "kind"), [("zip", "zip"), ("tar", ""), ("tar.gz", "gz"), ("tgz", "gz")])
@pytest.mark.parametrize("wrap", ["", "./photos/"])
def test_an_archive_is_read_as_the_folder_in_it(folder, tmp_path, suffix, kind, wrap):
    # Last, what sorts first: members are read in the order of their names, wherever they lie.
    files = dict(reversed(PARTS.items())) | {"__MACOSX/._cat.png": b"junk"}
    archived(tmp_path / f"a.{suffix}", {f"{wrap}{name}": data for name, data in files.items()}, kind)
    packed, unpacked = spec(str(tmp_path / f"a.{suffix}")).load(), spec(folder(PARTS)).load()
    assert packed.fingerprint == unpacked.fingerprint
    for name, source in unpacked.parts.items():
        np.testing.assert_array_equal(rows_of(packed.parts[name])[0], rows_of(source)[0])


def test_an_archive_never_names_a_file_outside(tmp_path):
    archived(
        tmp_path / "a.tar", {"../cat/1.png": encoded(), "/etc/dog/1.png": encoded(), "/etc/cow/1.png": encoded()}, ""
    )
    assert rows_of(spec(str(tmp_path / "a.tar")).load().parts["train"])[1] == ["cow", "dog"]


def test_an_archive_that_is_cut_off_is_named(tmp_path):
    path = tmp_path / "a.tar.gz"
    noise = np.random.default_rng(0).bytes(9000)
    archived(path, {"cat/1.png": noise, "dog/1.png": noise[::-1]}, "gz")
    path.write_bytes(path.read_bytes()[:9000])
    text = f"{path}: cannot be read as an archive: unexpected end of data; check that it is complete"
    assert error_of(lambda: spec(str(path)).load()) == text


def test_a_text_called_zip_is_no_archive(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"<html>" * 200)
    assert "a.zip: cannot be read as an archive: " in error_of(lambda: spec(str(tmp_path / "a.zip")).load())


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"a.png": encoded()}, "holds images but no folders; put the images of each class into a folder of its name"),
        ({}, "holds no folders of images; put the images of each class into a folder of its name"),
        (
            {"cat/a.png": encoded()},
            "there is one class only, cat, and a model learns to tell several apart; add a folder for each other class",
        ),
        (
            TWO | {"cow": None, "cow/.DS_Store": b"x"},
            "the class folder cow is empty; put images into it, or delete it",
        ),
        (TWO | {"x.png": encoded()}, "the image x.png lies beside the class folders; put it into one of them"),
        ({"test/cat/1.png": encoded(), "test/dog/1.png": encoded()}, "has a folder test, and none called train"),
        (
            PARTS | {"more/cat/1.png": encoded()},
            "beside test, train and val, the folder more is no part; move it elsewhere",
        ),
    ],
)
def test_a_layout_that_is_no_dataset_is_refused(folder, files, error):
    assert error_of(lambda: spec(folder(files)).load()) == f"photos: {error}"


def test_a_class_without_training_images_is_refused(folder):
    text = "photos/test: has the class cow, and the training images have cat or dog; "
    found = error_of(lambda: spec(folder(PARTS | {"test/cow/1.png": encoded()})).load())
    assert found == text + "add training images of it, or delete the folder"


def noise(size=64):
    """The bytes of a photo whose header is short beside its pixels."""
    file = io.BytesIO()
    Pillow.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), "uint8")).save(file, "JPEG")
    return file.getvalue()


JPEG = noise()
BAD = {
    "cat/cut.jpg": JPEG[: len(JPEG) // 2],
    "cat/empty.png": b"",
    "dog/page.png": b"<!DOCTYPE html><p>404",
    "dog/notes.txt": b"my notes",
}


def test_all_files_that_are_no_images_are_named_at_once(folder):
    assert re.sub(r"[0-9]+ bytes", "some bytes", error_of(lambda: spec(folder(TWO | BAD)).load())) == (
        "photos: 4 of 7 files cannot be used as images; mend or delete them, or write `dataset.on_bad_image: skip`:\n"
        "  cat/cut.jpg: is cut off or damaged: image file is truncated (some bytes not processed)\n"
        "  cat/empty.png: is empty\n"
        "  dog/notes.txt: is no image by its name; move it elsewhere\n"
        "  dog/page.png: is no PNG, JPEG, BMP, GIF or WebP image; it begins with '<!DOCTYPE html><'"
    )


def test_an_image_that_is_only_cut_off_is_named_before_training(folder):
    dataset = spec(folder(TWO | {"cat/cut.jpg": JPEG[: len(JPEG) // 2]}), size=8).load()
    specs, scratch = spec("x/", size=8).feature_specs, Scratch(Path(), limit=1 << 30)
    found = error_of(lambda: take_census(dataset, specs, scratch=scratch))
    assert found.startswith("photos: 1 of 4 files cannot be used as images; ")


def test_of_many_bad_files_some_are_named(folder):
    found = error_of(lambda: spec(folder(TWO | {f"cat/{index:02}.png": b"" for index in range(12)})).load())
    assert found.splitlines()[-2:] == ["  cat/09.png: is empty", "  and 2 more"]


def test_bad_files_are_left_out_where_asked_for(folder):
    dataset = spec(folder(TWO | BAD), on_bad_image="skip").load()
    assert rows_of(dataset.parts["train"])[1] == ["cat", "cat", "dog"]
    assert dataset.notes == ("4 of 7 files cannot be used as images, and are left out",)


def test_what_file_managers_leave_behind_is_ignored(folder):
    junk = {"cat/Thumbs.db": b"x", "cat/.DS_Store": b"x", ".git/a/b.png": b"x", "desktop.ini": b"x"}
    assert len(rows_of(spec(folder(TWO | junk)).load().parts["train"])[0]) == 3


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(folder):
    path = folder(TWO)
    os.chmod(f"{path}/cat/a.png", 0)
    assert "cat/a.png: cannot be read: permission denied" in error_of(lambda: spec(path).load())


def test_a_decompression_bomb_is_refused(folder):
    # Two bits a pixel: a small file that claims 400 million pixels.
    bomb = bytearray(encoded(0, (1, 1), "PNG", "1"))
    bomb[16:24] = (20_000).to_bytes(4, "big") * 2
    import zlib

    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    found = error_of(lambda: spec(folder(TWO | {"cat/bomb.png": bytes(bomb)})).load())
    assert found.endswith("  cat/bomb.png: has more pixels than any photo")


def test_images_of_several_sizes_need_a_size(folder):
    found = error_of(lambda: spec(folder(TWO | {"dog/x.png": encoded(size=(8, 8))})).load())
    shown = "4 x 6 (cat/a.png) and 8 x 8 (dog/x.png)"
    text = f"photos: the images have 2 sizes, such as {shown}"
    assert found == f"{text}; write the size for all as `dataset.size: [height, width]`"


def test_with_a_size_images_stay_as_they_are_until_they_are_prepared(folder):
    settings = spec(folder(TWO | {"dog/x.png": encoded(size=(8, 9))}), size=[5, 7], resize="crop")
    dataset = settings.load()
    assert dataset.features[0].shape == (None, None, 3)
    images, _, _ = rows_of(dataset.parts["train"])
    assert [image.shape for image in images] == [(4, 6, 3), (4, 6, 3), (4, 6, 3), (9, 8, 3)]
    assert settings.feature_specs == {"image": Image(size=(5, 7), resize="crop")}


def test_grey_images_have_one_channel_unless_one_is_coloured(folder):
    grey = {"cat/1.png": encoded(7, mode="L"), "dog/1.png": encoded(9, mode="L")}
    dataset = spec(folder(grey)).load()
    assert dataset.features[0].shape == (4, 6, 1)
    assert rows_of(dataset.parts["train"])[0][1][0, 0].tolist() == [9]
    assert spec(folder(grey | {"dog/2.png": encoded()})).load().features[0].shape == (4, 6, 3)
    assert spec(folder(TWO, "b"), color="grey").load().features[0].shape == (4, 6, 1)


def first_pixel(folder, data, name="a.png"):
    source = spec(folder(TWO), size=4).open_file(folder({name: data}, "new"), (pixels(None, None, 3),), labelled=False)
    return rows_of(source)[0][0]


def pixels(*shape):
    return Feature(name="image", kind="image", dtype="uint8", shape=shape, maximum=255.0)


def test_transparent_parts_are_white(folder):
    half = encoded((255, 0, 0, 0), mode="RGBA")
    assert first_pixel(folder, half)[0, 0].tolist() == [255, 255, 255]


def test_the_rotation_of_exif_is_applied(folder):
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    image = Pillow.fromarray(np.array([[[255] * 3, [0] * 3]], "uint8").repeat(8, 0).repeat(8, 1))
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, quality=100)
    turned = first_pixel(folder, file.getvalue(), "a.jpg")
    assert (turned.shape, turned[0, 0, 0] > 250, turned[-1, 0, 0] < 5) == ((16, 8, 3), True, True)


def test_of_16_bits_the_upper_8_are_taken(folder):
    deep = io.BytesIO()
    Pillow.fromarray(np.full((4, 6), 0x7FFF, "uint16")).save(deep, "PNG")
    assert first_pixel(folder, deep.getvalue())[0, 0].tolist() == [0x7F] * 3


def test_of_an_animation_the_first_frame_is_taken(folder):
    frames = [Pillow.new("P", (6, 4), index) for index in (0, 1)]
    for frame in frames:
        frame.putpalette([*RED, *GREEN])
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert first_pixel(folder, file.getvalue(), "a.gif")[0, 0].tolist() == list(RED)


@pytest.mark.parametrize(("kind", "name"), [("BMP", "a.bmp"), ("WEBP", "a.webp"), ("JPEG", "a.png")])
def test_every_format_is_read_whatever_the_name_says(folder, kind, name):
    assert abs(first_pixel(folder, encoded(GREEN, kind=kind), name)[0, 0].astype(int) - GREEN).max() < 6


def test_other_images_have_their_paths(folder):
    path = folder({"b.png": encoded(), "a/c.png": encoded(GREEN)}, "new")
    settings = spec(folder(TWO))
    images, targets, extras = rows_of(settings.open_file(path, (pixels(4, 6, 3),), labelled=False))
    assert (len(images), targets, extras) == (2, None, {"path": ["a/c.png", "b.png"]})
    _, _, extras = rows_of(settings.open_file(f"{path}/b.png", (pixels(4, 6, 3),), labelled=False))
    assert extras == {"path": ["b.png"]}


def test_other_labelled_images_may_be_of_one_class(folder):
    path = folder({"dog/b.png": encoded()}, "new")
    _, targets, extras = rows_of(spec(folder(TWO)).open_file(path, (pixels(4, 6, 3),)))
    assert (targets, extras) == (["dog"], {})


def test_of_other_data_with_parts_the_test_part_is_scored(folder):
    _, targets, _ = rows_of(spec(folder(TWO)).open_file(folder(PARTS, "new"), (pixels(4, 6, 3),)))
    assert targets == ["cat"]


def test_a_model_of_one_size_refuses_another(folder):
    path = folder({"dog/b.png": encoded(size=(9, 9))}, "new")
    text = "new: dog/b.png has 9 x 9 pixels, and the model takes 4 x 6; "
    found = error_of(lambda: spec(folder(TWO)).open_file(path, (pixels(4, 6, 3),)))
    assert found == text + "train with `dataset.size` for a model that takes any size"


def test_a_program_gives_paths_or_pixels(folder):
    settings, path = spec(folder(TWO)), folder(TWO)
    images, _, extras = rows_of(settings.open_rows([f"{path}/dog/b.png"], (pixels(4, 6, 3),)))
    assert (images[0][0, 0].tolist(), extras) == (list(GREEN), {"path": [f"{path}/dog/b.png"]})
    images, _, _ = rows_of(settings.open_rows(np.zeros((2, 4, 6, 3), "uint8"), (pixels(4, 6, 3),)))
    assert len(images) == 2


def test_the_fingerprint_changes_with_a_name_and_with_a_byte(folder):
    one = spec(folder(TWO)).load().fingerprint
    renamed = {name.replace("c.jpg", "d.jpg"): data for name, data in TWO.items()}
    assert spec(folder(TWO, "same")).load().fingerprint == one
    assert spec(folder(renamed, "renamed")).load().fingerprint != one
    assert spec(folder(TWO | {"cat/a.png": encoded((254, 0, 0))}, "changed")).load().fingerprint != one


@pytest.mark.parametrize("size", [None, 8])
@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_chunks_are_small_and_come_again(folder, tmp_path, monkeypatch, kept, size):
    monkeypatch.setattr(image_source, "_CHUNK_BYTES", 2 * 4 * 6 * 3)
    source, scratch = (
        spec(folder(TWO), **({"size": size} if size else {})).load().parts["train"],
        Scratch(tmp_path, kept),
    )
    source.hold(scratch)
    first, second = (list(source.chunks()) for _ in range(2))
    assert [len(rows) for rows in first] == [len(rows) for rows in second] == [2, 1]
    assert (first[0] is second[0]) == (size is not None and kept > 0)
    assert scratch.claim(kept) == (size is None or not kept)
    source.release()
    assert (size is None and kept) or scratch.claim(kept)
    assert next(source.chunks()) is not first[0]


def test_all_settings_of_images_can_stand_at_the_dataset():
    assert set(Image.model_fields) - {"type"} <= set(ImageFolder.model_fields)
    given = {"size": 3, "resize": "pad", "antialias": True, "scaling": "none", "color": "rgb", "on_bad_image": "skip"}
    assert spec("x/", **given).feature_specs == {"image": Image(**given)}


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({}, "no folder is given; write `path` for one folder, or `train` for a folder of training images"),
        ({"path": "a/", "train": "b/"}, "`path` and `train` are both given; write `path` for one folder, "
         "or `train` for a folder of training images"),
        ({"path": "a/", "test": "b/"}, "`path` stands alone; call it `train` beside `validation` and `test`"),
        ({"path": "a/", "features": {"x": "image"}},
         "the one feature of images is called 'image', and `features` names 'x'"),
        ({"path": "a/", "features": {"image": "numeric"}},
         "the feature 'image' is pixels, and `features` says 'numeric'; delete that"),
        ({"path": "a/", "size": 3, "features": {"image": {"image": {"size": 4}}}},
         "`size` and `features.image` say different things; keep one"),
    ],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_refused(settings, error):
    with pytest.raises(ValidationError) as raised:
        DatasetSpec.choose({"type": "image_folder", **settings})
    assert [line["msg"] for line in raised.value.errors()] == [error]


def test_what_is_no_folder_is_found_without_a_look_inside(tmp_path):
    (tmp_path / "a.txt").touch()
    problems = DatasetSpec.choose({"type": "image_folder", "path": f"{tmp_path}/a.txt"}).find_problems()
    assert [problem.message for problem in problems] == [
        f"{tmp_path}/a.txt is neither a folder nor an archive; give a folder, a .zip or a .tar.gz"
    ]
    problems = spec(f"{tmp_path}/b.zip").find_problems()
    text = f"no such folder or archive: {tmp_path}/b.zip; paths are relative to the config, then to $DLTRAIN_DATA"
    assert [problem.message for problem in problems] == [text]


def test_splits_by_a_column_are_refused(folder):
    assert "only tables have" in error_of(lambda: spec(folder(TWO)).load(["patient"]), SpecError)


@pytest.fixture
def table(folder):
    """A CSV beside images."""

    def write(lines, **settings):
        path = folder(TWO | {"t.csv": "\n".join(["photo,kind", *lines]).encode()})
        return spec(f"{path}/t.csv", target="kind", features={"photo": {"image": settings}})

    return write


def test_a_column_may_hold_the_paths_of_images(table):
    dataset = table(["dog/b.png,x", "cat/a.png,y", "dog/b.png,y"]).load()
    (rows,) = dataset.parts["train"].chunks()
    assert dataset.features == (Feature(name="photo", kind="image", dtype="uint8", shape=(4, 6, 3), maximum=255.0),)
    assert (rows.features["photo"][:, 0, 0].tolist(), rows.target.tolist()) == (
        [list(GREEN), list(RED), list(GREEN)], ["x", "y", "y"]
    )  # fmt: skip


def test_a_table_names_its_bad_images_or_leaves_their_rows_out(table):
    lines = ["dog/b.png,x", "cat/none.png,y", "cat/a.png,y"]
    assert error_of(lambda: table(lines).load()) == (
        "t.csv: 1 of 3 files cannot be used as images; mend or delete them, "
        "or write `dataset.features.photo.on_bad_image: skip`:\n"
        "  cat/none.png: cannot be read: no such file or directory"
    )
    (rows,) = table(lines, on_bad_image="skip").load().parts["train"].chunks()
    assert rows.target.tolist() == ["x", "y"]
    assert error_of(lambda: table(["dog/b.png,x", ",y"]).load()) == (
        "t.csv: row 2: 'photo' names no file; fill or drop this row"
    )


def test_another_table_of_images_has_their_paths(table, folder):
    settings = table(["dog/b.png,x", "cat/a.png,y"])
    path = folder({"new.csv": b"photo\ncat/a.png\n"})
    (rows,) = settings.open_file(f"{path}/new.csv", settings.load().features, labelled=False).chunks()
    assert (rows.target, rows.extras["path"].tolist()) == (None, ["cat/a.png"])


def test_images_and_other_columns_are_not_mixed(folder):
    path = folder(TWO | {"t.csv": b"photo,age,kind\ncat/a.png,3,x\ndog/b.png,4,y\n"})
    settings = spec(f"{path}/t.csv", target="kind", features={"photo": "image"})
    with pytest.raises(SpecError) as raised:
        settings.load()
    (problem,) = raised.value.problems
    assert (problem.path, problem.message) == (
        ("dataset", "features"),
        "'photo' holds images, and then no other column can be a feature; write `dataset.ignore: [age]`",
    )
    assert (
        spec(f"{path}/t.csv", target="kind", features={"photo": "image"}, ignore="age").load().features[0].name
        == "photo"
    )


@pytest.mark.data
@pytest.mark.long
def test_the_photos_of_cats_and_dogs_are_read_from_their_archive():
    path = os.path.join(os.environ.get("DLTRAIN_DATA", ""), "cats_vs_dogs.tar.gz")
    if not os.path.isfile(path):
        pytest.skip("cats_vs_dogs.tar.gz is not in $DLTRAIN_DATA")
    dataset = spec(path).load()
    census = take_census(dataset, spec(path).feature_specs, scratch=Scratch(Path(), limit=1 << 30))
    assert (dict(census.rows), dataset.features[0].shape) == ({"train": 10_000, "test": 2_000}, (32, 32, 3))
    assert (census.target == "cat").sum() == 6000


@pytest.mark.parametrize("written", ["photos/", "{path: photos}", "{path: ./photos}", "photos.zip"])
def test_a_config_names_a_folder_or_an_archive(folder, write, tmp_path, written):
    folder(TWO)
    archived(tmp_path / "photos.zip", TWO, "zip")
    experiment, _ = load(write(f"dataset: {written}\nmodel: cnn\nsplits: {{validation: none, test: none}}\n"))
    assert experiment.dataset.type == "image_folder"
    assert rows_of(experiment.dataset.load().parts["train"])[1] == ["cat", "cat", "dog"]


def test_a_resolved_config_can_be_read_again():
    dataset = spec("x/", size=3, augment=[{"random_zoom": [-0.2, 0.1]}, "random_flip"])
    settled = dataset.model_copy(update={"features": dict(dataset.feature_specs)})
    again = DatasetSpec.choose(settled.plain())
    assert (again.plain(), again.feature_specs, again.augment) == (
        settled.plain(), dataset.feature_specs, dataset.augment
    )  # fmt: skip
