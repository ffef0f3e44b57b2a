"""SIGKILL at any moment of a process that saves without pause and writes down each save that returned."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from benchmarks.soak.sample import Tally, fault_of, sample
from dltrain.runs.checkpoints import CheckpointStore

_ITEMS = 250_000
"""Two megabytes, so that most of the time is spent inside a save."""


def kill_writers(scratch: Path, count: int) -> Tally:
    """Kills writers one after the other, each of which goes on from what the one before has left."""
    tally, random_moment = Tally(drawn=True), random.Random(1)
    folder, log = scratch / "checkpoints", scratch / "acknowledged"
    log.touch()
    for number in range(count):
        child = os.fork()
        if child == 0:
            _write(folder, log)
        acknowledged = _last(log)
        # Wait until this writer writes, then for a part of the time that a save or two take.
        while not list(folder.glob(".*")) and _last(log) == acknowledged:
            time.sleep(0.0005)
        time.sleep(random_moment.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        last = _last(log)
        inside = bool(list(folder.glob(".*")))
        # Each writer may have ended one save without writing it down.
        wrong = fault_of(folder, {*range(last, last + number + 2)} if last else {None, *range(1, number + 2)})
        tally.add("inside a write" if inside else "elsewhere", wrong and f"kill {number}: {wrong}")
    return tally


def _last(log: Path) -> int:
    lines = log.read_text(encoding="ascii").split()
    return int(lines[-1]) if lines else 0


def _write(folder: Path, log: Path) -> None:
    try:
        store = CheckpointStore(folder)
        found = store.newest()
        position = found.position if found else 0
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
        while True:
            position += 1
            store.save(sample(position, _ITEMS))
            os.write(descriptor, f"{position}\n".encode())
    finally:
        os._exit(1)
