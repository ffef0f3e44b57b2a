"""What a table says of each run directory, from its manifest and its scores; nothing heavy is imported.

A stranger may have written a run directory: whatever cannot be read, or makes no sense, is said in place of what it
should have told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dltrain.errors import RunError, UsageError
from dltrain.runs.directory import RunDirectory, now
from dltrain.runs.files import read_json
from dltrain.runs.lock_probe import is_locked
from dltrain.runs.rating import Ratings, line, mapping, read_ratings

STATUSES = ("running", "completed", "failed", "crashed", "interrupted", "killed", "broken")
"""How a run stands. `killed`: its record says running, and no process writes it. `broken`: it has no record."""

_REASONS = {"killed": "its process ended without a word", "broken": "its manifest.json has no status"}


@dataclass(frozen=True)
class Entry:
    """One run, as a table has it.

    Attributes:
        run: its directory.
        status: one of `STATUSES`.
        started: when, in UTC as manifests hold it; None where that is not known.
        seconds: from the beginning to the end, or until now, without the time in which it stood still.
        device: ``cpu`` or ``gpu``.
        backend: such as ``tensorflow``.
        folds: of a cross-validation, how many are asked for; 0 for a single run.
        problem: why the run did not complete, or what of its record cannot be read.
        ratings: its scores.
    """

    run: RunDirectory
    status: str
    started: str | None = None
    seconds: float | None = None
    device: str | None = None
    backend: str | None = None
    folds: int = 0
    problem: str | None = None
    ratings: Ratings = field(default_factory=Ratings)

    @property
    def name(self) -> str:
        """Of the experiment: the folder that the run lies in."""
        return self.run.path.parent.name

    @property
    def number(self) -> int:
        """Of the run among those of its name."""
        return int(self.run.path.name)

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        ratings = self.ratings
        name, baseline = ratings.baseline or (None, None)
        return {
            "run": str(self.run),
            "name": self.name,
            "number": self.number,
            "status": self.status,
            "started": self.started,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "device": self.device,
            "backend": self.backend,
            "folds": self.folds,
            "metric": ratings.metric and f"{ratings.split}.{ratings.metric}",
            **ratings.main.plain(),
            "baseline": baseline and {"name": name, "score": baseline.score, "interval": baseline.interval},
            "problem": self.problem,
        }


def entries(root: Path, names: Iterable[str] = ()) -> Iterator[Entry]:
    """All runs below a folder, by name and number; those of some names, or patterns such as ``mnist-*``, where given.

    Raises:
        UsageError: the folder is not there, or has no run of a name.
    """
    if not root.is_dir():
        raise UsageError(f"no such folder: {root}; name the folder of runs with --runs-dir")
    missing = dict.fromkeys(names)
    patterns = list(missing)
    for folder in _folders(root.resolve()):
        fitting = [pattern for pattern in patterns if fnmatchcase(folder.name, pattern)]
        if patterns and not fitting:
            continue
        for path in sorted(filter(_is_numbered, _folders(folder)), key=lambda path: int(path.name)):
            for pattern in fitting:
                missing.pop(pattern, None)
            yield entry(RunDirectory(path))
    if missing:
        raise UsageError(f"no run is called '{next(iter(missing))}' below {root}; `dltrain runs` shows all")


def entry(run: RunDirectory) -> Entry:
    """What the record of one run says."""
    written = is_locked(run.path)
    try:
        manifest = mapping(read_json(run.manifest))
    except RunError as error:
        if os.path.lexists(run.manifest):
            return Entry(run, "broken", problem=line(error))
        return Entry(run, "running" if written else "broken", problem="it has no manifest.json: nothing was trained")
    status = _status(manifest.get("status"), written)
    first = _of_folds(run, manifest)
    runtime, folds = mapping(first.get("runtime")), manifest.get("folds")
    ratings, problem = _ratings(run, first)
    return Entry(
        run,
        status,
        started=_text(manifest.get("started")),
        seconds=_seconds(manifest, status),
        device=_text(runtime.get("device")),
        backend=_text(runtime.get("backend")),
        folds=folds if isinstance(folds, int) and 0 < folds < 1 << 31 else 0,
        problem=_text(manifest.get("error")) or _REASONS.get(status) or problem,
        ratings=ratings,
    )


def _ratings(run: RunDirectory, manifest: Mapping[str, Any]) -> tuple[Ratings, str | None]:
    """The scores, and what is wrong with them; none where the run has none yet."""
    if not os.path.lexists(run.metrics):
        return Ratings(), None
    try:
        found = read_ratings(read_json(run.metrics), manifest.get("monitor"))
    except RunError as error:
        return Ratings(), line(error)
    return found, None if found.splits else "its metrics.json holds no scores"


def _folders(parent: Path) -> list[Path]:
    """Folders in a folder, in order, without links."""
    try:
        with os.scandir(parent) as found:
            return [parent / name for name in sorted(item.name for item in found if item.is_dir(follow_symlinks=False))]
    except OSError:
        return []


def _is_numbered(path: Path) -> bool:
    return path.name.isascii() and path.name.isdecimal() and len(path.name) < 10


def _status(recorded: Any, written: bool) -> str:
    if recorded == "running" and not written:
        return "killed"
    return recorded if recorded in STATUSES else "broken"


def _of_folds(run: RunDirectory, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest of the first fold, which knows the device, or of the run itself."""
    if "folds" not in manifest:
        return manifest
    try:
        return mapping(read_json(run.fold(1).manifest))
    except RunError:
        return manifest


def _seconds(manifest: Mapping[str, Any], status: str) -> float | None:
    """From the beginning to the end, less the pauses; None where a moment is not known, as that of a kill."""
    resumed = manifest.get("resumed")
    pauses = [mapping(pause) for pause in resumed] if isinstance(resumed, list) else []
    total = _span(manifest.get("started"), now() if status == "running" else manifest.get("ended"))
    for pause in pauses:
        span = _span(pause.get("stopped"), pause.get("at"))
        total = None if total is None or span is None else total - span
    return total if total is not None and total >= 0 else None


def _span(begin: Any, end: Any) -> float | None:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None


def _text(value: Any) -> str | None:
    return line(value) if isinstance(value, str) and value else None
