"""The memory of this machine: how much is free, and how it is given back."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LARGE_BLOCK, _M_MMAP_THRESHOLD = 8 << 20, -3
_MOST_HEAPS, _M_ARENA_MAX = 2, -8


def return_large_blocks() -> None:
    """Lets freed arrays go back to the system at once from here on.

    The C library otherwise keeps blocks of up to 32 MB for later, one after the other in the heap of each
    thread, where small ones that outlive them hold hundreds of megabytes. It takes some time, which is
    well spent only where memory is short.
    """
    with suppress(OSError, AttributeError):  # there is no such function but in glibc
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_HEAPS)


def give_back() -> None:
    """Returns to the system what the C library and PyArrow keep of freed memory for later."""
    if (arrow := sys.modules.get("pyarrow")) is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def free_memory() -> int:
    """The bytes that this process may still use, by the kernel and by its control group."""
    free = [_available(), *_left_in_groups()]
    return max(0, min(free))


def all_memory() -> int:
    """The bytes of memory and swap of this machine, less where this process has a limit: one array is never larger."""
    limit = _limit()
    try:
        fields = _meminfo()
    except OSError:
        return limit
    return min(limit, fields["MemTotal"] + fields["SwapTotal"])


def _limit() -> int:
    """Of the address space (`ulimit -v`)."""
    try:
        import resource
    except ImportError:  # on Windows
        return sys.maxsize
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def _meminfo() -> dict[str, int]:
    """What the kernel of Linux says of its memory, in bytes."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(value.split()[0]) * 1024 for name, value in fields.items() if value.endswith("kB")}


def _available() -> int:
    try:
        return _meminfo()["MemAvailable"]
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


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
