"""Fingerprints, and files that must exist."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dltrain.data.base import DatasetSpec
from dltrain.data.files import fingerprint_of, fingerprint_of_files, missing_file


def test_a_fingerprint_depends_on_values_shapes_and_kinds():
    base = np.arange(6)
    arrays = [base, base.reshape(2, 3), base.astype("float64"), base.astype(str), base + 1, base[:5]]
    assert len({fingerprint_of(array) for array in arrays}) == len(arrays)
    assert fingerprint_of(base) == fingerprint_of(base.copy())
    assert fingerprint_of(base, base + 1) != fingerprint_of(base + 1, base)


def test_text_of_objects_has_the_fingerprint_of_its_values():
    words = ["one", "two"]
    assert fingerprint_of(np.array(words, dtype=object)) == fingerprint_of(np.array(list(words), dtype=object))


def test_a_fingerprint_of_files_depends_on_their_order(tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"a")
    two.write_bytes(b"b")
    assert fingerprint_of_files(one, two) == fingerprint_of_files(one, two) != fingerprint_of_files(two, one)


def test_a_missing_file_is_a_problem_with_the_nearest_name(tmp_path):
    (tmp_path / "flowers.csv").touch()
    assert missing_file(str(tmp_path / "flowers.csv"), "path") == []
    (problem,) = missing_file(str(tmp_path / "flower.csv"), "path")
    assert str(problem) == (
        f"path: no such file: {tmp_path / 'flower.csv'}; paths are relative to the config, then to $DLTRAIN_DATA; "
        "did you mean 'flowers.csv'?"
    )
    (problem,) = missing_file(str(tmp_path), "train")
    assert str(problem) == f"train: {tmp_path} is a folder, not a file; name a file in it"
    (problem,) = missing_file(str(tmp_path / "none" / "a.csv"), "path")
    assert str(problem).endswith("then to $DLTRAIN_DATA")


@pytest.mark.parametrize("suffix", ["zip", "tar", "tgz", "tar.gz"])
def test_what_an_archive_holds_tells_its_type(tmp_path, suffix):
    def archive(name, *members):
        folder = tmp_path / name
        for member in members:
            (folder / member).parent.mkdir(parents=True, exist_ok=True)
            (folder / member).write_bytes(b"x")
        form = {"tar.gz": "gztar", "tgz": "gztar"}.get(suffix, suffix)
        made = Path(shutil.make_archive(str(tmp_path / name), form, folder))
        return str(made.rename(tmp_path / f"{name}.{suffix}"))

    texts, images = archive("t", "a/1.txt", "b/2.TXT", "README"), archive("i", "a/1.png", "b/2.png", "b/note.txt")
    assert DatasetSpec.choose({"path": texts}).type == "text_folder"
    assert DatasetSpec.choose({"path": images}).type == "image_folder"
    (tmp_path / f"no.{suffix}").write_bytes(b"no archive")
    assert DatasetSpec.choose({"path": str(tmp_path / f"no.{suffix}")}).type == "image_folder"
    assert DatasetSpec.choose({"path": str(tmp_path / f"absent.{suffix}")}).type == "image_folder"
