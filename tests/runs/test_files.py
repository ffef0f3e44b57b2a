"""Files that are the old one or the new one."""

import multiprocessing
import resource

import numpy as np
import pytest

from dltrain.errors import RunError
from dltrain.runs.files import read_arrays, read_json, write, write_arrays, write_json

FORK = multiprocessing.get_context("fork")


def write_on_a_full_disk(path, queue):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        write(path, b"new" * 1000)
    except RunError as error:
        queue.put(str(error))


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file"
    write(path, b"old")
    queue = FORK.SimpleQueue()
    process = FORK.Process(target=write_on_a_full_disk, args=(path, queue))
    process.start()
    process.join(30)
    assert not queue.empty()
    text = "file too large; free space, or choose another folder with --runs-dir"
    assert queue.get() == f"cannot write {path}: {text}"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "file"
    for data in (b"old", b"new"):
        write(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "none" / "file"
    with pytest.raises(RunError) as raised:
        write(path, b"")
    text = "no such file or directory; choose another folder with --runs-dir"
    assert str(raised.value) == f"cannot write {path}: {text}"


def test_json_keeps_every_digit_and_refuses_what_is_no_number(tmp_path):
    path = tmp_path / "a.json"
    value = {"score": 0.1 + 0.2, "name": "é", "list": [1, None]}
    write_json(path, value)
    assert read_json(path) == value
    assert "é" in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(path, {"score": float("nan")})
    assert read_json(path) == value


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_broken_json_is_a_damaged_run(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(RunError, match="this run directory is damaged or from another program"):
        read_json(path)


def test_arrays_come_back_bit_for_bit(tmp_path):
    path = tmp_path / "a.safetensors"
    arrays = {"a/b": np.arange(6, dtype="float32").reshape(2, 3).T, "ids": np.array([2**62]), "none": np.empty(0)}
    write_arrays(path, arrays)
    found = read_arrays(path)
    assert {name: (array.dtype, array.tolist()) for name, array in found.items()} == {
        name: (array.dtype, array.tolist()) for name, array in arrays.items()
    }


@pytest.mark.parametrize("data", [b"", b"\x80\x04K\x01.", b"\xff" * 100])
def test_broken_arrays_are_a_damaged_run(tmp_path, data):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(RunError, match="this run directory is damaged"):
        read_arrays(path)
