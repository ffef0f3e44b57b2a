"""Run directories that are no longer wanted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from dltrain.errors import RunError, UsageError, storing
from dltrain.runs.directory import RunDirectory, point_latest
from dltrain.runs.files import read_json
from dltrain.runs.writing import locked

_WRITTEN = {
    "config.yaml", "experiment.yaml", "log.txt", "history.csv", "signature.json", "preprocessing", "checkpoints",
    "splits.safetensors", "weights.safetensors", "model.keras", "metrics.json", "predictions", "figures", ".lock",
}  # fmt: skip
"""What lies in the directory of a run that ended before it had a manifest."""


@dataclass(frozen=True)
class Removal:
    """Run directories that can be removed.

    Attributes:
        runs: each once.
        bytes: that their files take.
    """

    runs: tuple[RunDirectory, ...]
    bytes: int


def plan_removal(paths: Iterable[Path]) -> Removal:
    """Finds the runs; nothing is touched.

    Args:
        paths: of runs; the folder of a name does not stand for its newest, but ``<name>/latest`` does.

    Raises:
        UsageError: one is no run directory, or not all of a run.
    """
    runs = tuple(dict.fromkeys(_run(path) for path in paths))
    return Removal(runs, sum(_size(run.path) for run in runs))


def remove(removal: Removal) -> None:
    """Removes all of them, or none where one is being written; `latest` points to the newest that is left.

    Links inside of a run directory are removed, and not what they point to.

    Raises:
        RunBusyError: a process writes one of the runs.
        RunError: the disk is read-only or broken.
    """
    with ExitStack() as stack:
        for run in removal.runs:
            stack.enter_context(locked(run))
        for run in removal.runs:
            _remove(run)


def _run(path: Path) -> RunDirectory:
    if path.name == "latest" and path.is_symlink() and os.readlink(path).isdecimal():
        path = path.parent / os.readlink(path)
    if path.is_symlink():
        raise UsageError(f"{path} is a link to {os.readlink(path)}; name the run directory itself")
    if not path.is_dir():
        raise UsageError(f"{path} is not a run directory; give one such as runs/digits-mlp/1")
    run = RunDirectory(path.resolve())
    if run.whole != run:
        raise UsageError(f"{path} is a fold of {run.whole}, whose scores would be of runs that are gone; name that")
    if not _is_run(run):
        numbers = sorted((child.name for child in path.iterdir() if child.name.isdecimal()), key=int)
        remedy = f"name its runs, such as {path / numbers[-1]}" if numbers else "give one such as runs/digits-mlp/1"
        raise UsageError(f"{path} is not a run directory, and is not removed; {remedy}")
    return run


def _is_run(run: RunDirectory) -> bool:
    """Whether it has a manifest, or a number for a name and nothing in it but what a run begins with."""
    with suppress(RunError):
        manifest = read_json(run.manifest)
        return isinstance(manifest, dict) and "status" in manifest
    names = {child.name for child in run.path.iterdir()}
    known = _WRITTEN | {run.manifest.name}
    return run.path.name.isdecimal() and all(name in known or _is_made_too(name) for name in names)


def _is_made_too(name: str) -> bool:
    return name.startswith(("fold-", "config.base-")) or (name.startswith(".") and name.endswith(".tmp"))


def _size(folder: Path) -> int:
    """The bytes of all files below a folder, without following links."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size
    return total


def _remove(run: RunDirectory) -> None:
    """Under another name first, so that a run is never there in part."""
    parent = run.path.parent
    hidden = parent / f".removed-{run.path.name}-{os.getpid()}"
    with storing(f"remove {run}", "remove what is left by hand"):
        run.path.rename(hidden)
        _mend_latest(parent, sorted(int(child.name) for child in parent.iterdir() if child.name.isdecimal()))
        shutil.rmtree(hidden)
        with suppress(OSError):
            parent.rmdir()


def _mend_latest(parent: Path, numbers: Sequence[int]) -> None:
    latest = parent / "latest"
    if not latest.is_symlink() or latest.exists():
        return
    if numbers:
        point_latest(parent, str(numbers[-1]))
    else:
        latest.unlink()
