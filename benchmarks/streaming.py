"""Data larger than memory: a fit inside a memory limit, its peak over 1x, 2x and 4x the rows, and its reading speed.

Where this process may make a control group of memory (version 1, as root), the largest table is trained inside one
with the limit; the peaks are the largest RssAnon that was sampled, since resident memory also counts mapped pages,
which the kernel can drop at any time.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made_files import write_images, write_photos, write_texts
from benchmarks.made_table import write
from benchmarks.timing import machine

LIMIT = 800_000_000
GROUP = Path("/sys/fs/cgroup/memory/dltrain-benchmark")
FLAT, SPEED = 1.10, 0.5
TABLE = """\
dataset: {{path: {path}, target: y}}
splits: {{validation: 0.1, test: 0.1}}
model: {{type: mlp, units: [64]}}
trainer: {{epochs: 1, batch_size: 4096}}
runtime: {{memory: 100MB}}
"""
IMAGES = """\
dataset: {{path: {path}, type: image_folder, size: 64}}
splits: {{validation: 0.1, test: 0.1}}
model: {{type: cnn, filters: 4, pool_size: 8, units: 16}}
trainer: {{epochs: 1, batch_size: 256}}
runtime: {{memory: 20MB}}
"""
TEXTS = """\
dataset: {{path: {path}, target: y, features: {{text: {{text: {{sequence_length: 60}}}}}}}}
splits: {{validation: 0.1, test: 0.1}}
model: {{type: lstm, embedding: 8, units: 8}}
trainer: {{epochs: 1, batch_size: 1024}}
runtime: {{memory: 5MB}}
"""


@dataclass(frozen=True)
class Case:
    """A kind of data: rows of 1x, what writes a number of them, and the config with `path` left open."""

    rows: int
    write: Callable[[Path, int], None]
    config: str


TABLES = {".csv": Case(470_000, write, TABLE), ".parquet": Case(700_000, write, TABLE)}
"""Whose 4x is a file of twice the limit."""
FILES = {
    "-images": Case(5_000, write_images, IMAGES.replace(", size: 64", "")),
    "-photos": Case(5_000, write_photos, IMAGES),
    "-texts.csv": Case(80_000, write_texts, TEXTS),
}
CASES = {**TABLES, **FILES}


def main() -> None:
    """Prints peaks and speeds; exits 1 where a bar is missed.

    The argument ``peaks`` leaves out all but the peaks; names such as ``.csv`` or ``-images`` behind it, all others.
    """
    machine()
    whole, chosen = sys.argv[1:2] != ["peaks"], sys.argv[2:] or CASES
    with tempfile.TemporaryDirectory(dir=os.environ.get("DLTRAIN_SCRATCH", ".")) as folder:
        # A path in a config is relative to the config.
        place = Path(folder).resolve()
        met = [_measured(place, suffix, whole=whole and suffix in TABLES) for suffix in chosen]
    sys.exit(not all(met))


def _measured(folder: Path, suffix: str, *, whole: bool) -> bool:
    case, peaks, speed = CASES[suffix], {}, SPEED
    for times in (1, 2, 4):
        config, path = folder / "big.yaml", folder / f"big{suffix}"
        case.write(path, times * case.rows)
        size = sum(file.stat().st_size for file in (path.rglob("*.*") if path.is_dir() else [path]))
        config.write_text(case.config.format(path=path), encoding="utf-8")
        peaks[times], seconds = _fit(config, folder, None)
        rows = f"{times * case.rows:,} rows, {size / 1e9:.2f} GB"
        print(f"{suffix} {times}x ({rows}): peak {peaks[times] / 1e6:.0f} MB, {seconds:.0f} s", flush=True)
        if whole and times == 4:
            _train_in_limit(config, folder, size)
            speed = _speed(config, path)
            print(f"{suffix}: prepared / read rows per second: {speed:.2f} (bar {SPEED})")
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    growth = max(peaks.values()) / min(peaks.values())
    print(f"{suffix}: largest peak / smallest: {growth:.3f} (bar {FLAT:.2f})", flush=True)
    return growth <= FLAT and speed >= SPEED


def _train_in_limit(config: Path, folder: Path, size: int) -> None:
    """A fit in a control group; one that needs more memory is killed."""
    with _limited() as group:
        if group is None:
            print("no control group can be made here")
            return
        peak, seconds = _fit(config, folder, group)
        print(
            f"{size / LIMIT:.2f} times the limit of {LIMIT / 1e6:.0f} MB, in a group with it: "
            f"trained, peak {peak / 1e6:.0f} MB, {seconds:.0f} s",
            flush=True,
        )


@contextmanager
def _limited() -> Iterator[Path | None]:
    """A control group with the limit, or None where none can be made."""
    try:
        GROUP.mkdir()
        (GROUP / "memory.limit_in_bytes").write_text(str(LIMIT))
    except OSError:
        yield None
        return
    try:
        yield GROUP
    finally:
        GROUP.rmdir()


def _fit(config: Path, folder: Path, group: Path | None) -> tuple[int, float]:
    """The largest anonymous memory of a fit, in bytes, and its seconds."""
    command = [str(Path(sys.executable).with_name("dltrain")), "fit", str(config), "--runs-dir", str(folder / "runs")]
    enter = f"echo $$ > {group}/cgroup.procs && " if group else ""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(
        ["sh", "-c", f'{enter}exec "$@"', "sh", *command], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    while process.poll() is None:
        peak = max(peak, _anonymous(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(command)} exited {process.returncode}:\n{process.stderr.read() if process.stderr else ''}"
        )
    return peak, time.perf_counter() - start


def _anonymous(pid: int) -> int:
    try:
        found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _speed(config: Path, path: Path) -> float:
    """Rows per second that are read, prepared and ready for training, over rows per second that PyArrow reads alone."""
    ratios = []
    for _ in range(3):
        alone = _seconds("read", config, path)
        prepared = _seconds("prepare", config, path)
        ratios.append(alone / prepared)
        print(f"{path.suffix}: PyArrow alone {alone:.1f} s, read and prepared {prepared:.1f} s", flush=True)
    return statistics.median(ratios)


def _seconds(what: str, config: Path, path: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.streaming", what, str(config), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def read(path: Path) -> None:
    """Reads a file by PyArrow in blocks, as a program must that cannot hold it, and drops the rows."""
    import pyarrow.csv
    import pyarrow.parquet

    start = time.perf_counter()
    batches = pyarrow.csv.open_csv(path) if path.suffix == ".csv" else pyarrow.parquet.ParquetFile(path).iter_batches()
    assert sum(batch.num_rows for batch in batches)
    print(time.perf_counter() - start)


def prepare(config: Path) -> None:
    """Reads and prepares all rows as a fit does, after Keras was imported."""
    from dltrain.load import load
    from dltrain.preparation import gather
    from dltrain.runtime.start import start as start_backend
    from dltrain.scratch import Scratch

    experiment, _ = load(config)
    start_backend(experiment.runtime, seed=0)
    start = time.perf_counter()
    gather(experiment, Scratch(config.parent, experiment.runtime.row_memory))
    print(time.perf_counter() - start)


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(Path(sys.argv[3]))
    elif sys.argv[1:2] == ["prepare"]:
        prepare(Path(sys.argv[2]))
    else:
        main()
