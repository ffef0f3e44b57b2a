"""Folders of text files."""

import shutil
import tarfile

import pytest

from dltrain.data.base import DatasetSpec
from dltrain.errors import ConfigError, DataError
from dltrain.load import load
from dltrain.signature import Feature

FEATURE = Feature(name="text", kind="text", dtype="string")
FILES = {
    "train/neg/a.txt": "bad", "train/neg/b.txt": "very bad", "train/pos/a.txt": "good",
    "test/pos/a.txt": "größe\n", "test/neg/z.txt": "\ufeffslow",
}  # fmt: skip


def spread(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def opened(folder, **settings):
    return DatasetSpec.choose({"type": "text_folder", "path": str(folder)} | settings)


def rows_of(dataset):
    return {
        part: [row for rows in source.chunks() for row in zip(rows.features["text"], rows.target, strict=True)]
        for part, source in dataset.parts.items()
    }


ROWS = {
    "train": [("bad", "neg"), ("very bad", "neg"), ("good", "pos")],
    "test": [("slow", "neg"), ("größe\n", "pos")],
}


def test_folders_are_classes_and_those_above_them_parts(tmp_path):
    dataset = opened(spread(tmp_path / "reviews", FILES)).load()
    assert rows_of(dataset) == ROWS
    assert dataset.features == (FEATURE,)
    assert (dataset.target_name, dataset.origin) == ("class", "reviews")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_an_archive_is_read_where_it_lies(tmp_path, mode):
    spread(tmp_path / "reviews", FILES)
    with tarfile.open(tmp_path / "reviews.tar.gz", mode) as archive:
        archive.add(tmp_path / "reviews", "reviews")
    shutil.rmtree(tmp_path / "reviews")
    assert rows_of(opened(tmp_path / "reviews.tar.gz").load()) == ROWS


def test_a_folder_of_texts_is_told_from_one_of_images(write, tmp_path):
    spread(tmp_path, {"texts/a/1.txt": "x", "texts/b/1.txt": "y", "texts/README": "x"})
    spread(tmp_path, {"images/a/1.png": "x", "images/b/1.png": "y", "images/labels.txt": "x"})
    for name in ("texts", "images"):
        config = write(f"dataset: {{path: {name}}}\nmodel: mlp\n")
        assert load(config, recorded=True)[0].dataset.type == f"{name[:-1]}_folder"


def test_parts_can_lie_in_folders_of_any_name(tmp_path):
    spread(tmp_path, {"old/a/1.txt": "x", "old/b/1.txt": "y", "new/a/1.txt": "z"})
    settings = {"type": "text_folder", "train": str(tmp_path / "old"), "test": str(tmp_path / "new")}
    assert rows_of(DatasetSpec.choose(settings).load()) == {"train": [("x", "a"), ("y", "b")], "test": [("z", "a")]}


def test_named_classes_leave_out_everything_else(tmp_path):
    others = {
        "README": "x", "imdb.txt": "x", "train/urls.txt": "x", "train/unsup/1.txt": "x", "train/bow.feat": "x",
        "test/urls.txt": "x",
    }  # fmt: skip
    spread(tmp_path, FILES | others)
    assert rows_of(opened(tmp_path, classes=["pos", "neg"]).load()) == ROWS


def test_another_encoding_can_be_named(tmp_path):
    spread(tmp_path, {"a/1.txt": "größe".encode("latin-1"), "b/1.txt": "y"})
    assert rows_of(opened(tmp_path, encoding="latin-1").load())["train"][0] == ("größe", "a")


def test_the_fingerprint_changes_with_a_letter_and_with_a_name(tmp_path):
    spread(tmp_path, {"a/1.txt": "x", "b/1.txt": "y"})
    first = opened(tmp_path).load().fingerprint
    assert opened(tmp_path).load().fingerprint == first
    spread(tmp_path, {"a/1.txt": "X"})
    second = opened(tmp_path).load().fingerprint
    (tmp_path / "a/1.txt").rename(tmp_path / "a/2.txt")
    assert len({first, second, opened(tmp_path).load().fingerprint}) == 3


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (
            {"1.txt": "x", "2.txt": "y"},
            "holds texts but no folders; put the texts of each class into a folder of its name",
        ),
        ({"a.md": "x"}, "holds no folders of texts; put the texts of each class into a folder of its name"),
        ({"a/1.txt": "x", "b/": ""}, "the class folder b is empty; put texts into it, or delete it"),
        (
            {"a/1.txt": "x"},
            "there is one class only, a, and a model learns to tell several apart; add a folder for each other class",
        ),
        (
            {"a/1.txt": "x", "b/1.txt": "y", "c.txt": "z"},
            "the text c.txt lies beside the class folders; put it into one of them",
        ),
        (
            {"train/a/1.txt": "x", "train/b/1.txt": "y", "test/c/1.txt": "z"},
            "has the class c, and the training texts have a or b; add training texts of it, or delete the folder",
        ),
        (
            {"a/1.txt": b"caf\xe9", "a/2.txt": " \n", "a/3.txt": "x", "b/1.txt": "a\0b\0", "b/x.doc": "x"},
            "4 of 5 files cannot be used as texts; mend or delete them:\n"
            "  a/1.txt: byte 4 is not utf-8; save it as that, or write `dataset.encoding`\n"
            "  a/2.txt: is empty\n"
            "  b/1.txt: holds the character NUL; save it as plain text\n"
            "  b/x.doc: is no text by its name; move it elsewhere, or let its name end with .txt",
        ),
    ],
)  # fmt: skip
def test_folders_that_are_no_dataset_are_refused(tmp_path, files, error):
    for name in [name for name in files if name.endswith("/")]:
        (tmp_path / "reviews" / name).mkdir(parents=True)
    folder = spread(tmp_path / "reviews", {name: text for name, text in files.items() if not name.endswith("/")})
    with pytest.raises(DataError) as raised:
        opened(folder).load()
    place = "reviews/test" if "test/c/1.txt" in files else "reviews"
    assert str(raised.value) == f"{place}: {error}"


