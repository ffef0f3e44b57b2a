"""The story of a fit: load, prepare, assemble, train, score. Read first; `scoring.py` tells those of a finished run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dltrain.consistency import absent_splits
from dltrain.evaluation.scores import Scorer
from dltrain.experiment import Experiment
from dltrain.preparation import Materials, gather
from dltrain.record import LoggingObserver, finish, header, record, take_weights
from dltrain.result import Result, check_scores
from dltrain.resumption import Past
from dltrain.runs.checkpoints import Checkpoint
from dltrain.runs.directory import RunDirectory, create
from dltrain.runs.writing import OpenRun, locked, writing
from dltrain.runtime.start import Runtime, start
from dltrain.schedules.base import Horizon
from dltrain.scoring import score
from dltrain.scratch import Scratch
from dltrain.spec.document import Document
from dltrain.spec.problems import SpecError
from dltrain.training.loop import Loop
from dltrain.training.observer import Observer
from dltrain.training.stepper import Batches
from dltrain.training.weights import row_weights


def fit(experiment: Experiment, document: Document, *, runs_dir: Path, observer: Observer) -> Result:
    """Trains and scores a checked experiment.

    Args:
        experiment: as `load` gives it.
        document: places what is found wrong with the experiment.
        runs_dir: the folder that run directories are made in.
        observer: is told how training goes.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    result = train(
        experiment, document, runs_dir=runs_dir, new=lambda: create(runs_dir, experiment.name), observer=observer
    )
    check_scores(experiment, result.scores, result.directory)
    return result


def train(
    experiment: Experiment, document: Document, *, runs_dir: Path, new: Callable[[], RunDirectory], observer: Observer
) -> Result:
    """The same without a look at what is expected, in the run directory that `new` makes after all checks."""
    ready = _ready(experiment, document, runs_dir, observer)
    run = new()
    with locked(run), writing(run) as opened:
        record(run, document, ready.materials, ready.started)
        return _completed(ready, opened, observer)


def resume(
    run: RunDirectory, experiment: Experiment, document: Document, *, force: bool = False, observer: Observer
) -> Result:
    """Goes on with a run from its last checkpoint, and scores it; a finished one is left as it is.

    Args:
        run: a single run.
        experiment: as `load` gives it for the run's ``experiment.yaml`` or its config.
        document: places what is found wrong with the experiment.
        force: go on although something has changed since the run began.
        observer: is told how training goes.

    Raises:
        RunBusyError: another process writes the run.
        UsageError: something has changed, which is named.
        RunError: no checkpoint is whole.
    """
    with locked(run):
        past = Past.of(run)
        if (reason := past.finished(experiment.trainer.epochs)) is not None:
            observer.note(f"{run} is complete: {reason}")
            return past.result
        checkpoint = past.checkpoint(observer)
        past.refuse_fewer(experiment.trainer.epochs, checkpoint)
        ready = _ready(past.pinned(experiment), document, run.path, observer, fresh=checkpoint is None)
        changes = past.changes(ready.materials, ready.started, force=force)
        with writing(run) as opened:
            past.record(ready.materials.assembly.experiment, checkpoint, changes)
            for line in past.notes(ready.materials.assembly.experiment, ready.horizon, checkpoint, changes):
                observer.note(line)
            return _completed(ready, opened, observer, checkpoint)


@dataclass(frozen=True)
class _Ready:
    """Everything that a training needs.

    Attributes:
        taken: what was said of weights taken from another run.
        clock: when reading the data began.
    """

    materials: Materials
    training: Batches
    validation: Batches | None
    started: Runtime
    taken: str | None
    clock: float

    @property
    def horizon(self) -> Horizon:
        return Horizon(len(self.training), self.materials.assembly.experiment.trainer.epochs)


def _ready(
    experiment: Experiment, document: Document, folder: Path, observer: Observer, *, fresh: bool = True
) -> _Ready:
    observer.phase(f"starting {experiment.runtime.backend}")
    started = start(experiment.runtime, seed=experiment.seed)
    clock = time.perf_counter()
    observer.phase("reading and preparing the data")
    with document.locating():
        materials = gather(experiment, Scratch(folder, experiment.runtime.row_memory), observer.note)
        training, validation = _batches(materials, "train"), _batches(materials, "validation")
        _compile(materials, len(training), started)
        taken = take_weights(materials.assembly) if fresh else None
    return _Ready(materials, training, validation or None, started, taken, clock)


def _completed(ready: _Ready, run: OpenRun, observer: Observer, checkpoint: Checkpoint | None = None) -> Result:
    """Trains, scores, and records both."""
    materials, started, directory = ready.materials, ready.started, run.directory
    assembly = materials.assembly
    run.log.write(started.messages)
    observer = LoggingObserver(observer, run.log)
    observer.header(header(directory, materials, started) | ({"weights": ready.taken} if ready.taken else {}))
    for finding in materials.findings:
        observer.note(f"audit: {finding.text}")
    ended = Loop(assembly, ready.training, ready.validation, run=run, observer=observer)(checkpoint)
    observer.phase("scoring")
    scorer = Scorer(assembly)
    scores = {name: score(scorer, split) for name, split in materials.prepared.items()}
    finish(directory, assembly, scores, epochs=ended.epochs, best_epoch=ended.best_epoch)
    observer.note(f"{ended.reason}; the weights of epoch {ended.best_epoch} are kept")
    seconds = time.perf_counter() - ready.clock
    return Result(directory, ended.epochs, ended.best_epoch, seconds, started.device, started.backend, scores)


def _batches(materials: Materials, split: str) -> Batches:
    assembly, prepared = materials.assembly, materials.prepared.get(split, materials.prepared["train"].none())
    targets = assembly.task.encode(prepared.values, assembly.target, assembly.outputs.form)
    weights = row_weights(materials) if split == "train" else None
    return Batches(prepared.inputs, targets, assembly.experiment.trainer.batch_size, weights)


def _compile(materials: Materials, steps: int, started: Runtime) -> None:
    """Compiles the model.

    Raises:
        SpecError: a setting does not fit the data.
    """
    assembly = materials.assembly
    if absent := list(absent_splits(assembly.experiment, [name for name, _ in materials.splits.items()])):
        raise SpecError(absent)
    horizon = Horizon(steps, assembly.experiment.trainer.epochs)
    assembly.compile(horizon, steps_per_execution=min(started.steps_per_execution, steps))
