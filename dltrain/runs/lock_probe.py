"""Whether a process writes a run directory, found out without taking its lock."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from pathlib import Path

_LAYOUT = ("qqihh", 3) if sys.platform == "darwin" else ("hhqqi", 0)
"""How the system lays out ``struct flock``, and where in it the type of the lock stands (fcntl(2))."""


def is_locked(folder: Path) -> bool:
    """Whether another process holds the lock of the run in a folder; False where that cannot be known.

    The kernel is asked, since even a lock that is held for a moment would keep a training from beginning.
    """
    layout, place = _LAYOUT
    wanted = [0] * len(layout)
    wanted[place] = fcntl.F_RDLCK
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(folder / ".lock", flags)
    except OSError:
        return False
    try:
        found = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(layout, *wanted))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return bool(struct.unpack(layout, found)[place] != fcntl.F_UNLCK)
