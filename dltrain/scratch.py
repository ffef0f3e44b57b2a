"""Room for arrays: in memory, or in files without a name where they would take too much of it."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from math import prod
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from dltrain.errors import storing
from dltrain.memory import free_memory, return_large_blocks

if TYPE_CHECKING:
    import numpy as np

_GATHERED_BYTES = 1 << 18

_SHARE = 0.3
"""The share of the free memory that arrays may take; TensorFlow copies what lies in memory once more."""


class Scratch:
    """Gives out arrays until the limit is used up, then maps them from files.

    The files have no name, so nothing is left when the process ends, however it ends.

    Args of the constructor: the folder of the files, and how many bytes of arrays may lie in memory;
    None for a share of what is free.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self._folder = folder
        self._left = int(free_memory() * _SHARE) if limit is None else limit
        self._lock = Lock()

    def claim(self, size: int) -> bool:
        """Whether `size` more bytes may lie in memory; if so, they count as used."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    @property
    def left(self) -> int:
        """How many bytes there is room for, in memory and on the disk."""
        folder = next((parent for parent in (self._folder, *self._folder.parents) if parent.is_dir()), Path())
        return self._left + shutil.disk_usage(folder).free

    def release(self, size: int) -> None:
        """Gives bytes back that were claimed."""
        with self._lock:
            self._left += size

    def room(self, shape: tuple[int, ...], dtype: str) -> Room:
        """Room for an array.

        Raises:
            RunError: it must lie on the disk, which is full or read-only.
        """
        import numpy as np

        size = prod(shape) * np.dtype(dtype).itemsize
        if self.claim(size) or not size:
            return Room(np.empty(shape, dtype))
        with self.storing(size):
            return FileRoom(shape, dtype, self.file(), partial(self.storing, size))

    def joined(self, parts: list[np.ndarray]) -> np.ndarray:
        """Arrays one after the other along their first axis; texts stay in memory. The list is emptied.

        Raises:
            RunError: they must lie on the disk, which is full or read-only.
        """
        import numpy as np

        kind = np.result_type(*parts)
        if kind.kind in "OUS" or len(parts) == 1:
            joined = np.concatenate(parts) if len(parts) > 1 else parts[0]
            parts.clear()
            return joined
        parts.reverse()
        room, start = self.room((sum(map(len, parts)), *parts[0].shape[1:]), kind.str), 0
        while parts:
            part = parts.pop()
            room.put(start, part)
            start += len(part)
        return room.array

    def file(self) -> IO[bytes]:
        """An empty file that vanishes when it is closed."""
        with self.storing(0):
            return_large_blocks()
            self._folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._folder)

    @contextmanager
    def storing(self, size: int) -> Iterator[None]:
        """Turns an error of the file system into one that names the folder.

        Raises:
            RunError: the disk is full, read-only or broken.
        """
        need = f"{size:,} bytes of prepared rows" if size else "prepared rows"
        remedy = "free space, choose another folder with --runs-dir"
        with storing(f"keep {need} in {self._folder}", remedy, when_full=remedy):
            yield


class Room:
    """Room for an array that is filled part by part and then read.

    Parts that do not overlap may be filled by several threads.

    Args of the constructor: the array.
    """

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def put(self, start: int, rows: np.ndarray) -> None:
        """Fills the rows from `start` on."""
        self._array[start : start + len(rows)] = rows

    def take(self, start: int, rows: np.ndarray, chosen: np.ndarray) -> None:
        """Fills the rows from `start` on with those of `rows` that `chosen` names by their indices."""
        import numpy as np

        # Straight into its place; "clip" because NumPy would otherwise copy once more to check the indices.
        np.take(rows, chosen, axis=0, out=self._array[start : start + len(chosen)], mode="clip")

    @property
    def array(self) -> np.ndarray:
        """All of it."""
        return self._array


class FileRoom(Room):
    """Room in a file.

    Parts are written and only mapped to be read: the first touch of a mapped page that is to be
    changed costs several times as much as copying its bytes.

    Args of the constructor: shape and type of the array, an empty file, and what tells errors of the file
    system.

    Raises:
        OSError: the disk is full.
    """

    def __init__(
        self, shape: tuple[int, ...], dtype: str, file: IO[bytes], storing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        import numpy as np

        self._shape, self._dtype, self._file, self._storing = shape, np.dtype(dtype), file, storing
        self._row_bytes = prod(shape[1:]) * self._dtype.itemsize
        # Asked for at once, so that a full disk shows now and not in the middle.
        set_aside = getattr(os, "posix_fallocate", lambda number, _, size: os.truncate(number, size))
        set_aside(file.fileno(), 0, shape[0] * self._row_bytes)

    def put(self, start: int, rows: np.ndarray) -> None:
        """Writes the rows from `start` on."""
        import numpy as np

        left = memoryview(np.ascontiguousarray(rows, self._dtype).reshape(-1).view("uint8").data)
        place = start * self._row_bytes
        with self._storing():
            while left:
                written = os.pwrite(self._file.fileno(), left, place)
                left, place = left[written:], place + written

    def take(self, start: int, rows: np.ndarray, chosen: np.ndarray) -> None:
        """Gathers a few rows at a time, which the processor's cache still holds when they are written."""
        step = max(1, _GATHERED_BYTES // self._row_bytes)
        for first in range(0, len(chosen), step):
            self.put(start + first, rows.take(chosen[first : first + step], axis=0))

    @property
    def array(self) -> np.ndarray:
        """All of it, mapped."""
        import numpy as np

        mapped = mmap.mmap(self._file.fileno(), self._shape[0] * self._row_bytes)
        mapped.madvise(mmap.MADV_RANDOM)
        return np.frombuffer(mapped, self._dtype).reshape(self._shape)


def is_mapped(array: Any) -> bool:
    """Whether an array lies in a file, so that a copy of all of it in memory is to be avoided."""
    import numpy as np

    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array.obj if isinstance(array, memoryview) else array, mmap.mmap)
