"""Disks that are really full or read-only, and files that may really not grow."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.soak.sample import Tally, fault_of, sample
from dltrain.errors import RunError
from dltrain.runs.checkpoints import CheckpointStore

_ITEMS = 125_000
"""One megabyte."""


@contextmanager
def small_disk(scratch: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of a size, in memory; None where this process may not mount one."""
    place = scratch / "disk"
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(folder: Path) -> Tally:
    """Saves ever larger checkpoints to a disk until it is full, then smaller ones, which must fit again."""
    tally, store, last = Tally(), CheckpointStore(folder), None
    for position in range(1, 12):
        size = _ITEMS * (1 if position in (1, 2, 9, 10, 11) else position)
        outcome, wrong = _save(store, position, size)
        last = position if outcome == "saved" else last
        tally.add(outcome, wrong or fault_of(folder, {last}) or _left(folder))
    return tally


def limit(folder: Path) -> Tally:
    """Saves in a process whose files may have at most two megabytes."""
    return _in_child(folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20)), _ITEMS * 3)


def forbid(disk: Path) -> Tally:
    """Saves to a disk that became read-only."""
    remount = ["mount", "-o", "remount,ro", str(disk)]
    return _in_child(disk / "checkpoints", lambda: subprocess.run(remount, check=True), 1)


def _in_child(folder: Path, change: Callable[[], object], size: int) -> Tally:
    tally = Tally()
    for position in (1, 2):
        CheckpointStore(folder).save(sample(position))
    child = os.fork()
    if child == 0:
        outcome, wrong = "crashed", None
        try:
            change()
            outcome, wrong = _save(CheckpointStore(folder), 3, size)
        finally:
            os._exit(0 if outcome == "refused" and not wrong else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    tally.add("refused", (f"exit {status}" if status else None) or fault_of(folder, {2}) or _left(folder))
    return tally


def _save(store: CheckpointStore, position: int, size: int) -> tuple[str, str | None]:
    try:
        store.save(sample(position, size))
    except RunError as error:
        text = str(error)
        return "refused", None if f"{store.folder}: " in text and " bytes; " in text else text
    return "saved", None


def _left(folder: Path) -> str | None:
    left = [path.name for path in folder.glob(".*")]
    return f"{left} are left" if left else None