def test_of_many_bad_files_ten_are_named(tmp_path):
    spread(tmp_path / "r", {f"{label}/{number:02}.txt": "" for label in "ab" for number in range(6)})
    with pytest.raises(DataError) as raised:
        opened(tmp_path / "r").load()
    assert str(raised.value).splitlines()[0] == "r: 12 of 12 files cannot be used as texts; mend or delete them:"
    assert str(raised.value).splitlines()[-2:] == ["  b/03.txt: is empty", "  and 2 more"]


@pytest.mark.parametrize(
    ("dataset", "error"),
    [
        (
            "{type: text_folder, path: rewiews}",
            "dataset.path: no such folder or archive: /here/rewiews; paths are relative to the config, "
            "then to $DLTRAIN_DATA; did you mean 'reviews'?",
        ),
        (
            "{type: text_folder, path: reviews/a/1.txt}",
            "dataset.path: /here/reviews/a/1.txt is neither a folder nor an archive; "
            "give a folder, a .zip or a .tar.gz",
        ),
        (
            "{type: text_folder}",
            "dataset: no folder is given; write `path` for one folder, or `train` for a folder of training texts",
        ),
        (
            "{type: text_folder, path: reviews, features: {review: text}}",
            "dataset: the one feature of texts is called 'text', and `features` names 'review'",
        ),
        (
            "{type: text_folder, path: reviews, encoding: utf-9}",
            "dataset.encoding: there is no encoding 'utf-9'; write e.g. utf-8 or latin-1",
        ),
        (
            "{type: text_folder, path: reviews, encoding: base64}",
            "dataset.encoding: there is no encoding 'base64'; write e.g. utf-8 or latin-1",
        ),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(write, tmp_path, dataset, error):
    spread(tmp_path, {"reviews/a/1.txt": "x", "reviews/b/1.txt": "y"})
    with pytest.raises(ConfigError) as raised:
        load(write(f"dataset: {dataset}\nmodel: lstm\n"))
    (problem,) = raised.value.problems
    assert str(problem).replace(str(tmp_path), "/here").split(": ", 1)[1] == error


def test_a_new_folder_is_scored_by_its_test_part_and_predicted_whole(tmp_path):
    dataset = opened(spread(tmp_path / "reviews", FILES))
    (scored,) = dataset.open_file(str(tmp_path / "reviews"), (FEATURE,)).chunks()
    assert list(zip(scored.features["text"], scored.target, strict=True)) == ROWS["test"]
    (given,) = dataset.open_file(str(tmp_path / "reviews"), (FEATURE,), labelled=False).chunks()
    assert given.target is None
    assert given.extras["path"].tolist() == sorted(FILES)


def test_a_flat_folder_or_a_single_file_is_predicted(tmp_path):
    dataset = opened(spread(tmp_path / "reviews", FILES))
    spread(tmp_path / "new", {"2.txt": "two", "1.txt": "one"})
    (rows,) = dataset.open_file(str(tmp_path / "new"), (FEATURE,), labelled=False).chunks()
    assert (rows.features["text"].tolist(), rows.extras["path"].tolist()) == (["one", "two"], ["1.txt", "2.txt"])
    (rows,) = dataset.open_file(str(tmp_path / "new/2.txt"), (FEATURE,), labelled=False).chunks()
    assert (rows.features["text"].tolist(), rows.extras["path"].tolist()) == (["two"], ["2.txt"])
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError) as raised:
        dataset.open_file(str(tmp_path / "none"), (FEATURE,), labelled=False)
    assert str(raised.value) == f"{tmp_path / 'none'}: holds no texts"


def test_texts_that_a_program_holds_are_rows(tmp_path):
    dataset = opened(spread(tmp_path / "reviews", FILES))
    for given in ("one", ["one"]):
        (rows,) = dataset.open_rows(given, (FEATURE,)).chunks()
        assert rows.features["text"].tolist() == ["one"]
    for given, odd in [([], "an empty list"), ([3], "3")]:
        with pytest.raises(DataError) as raised:
            dataset.open_rows(given, (FEATURE,))
        assert str(raised.value) == f"rows: expected a list of texts, got {odd}"
