"""Checkpoints come back exactly, outlive whatever ends a process, and are read safely from anyone's folder.

The cases that count (faults at every call, power failures, kills, corruptions, full disks) are those of `make soak`,
fewer of them.
"""

import errno
import hashlib
import json
import math
import os

import ml_dtypes
import numpy as np
import pytest

from benchmarks.soak.calls import watched
from benchmarks.soak.corruptions import corrupt, forge
from benchmarks.soak.disks import fill, forbid, limit, small_disk
from benchmarks.soak.faults import SCENES, enumerate_faults
from benchmarks.soak.kills import kill_writers
from benchmarks.soak.power import fail_power
from benchmarks.soak.sample import is_whole, sample
from dltrain.errors import RunError
from dltrain.runs.array_file import pieces
from dltrain.runs.checkpoints import Checkpoint, CheckpointStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoints"


@pytest.fixture
def store(folder):
    return CheckpointStore(folder)


def save(folder, *positions):
    for position in positions:
        CheckpointStore(folder).save(sample(position))


def file(folder, position):
    return folder / f"{position:012d}.safetensors"


def damage(folder, position):
    content = bytearray(file(folder, position).read_bytes())
    content[-300] ^= 1
    file(folder, position).write_bytes(content)


def seal(folder, position, document, **arrays):
    """Writes a file with a right digest, whatever else is right."""
    own = {**arrays, "__state__": np.frombuffer(document, "u1"), "__sha256__": np.zeros(32, "u1")}
    body = b"".join(piece.tobytes() for piece in pieces(own, {"format": "dltrain checkpoint 1"})[:-1])
    file(folder, position).write_bytes(body + hashlib.sha256(body).digest())


def test_every_bit_of_arrays_and_state_comes_back(store):
    nans = np.array([0x7FF8000000000001, 0xFFF0000000000000, 1], "u8").view("f8")
    arrays = {
        "nans": nans,
        "bfloat16": np.arange(6).astype(ml_dtypes.bfloat16).reshape(2, 3),
        "none": np.empty((3, 0), "f2"),
        "single": np.array(True),
        "a/b é": np.arange(8, dtype="i4").reshape(2, 2, 2).T,
    }
    state = {
        "tiny": 5e-324,
        "third": 1 / 3,
        "worst": [math.inf, -math.inf],
        "text": 'é"\n',
        "deep": {"no": None, "n": 2**70},
    }
    store.save(Checkpoint(7, arrays, {**state, "loss": math.nan}))
    found = store.newest()
    assert found.position == 7
    assert math.isnan(found.state["loss"])
    assert {**found.state, "loss": 0} == {**state, "loss": 0}
    for name, array in arrays.items():
        back = found.arrays[name]
        assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes()), name
        assert not back.flags.writeable
    assert found.arrays.keys() == arrays.keys()


def test_a_checkpoint_may_hold_nothing(store):
    store.save(Checkpoint(0, {}, {}))
    assert store.newest() == Checkpoint(0, {}, {})


def test_nothing_is_made_before_the_first_save(store, folder):
    assert (store.newest(), store.positions(), store.damaged) == (None, [], [])
    assert not folder.exists()


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_last_ones_are_kept(folder, keep):
    store = CheckpointStore(folder, keep=keep)
    for position in (3, 5, 8, 999, 10**12):
        store.save(sample(position))
    assert store.positions() == [5, 8, 999, 10**12][-keep:][-3:]
    assert sorted(path.name for path in folder.iterdir()) == [file(folder, each).name for each in store.positions()]
    assert is_whole(store.newest())


def test_a_position_saved_again_replaces_what_was_there(store):
    for loss in (1.0, 2.0):
        store.save(Checkpoint(5, {}, {"loss": loss}))
    assert store.positions() == [5]
    assert store.newest().state == {"loss": 2.0}


def test_a_damaged_one_is_passed_over_and_named_until_it_is_saved_again(folder, store):
    save(folder, 10, 20)
    damage(folder, 20)
    assert store.newest().position == 10
    assert store.damaged == ["000000000020.safetensors: its bytes are not those that were written"]
    assert store.positions() == [10, 20]
    store.save(sample(20))
    assert store.newest().position == 20
    assert store.damaged == []


def test_a_damaged_one_does_not_count_among_those_kept(folder, store):
    save(folder, 10, 20)
    damage(folder, 20)
    store.newest()
    store.save(sample(30))
    assert store.positions() == [10, 30]


