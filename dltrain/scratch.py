"""Room for arrays: in memory, or in files without a name where they would take too much of it."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dltrain.errors import RunError

if TYPE_CHECKING:
    import numpy as np

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

    def claim(self, size: int) -> bool:
        """Whether `size` more bytes may lie in memory; if so, they count as used."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def release(self, size: int) -> None:
        """Gives bytes back that were claimed."""
        self._left += size

    def empty(self, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """An array to be filled.

        Raises:
            RunError: it must lie on the disk, which is full or read-only.
        """
        import numpy as np

        size = prod(shape) * np.dtype(dtype).itemsize
        if self.claim(size) or not size:
            return np.empty(shape, dtype)
        with self.storing(size):
            file = self.file()
            # Without its blocks, a file on a full disk would end the process at the first touch.
            os.posix_fallocate(file.fileno(), 0, size)
        mapped = mmap.mmap(file.fileno(), size)
        mapped.madvise(mmap.MADV_RANDOM)
        return np.frombuffer(mapped, dtype).reshape(shape)

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
        joined, start = self.empty((sum(map(len, parts)), *parts[0].shape[1:]), kind.str), 0
        while parts:
            part = parts.pop()
            joined[start : start + len(part)] = part
            start += len(part)
        return joined

    def file(self) -> IO[bytes]:
        """An empty file that vanishes when it is closed."""
        with self.storing(0):
            self._folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._folder)

    @contextmanager
    def storing(self, size: int) -> Iterator[None]:
        """Turns an error of the file system into one that names the folder.

        Raises:
            RunError: the disk is full, read-only or broken.
        """
        try:
            yield
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            need = f" {size:,} bytes of prepared rows" if size else " prepared rows"
            text = f"cannot keep{need} in {self._folder}: {reason}"
            raise RunError(f"{text}; free space, choose another folder with --runs-dir") from None


def free_memory() -> int:
    """The bytes that this process may still use, by the kernel and by its control group."""
    free = [_available(), *_left_in_groups()]
    return max(0, min(free))


def _available() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024


def _left_in_groups() -> Iterator[int]:
    """What the control groups of this process allow, files that can be dropped left out."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, name = line.split(":", 2)
        root = Path("/sys/fs/cgroup") / ("memory" if "memory" in controllers.split(",") else "")
        for folder in [root / name.strip("/"), *(root / name.strip("/")).parents]:
            yield from _left_in(folder)


def _left_in(folder: Path) -> Iterator[int]:
    names = [("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")]
    for limit, usage in names:
        try:
            allowed, used = (folder / limit).read_text().strip(), int((folder / usage).read_text())
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue
        if allowed != "max":
            files = int(statistics.get("inactive_file", 0)) + int(statistics.get("active_file", 0))
            yield int(allowed) - used + files


def is_mapped(array: Any) -> bool:
    """Whether an array lies in a file, so that a copy of all of it in memory is to be avoided."""
    import numpy as np

    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array.obj if isinstance(array, memoryview) else array, mmap.mmap)
