"""`runs/<name>/<number>/`: what is in it, and how one is made and found."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from dltrain.errors import RunBusyError, RunError, UsageError
from dltrain.runs.files import read_json, storing, write_json


@dataclass(frozen=True)
class RunDirectory:
    """The names of all artifacts of one run."""

    path: Path

    def __str__(self) -> str:
        with suppress(ValueError):
            return str(self.path.relative_to(Path.cwd()))
        return str(self.path)

    @property
    def config(self) -> Path:
        """The config as written, verbatim."""
        return self.path / "config.yaml"

    def base(self, number: int) -> Path:
        """A file that the config extends, verbatim; 1 is the nearest."""
        return self.path / f"config.base-{number}.yaml"

    @property
    def experiment(self) -> Path:
        """The config with every default and every derived value written out; it reruns the run."""
        return self.path / "experiment.yaml"

    @property
    def manifest(self) -> Path:
        """Status, versions, device, fingerprints and times."""
        return self.path / "manifest.json"

    @property
    def log(self) -> Path:
        """What was printed, with times."""
        return self.path / "log.txt"

    @property
    def history(self) -> Path:
        """Loss and metrics of every epoch."""
        return self.path / "history.csv"

    @property
    def signature(self) -> Path:
        """Features and target."""
        return self.path / "signature.json"

    @property
    def statistics(self) -> Path:
        """What preprocessing learned from the training rows."""
        return self.path / "preprocessing" / "statistics.json"

    @property
    def splits(self) -> Path:
        """The row ids of each split."""
        return self.path / "splits.safetensors"

    @property
    def checkpoints(self) -> Path:
        """The folder of the last states of training, to go on from."""
        return self.path / "checkpoints"

    @property
    def weights(self) -> Path:
        """The best weights by `trainer.monitor`, by path."""
        return self.path / "weights.safetensors"

    @property
    def model(self) -> Path:
        """Preprocessing and network for the rest of the Keras world: raw rows in."""
        return self.path / "model.keras"

    @property
    def metrics(self) -> Path:
        """The final scores of each split."""
        return self.path / "metrics.json"

    def predictions(self, split: str) -> Path:
        """What the kept weights predict of each row of a split."""
        return self.path / "predictions" / f"{split}.safetensors"

    @property
    def folds(self) -> list[RunDirectory]:
        """The runs of a cross-validation; none for a single run."""
        there = (path for path in self.path.glob("fold-*") if not path.is_symlink())
        found = [path for path in there if (path / "manifest.json").is_file()]
        return [RunDirectory(path) for path in sorted(found, key=lambda path: (len(path.name), path.name))]

    def fold(self, number: int) -> RunDirectory:
        """One run of a cross-validation, from 1, which may not be there yet."""
        return RunDirectory(self.path / f"fold-{number}")

    @property
    def whole(self) -> RunDirectory:
        """The cross-validation that this run is a fold of, or the run itself."""
        parent = self.path.parent
        is_fold = self.path.name.startswith("fold-") and (parent / "manifest.json").is_file()
        return RunDirectory(parent) if is_fold else self

    def single(self) -> RunDirectory:
        """This run.

        Raises:
            UsageError: it is a cross-validation, which has no model of its own.
        """
        if folds := self.folds:
            raise UsageError(f"{self} has {len(folds)} folds, each with a model; name one, such as {folds[0]}")
        return self

    def update_manifest(self, **values: Any) -> None:
        """Adds to the manifest, or changes it."""
        known = read_json(self.manifest) if self.manifest.exists() else {}
        write_json(self.manifest, {**known, **values})


class RunLock:
    """Held while a run directory is written; the kernel frees it when the process ends."""

    def __init__(self, directory: RunDirectory) -> None:
        path = directory.path / ".lock"
        with storing(path):
            self._file: IO[bytes] = path.open("ab")
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise RunBusyError(f"{directory} is being written by another process; wait for it, or stop it") from None

    def release(self) -> None:
        """Lets others write."""
        self._file.close()


def create(root: Path, name: str) -> RunDirectory:
    """Makes `root/name/<next number>`; of processes that do so at once, each gets its own.

    Raises:
        RunError: the disk is full or read-only.
    """
    parent = root / name
    with storing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        number = max((int(child.name) for child in parent.iterdir() if child.name.isdecimal()), default=0) + 1
        while True:
            path = parent / str(number)
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
                continue
            point_latest(parent, path.name)
            return RunDirectory(path.resolve())


def create_fold(parent: RunDirectory, fold: int) -> RunDirectory:
    """Makes the directory of one run of a cross-validation; one that nothing was recorded in is taken again.

    Raises:
        RunError: the disk is full or read-only.
    """
    made = parent.fold(fold)
    with storing(made.path):
        made.path.mkdir(exist_ok=not made.manifest.exists())
    return made


def point_latest(parent: Path, name: str) -> None:
    """Lets `latest` point to a run beside it."""
    temporary = parent / f".latest.{os.getpid()}"
    with suppress(FileNotFoundError):
        temporary.unlink()
    temporary.symlink_to(name)
    temporary.replace(parent / "latest")


def find(path: str | Path) -> RunDirectory:
    """The run at `path`; the folder of a name stands for its newest run.

    The path is the user's, and may lead over links. Of what lies below it, only `latest` may be a link, and
    only to a run beside it.

    Raises:
        UsageError: there is no run.
    """
    folder = Path(path)
    if not (folder / "manifest.json").is_file() and (folder / "latest").is_symlink():
        folder = folder / "latest"
    if folder.name == "latest" and folder.is_symlink() and not os.readlink(folder).isdecimal():
        raise UsageError(f"{folder} is a link to {os.readlink(folder)}, and to no run beside it; name the run itself")
    if not (folder / "manifest.json").is_file():
        raise UsageError(f"{path} is not a run directory; give one such as runs/digits-mlp/1")
    return RunDirectory(folder.resolve())


def latest(root: Path, name: str | None = None) -> RunDirectory:
    """The run below `root` that was begun last, of those with that name where one is given; else as `newest`.

    Raises:
        UsageError: there is none.
    """
    found = [(str(manifest.get("started") or ""), folder) for manifest, folder in _recorded(root, name or "*")]
    if not found:
        raise UsageError(f"no run below {root / (name or '')} to go on with; leave --resume out to begin one")
    return RunDirectory(max(found)[1])


def newest(root: Path) -> RunDirectory:
    """The run below `root` that completed last; those that cannot be read, or are links, are passed over.

    Raises:
        UsageError: there is none.
    """
    found = [
        (ended, folder)
        for manifest, folder in _recorded(root, "*")
        if isinstance(ended := manifest.get("ended"), str) and ended and (folder / "metrics.json").is_file()
    ]
    if not found:
        raise UsageError(f"no completed run below {root}; run `dltrain fit CONFIG` first, or give the path of a run")
    return RunDirectory(max(found)[1])


def _recorded(root: Path, name: str) -> Iterator[tuple[dict[str, Any], Path]]:
    """The manifests of the runs of a name, or of a pattern, that can be read, and their folders."""
    for path in root.resolve().glob(f"{name}/[0-9]*/manifest.json"):
        with suppress(RunError):
            if isinstance(manifest := read_json(path), dict):
                yield manifest, path.parent


def now() -> str:
    """The time in UTC, as manifests hold it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
