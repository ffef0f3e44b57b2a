"""Arrays lie in memory up to a limit, then in files without a name."""

import os

import numpy as np
import pytest

from dltrain.errors import RunError
from dltrain.memory import free_memory
from dltrain.scratch import Scratch, is_mapped


def test_arrays_lie_in_memory_until_the_limit_is_used_up(tmp_path):
    scratch = Scratch(tmp_path, limit=1000)
    first, second, third = (scratch.room((50, 2), "float32").array for _ in range(3))
    assert [is_mapped(array) for array in (first, second, third)] == [False, False, True]
    assert not list(tmp_path.iterdir())


def test_what_is_given_back_can_be_used_again(tmp_path):
    scratch = Scratch(tmp_path, limit=100)
    assert scratch.claim(100)
    assert not scratch.claim(1)
    scratch.release(100)
    assert not is_mapped(scratch.room((25,), "float32").array)


def test_a_mapped_array_holds_what_was_put_there_and_so_do_its_views(tmp_path):
    room, rows = Scratch(tmp_path, limit=0).room((1000, 3), "int16"), np.arange(3000).reshape(1000, 3)
    room.put(600, rows[600:])
    room.put(0, rows[:600])
    mapped = room.array
    assert mapped.tolist() == rows.tolist()
    assert is_mapped(mapped[10:20])
    assert not is_mapped(mapped[[1, 2]])


@pytest.mark.parametrize("limit", [0, 1 << 20])
@pytest.mark.parametrize("width", [3, 300_000])
def test_rows_are_taken_to_their_place_by_their_indices(tmp_path, limit, width):
    room = Scratch(tmp_path, limit * 4).room((4, width), "float32")
    rows = np.arange(5 * width, dtype="float32").reshape(5, width)
    room.take(2, rows, np.array([3, 4]))
    room.take(0, rows, np.array([0, 2]))
    room.take(4, rows, np.array([], "int64"))
    assert room.array.tobytes() == rows[[0, 2, 3, 4]].tobytes()
    assert is_mapped(room.array) == (limit * 4 < rows[:4].nbytes)


def test_an_array_of_no_rows_needs_no_file(tmp_path):
    assert Scratch(tmp_path / "absent", limit=0).room((0, 4), "float32").array.shape == (0, 4)
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_parts_are_joined_in_order_and_freed(tmp_path, limit):
    parts = [np.arange(3), np.arange(3.0, 5.0), np.empty(0, "int64")]
    joined = Scratch(tmp_path, limit).joined(parts)
    assert joined.tolist() == [0, 1, 2, 3, 4]
    assert joined.dtype == "float64"
    assert is_mapped(joined) == (limit == 0)
    assert parts == []


def test_texts_are_joined_in_memory(tmp_path):
    joined = Scratch(tmp_path, limit=0).joined([np.array(["a"]), np.array(["long"])])
    assert joined.tolist() == ["a", "long"]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system cannot set room on a disk aside")
def test_a_disk_without_room_is_told_with_the_folder_and_the_bytes(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(RunError) as raised:
        Scratch(tmp_path, limit=0).room((1000, 1000), "float64")
    assert str(raised.value) == (
        f"cannot keep 8,000,000 bytes of prepared rows in {tmp_path}: no space left on device; "
        "free space, choose another folder with --runs-dir"
    )


def test_some_memory_is_free_and_less_than_the_machine_has():
    assert 0 < free_memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
