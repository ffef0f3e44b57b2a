"""How long a durable checkpoint takes, beside a plain write of the same bytes that is as durable."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import machine
from dltrain.runs.checkpoints import Checkpoint, CheckpointStore

ROUNDS = 15


def plain(path: Path, array: np.ndarray) -> None:
    """A temporary file, fsync, rename, fsync of the folder; no digest, no arrays' names, nothing removed."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb", buffering=0) as file:
        file.write(array.data)
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def measure(folder: Path, megabytes: int) -> dict[str, list[float]]:
    """Milliseconds of each, taking turns."""
    array = np.random.default_rng(0).integers(0, 256, megabytes << 20, "u1")
    store = CheckpointStore(folder / "checkpoints")
    times: dict[str, list[float]] = {"save": [], "plain write": [], "newest": []}
    for position in range(ROUNDS + 1):
        start = time.perf_counter()
        store.save(Checkpoint(position, {"array": array}, {}))
        saved = time.perf_counter()
        plain(folder / f"plain-{position % 3}", array)
        written = time.perf_counter()
        store.newest()
        for name, seconds in zip(times, (saved - start, written - saved, time.perf_counter() - written), strict=True):
            times[name] += [seconds * 1000] if position else []
    return times


def main() -> None:
    """Prints the table."""
    machine()
    for megabytes in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            times = measure(Path(folder), megabytes)
        for name, values in times.items():
            spread = f"{min(values):.1f} to {max(values):.1f} ms"
            print(f"{megabytes:>4} MB, {name:<12} median {statistics.median(values):6.1f} ms ({spread}, {ROUNDS} runs)")


if __name__ == "__main__":
    main()