def test_a_save_before_a_damaged_one_removes_it_and_not_itself(folder, store):
    save(folder, 10, 20)
    for position in (10, 20):
        damage(folder, position)
    assert store.newest() is None
    assert len(store.damaged) == 2
    store.save(sample(5))
    assert store.positions() == [5]


def test_what_killed_writers_left_is_removed_and_other_files_are_not(folder, store):
    save(folder, 10)
    for name in (".000000000020.tmp", ".notes.tmp", "20.safetensors", "notes.txt", "0000000000020.safetensors"):
        (folder / name).write_text("x")
    assert store.positions() == [10]
    store.save(sample(30))
    names = {".notes.tmp", "20.safetensors", "notes.txt", "0000000000020.safetensors"}
    assert {path.name for path in folder.iterdir()} == names | {file(folder, each).name for each in (10, 30)}


def test_a_link_is_not_followed_even_to_a_whole_checkpoint(tmp_path, folder, store):
    save(tmp_path / "outside", 20)
    save(folder, 10)
    file(folder, 20).symlink_to(file(tmp_path / "outside", 20))
    assert store.newest().position == 10
    assert store.damaged == ["000000000020.safetensors: it is a link"]
    store.save(sample(20))
    assert not file(folder, 20).is_symlink()
    assert is_whole(CheckpointStore(tmp_path / "outside").newest())


def test_a_folder_that_is_a_link_is_not_read_or_written(tmp_path, folder, store):
    save(tmp_path / "outside", 20)
    folder.symlink_to(tmp_path / "outside")
    with pytest.raises(RunError) as raised:
        store.newest()
    assert str(raised.value) == f"cannot read {folder}: not a directory"
    with pytest.raises(RunError, match=f"^cannot write the checkpoint of step 30 in {folder}: not a directory; "):
        store.save(sample(30))
    assert CheckpointStore(tmp_path / "outside").positions() == [20]


def test_pipes_and_folders_are_passed_over_without_waiting(folder, store):
    save(folder, 10)
    os.mkfifo(file(folder, 20))
    file(folder, 30).mkdir()
    assert store.newest().position == 10
    assert store.damaged == [f"{file(folder, each).name}: it is not a file" for each in (30, 20)]


def test_a_file_larger_than_memory_is_an_error_before_memory_is_taken(folder, store):
    save(folder, 10)
    with file(folder, 20).open("wb") as sparse:
        sparse.truncate(1 << 43)
    with pytest.raises(RunError) as raised:
        store.newest()
    text = "its 8,796,093,022,208 bytes do not fit in the free memory"
    assert str(raised.value) == f"cannot read {file(folder, 20)}: {text}"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"", "its state is not JSON"),
        (b"[" * 200_000, "its state is not JSON"),
        (b"\xff", "its state is not JSON"),
        (b"[]", "its state is not a table"),
        (b'{"position": 20}', "its state is not a table"),
        (b'{"position": 20, "state": []}', "its state is not a table"),
        (b'{"position": 10, "state": {}}', "it is of another position than its name says"),
        (b'{"position": 20, "state": {}}', None),
    ],
)
def test_a_state_that_is_none_is_passed_over(folder, store, document, text):
    save(folder, 10)
    seal(folder, 20, document)
    assert store.newest().position == (10 if text else 20)
    assert store.damaged == ([f"000000000020.safetensors: {text}"] if text else [])


def test_a_renamed_checkpoint_is_passed_over(folder, store):
    save(folder, 10)
    file(folder, 10).rename(file(folder, 20))
    assert store.newest() is None
    assert store.damaged == ["000000000020.safetensors: it is of another position than its name says"]


def test_another_safetensors_file_is_passed_over(folder, store):
    save(folder, 10)
    body = b"".join(piece.tobytes() for piece in pieces({"x": np.zeros(32, "u1")}, {})[:-1])
    file(folder, 20).write_bytes(body + hashlib.sha256(body).digest())
    assert store.newest().position == 10
    assert store.damaged == ["000000000020.safetensors: it is no checkpoint of this version of dltrain"]


