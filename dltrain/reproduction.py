"""A run trained again from its record, and what is equal and what drifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dltrain.comparison import (
    RESULTS,
    Aspect,
    compare_data,
    compare_history,
    compare_runtime,
    compare_scores,
    compare_splits,
    compare_versions,
    compare_weights,
    manifest_of,
)
from dltrain.cross_validation import train
from dltrain.errors import RunError, UsageError
from dltrain.experiment import Experiment
from dltrain.load import load
from dltrain.opening import fingerprint_of, require_sound
from dltrain.runs.directory import RunDirectory
from dltrain.runtime.environment import prepare_environment
from dltrain.runtime.settings import RuntimeSpec
from dltrain.spec.document import Document
from dltrain.training.observer import Observer


@dataclass(frozen=True)
class Reproduction:
    """A run, and the same again.

    Attributes:
        run: the first.
        again: the second.
        aspects: what was compared of each part: of the run itself under the name ``""``, and of each fold
            of a cross-validation under that of its folder.
    """

    run: RunDirectory
    again: RunDirectory
    aspects: Mapping[str, tuple[Aspect, ...]]

    @property
    def drifted(self) -> list[str]:
        """The aspects that differ, such as ``fold-2 weights``."""
        return [
            f"{part} {aspect.name}".strip()
            for part, aspects in self.aspects.items()
            for aspect in aspects
            if not aspect.equal
        ]

    @property
    def equal(self) -> bool:
        """Whether history, weights and scores have the same bits."""
        return not any(name.split()[-1] in RESULTS for name in self.drifted)

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        parts = {part: {aspect.name: aspect.plain() for aspect in found} for part, found in self.aspects.items()}
        own = parts.pop("")
        folds = {"folds": parts} if parts else {}
        return {"run": str(self.run), "again": str(self.again), "equal": self.equal, **own, **folds}


def reproduce(
    run: RunDirectory, *, runs_dir: Path | None = None, force: bool = False, observer: Observer
) -> Reproduction:
    """Trains a completed run again, on as many threads as it had, in a new run directory.

    Args:
        run: the run.
        runs_dir: the folder that the new run directory is made in; by default the run's own.
        force: train also on data that has changed.
        observer: is told how training goes.

    Raises:
        UsageError: the run did not complete, or its data has changed.
        RunError: its record is damaged, or a stranger's that asks for too much.
        ConfigError: its record or its data is no longer there.
    """
    _require_completed(run)
    # What is damaged is found now, and not after hours of training.
    compare(run, run)
    require_sound(run)
    experiment, document = load(run.experiment, recorded=True)
    first = (run.folds or [run])[0]
    experiment = experiment.completed(runtime=_as_recorded(experiment.runtime, first))
    observer.phase("looking at the data")
    _require_data(experiment, document, first, force=force)
    root = runs_dir or _folder_of_runs(run, experiment.name)
    return compare(run, train(experiment, document, runs_dir=root, observer=observer).directory)


def compare(run: RunDirectory, again: RunDirectory) -> Reproduction:
    """What is equal in two runs, and what differs.

    Raises:
        RunError: the record of one is damaged.
    """
    folds = [(fold, again.fold(number)) for number, fold in enumerate(run.folds, 1)]
    made_from = [compare_data, compare_splits, compare_versions, compare_runtime]
    made = [compare_history, compare_weights, compare_scores]
    if not folds:
        return Reproduction(run, again, {"": tuple(compared(run, again) for compared in made_from + made)})
    shared = [compared(*folds[0]) for compared in made_from if compared is not compare_splits]
    parts = {"": (*shared, compare_scores(run, again))}
    for was, now in folds:
        parts[was.path.name] = tuple(compared(was, now) for compared in [compare_splits, *made])
    return Reproduction(run, again, parts)


def _require_completed(run: RunDirectory) -> None:
    status = manifest_of(run).get("status")
    if status != "completed":
        text = f"{run} did not complete (its status is {status}), so there is no result to compare with"
        raise UsageError(f"{text}; go on with it first: dltrain fit --resume {run.whole}")


def _as_recorded(spec: RuntimeSpec, run: RunDirectory) -> RuntimeSpec:
    """What the config leaves to the machine is as it was; a GPU that is not there is none, and shows in the result."""
    runtime = manifest_of(run).get("runtime")
    if not isinstance(runtime, dict):
        raise RunError(f"{run.manifest} has no runtime; it is damaged, or from another version")
    settings = spec.model_dump()
    left = ["threads", "steps_per_execution", *(["intra_op_threads", "onednn"] if spec.backend == "tensorflow" else [])]
    settings |= {name: runtime.get(name) for name in left if settings[name] is None}
    if settings["device"] == "auto" and runtime.get("device") == "cpu":
        settings["device"] = "cpu"
    try:
        return RuntimeSpec.model_validate(settings)
    except ValidationError as error:
        setting = ".".join(map(str, error.errors()[0]["loc"]))
        raise RunError(f"{run.manifest}: runtime.{setting} is no such setting; it is damaged") from None


def _require_data(experiment: Experiment, document: Document, run: RunDirectory, *, force: bool) -> None:
    prepare_environment(experiment.runtime)
    with document.locating():
        dataset = experiment.dataset.load(experiment.extras)
    if dataset.fingerprint != fingerprint_of(run) and not force:
        text = f"{dataset.origin} has changed since {run.whole} was trained, so the result would be another"
        raise UsageError(f"{text}; restore it, or train on what is there with --force")


def _folder_of_runs(run: RunDirectory, name: str) -> Path:
    """The folder that the run's directory was made in; one that was moved elsewhere gives no sign of it."""
    folder = run.whole.path.parent
    return folder.parent if folder.name == name else Path("runs")