def test_a_state_larger_than_any_that_is_read_is_not_written(folder, store, monkeypatch):
    monkeypatch.setattr("dltrain.runs.checkpoints.MOST_JSON_BYTES", 100)
    with pytest.raises(RunError) as raised:
        store.save(Checkpoint(1, {}, {"text": "x" * 100}))
    assert str(raised.value) == "the state of step 1 has 138 bytes; at most 100 are kept"
    assert len(json.dumps({"position": 1, "state": {"text": "x" * 100}})) == 138
    assert not folder.exists()


@pytest.mark.parametrize(
    ("checkpoint", "text"),
    [
        (Checkpoint(-1, {}, {}), "no position of a checkpoint: -1"),
        (Checkpoint(10**18, {}, {}), "no position of a checkpoint: 1000000000000000000"),
        (Checkpoint(1, {"__state__": np.zeros(1)}, {}), "no name for an array of a checkpoint: __state__"),
        (Checkpoint(1, {"z": np.zeros(1, "c16")}, {}), "safetensors holds no array 'z' of type complex128"),
    ],
)
def test_what_a_file_cannot_hold_is_refused(store, folder, checkpoint, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        store.save(checkpoint)
    assert not folder.exists()


def failing(number):
    def seen(name, call, args, kwargs):
        if name == "fsync":
            raise OSError(number, os.strerror(number))
        return call(*args, **kwargs)

    return watched(seen)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "no space left on device; it needs {size:,} bytes; free space, or choose"),
        (errno.EDQUOT, "disk quota exceeded; it needs {size:,} bytes; free space, or choose"),
        (errno.EFBIG, "file too large; it needs {size:,} bytes; free space, or choose"),
        (errno.EROFS, "read-only file system; it needs {size:,} bytes; choose"),
        (errno.EIO, "input/output error; it needs {size:,} bytes; choose"),
    ],
)
def test_an_error_names_the_folder_and_the_bytes(folder, store, number, text):
    save(folder, 10, 20)
    size = file(folder, 20).stat().st_size
    file(folder, 20).unlink()
    with failing(number), pytest.raises(RunError) as raised:
        store.save(sample(20))
    reason = text.format(size=size)
    whole = f"cannot write the checkpoint of step 20 in {folder}: {reason} another folder with --runs-dir"
    assert str(raised.value) == whole
    assert raised.value.exit_code == 1
    assert os.listdir(folder) == [file(folder, 10).name]


def none_wrong(tally, tried):
    assert tally.violations == []
    assert tally.tried >= tried


@pytest.mark.long
def test_a_fault_at_any_call_loses_nothing(tmp_path):
    tally = enumerate_faults(tmp_path, (("die", False), ("ENOSPC", False)))
    none_wrong(tally, 150)
    assert set(tally.outcomes) == {"died", "refused", "saved"}


def test_a_disk_that_writes_in_parts_gets_everything(tmp_path):
    tally = enumerate_faults(tmp_path, (("short", True),), SCENES[:1])
    none_wrong(tally, 15)
    assert set(tally.outcomes) == {"saved"}


def test_a_power_failure_at_any_call_loses_nothing(tmp_path):
    none_wrong(fail_power(tmp_path), 200)


@pytest.mark.long
def test_40_killed_writers_lose_nothing(tmp_path):
    tally = kill_writers(tmp_path, 40)
    none_wrong(tally, 40)
    assert tally.outcomes["inside a write"] >= 10


def test_of_100_corruptions_none_gives_wrong_data(tmp_path):
    tally = corrupt(tmp_path, 100)
    none_wrong(tally, 100)
    assert tally.outcomes["the one before used"] >= 80


def test_100_forged_files_crash_nothing(tmp_path):
    tally = forge(tmp_path, 100)
    none_wrong(tally, 100)
    assert tally.outcomes["the one before used"] >= 50


def test_a_file_that_may_not_grow_leaves_the_old_ones(folder):
    none_wrong(limit(folder), 1)


def test_a_full_disk_leaves_the_old_ones(tmp_path):
    with small_disk(tmp_path, 8) as disk:
        if disk is None:
            pytest.skip("this process may not mount a disk")
        tally = fill(disk / "checkpoints")
    none_wrong(tally, 11)
    assert tally.outcomes == {"saved": 7, "refused": 4}


def test_a_disk_that_became_read_only_leaves_the_old_ones(tmp_path):
    with small_disk(tmp_path, 8) as disk:
        if disk is None:
            pytest.skip("this process may not mount a disk")
        none_wrong(forbid(disk), 1)
