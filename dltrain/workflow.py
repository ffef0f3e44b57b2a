"""The story of a fit: load, prepare, assemble, train, score. Read first; `scoring.py` tells those of a finished run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dltrain.baselines.standing import Standing, held_split, standing
from dltrain.coach.case import Case
from dltrain.coach.coach import advise
from dltrain.coach.course import Course
from dltrain.consistency import absent_splits
from dltrain.evaluation.measured import recorded
from dltrain.evaluation.scores import Scorer
from dltrain.evidence.collect import HeldOut, keep_evidence
from dltrain.experiment import Experiment
from dltrain.foresight import takes_onednn
from dltrain.models.trimming import lengths_of
from dltrain.preparation import Materials, gather
from dltrain.record import LoggingObserver, finish, header, keep_predictions, record, take_weights
from dltrain.result import Result
from dltrain.resumption import Past
from dltrain.runs.checkpoints import Checkpoint
from dltrain.runs.directory import RunDirectory
from dltrain.runs.writing import OpenRun, locked, writing
from dltrain.runtime.start import Runtime, Starting
from dltrain.schedules.base import Horizon
from dltrain.scoring import measure
from dltrain.scratch import Scratch
from dltrain.spec.document import Document
from dltrain.spec.problems import SpecError
from dltrain.training.loop import Loop
from dltrain.training.observer import Observer
from dltrain.training.stepper import Batches
from dltrain.training.weights import row_weights
from dltrain.workload import steps_per_execution


def train(
    experiment: Experiment, document: Document, *, runs_dir: Path, new: Callable[[], RunDirectory], observer: Observer
) -> Result:
    """Trains and scores a checked experiment; `cross_validation.fit` does so for one or several, and reports.

    Args:
        experiment: as `load` gives it.
        document: places what is found wrong with the experiment.
        runs_dir: the folder of run directories.
        new: makes the run directory, after all checks.
        observer: is told how training goes.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    ready = get_ready(experiment, document, runs_dir, observer)
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
        ready = get_ready(past.pinned(experiment), document, run.path, observer, fresh=checkpoint is None)
        changes = past.changes(ready.materials, ready.started, force=force)
        with writing(run) as opened:
            past.record(ready.materials.assembly.experiment, checkpoint, changes)
            for line in past.notes(ready.materials.assembly.experiment, ready.horizon, checkpoint, changes):
                observer.note(line)
            return _completed(ready, opened, observer, checkpoint)


@dataclass(frozen=True)
class Ready:
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
        """How long the training is."""
        return Horizon(len(self.training), self.materials.assembly.experiment.trainer.epochs)


def get_ready(
    experiment: Experiment, document: Document, folder: Path, observer: Observer, *, fresh: bool = True
) -> Ready:
    """Starts the backend, prepares the data, and compiles the model.

    Args:
        experiment: as `load` gives it, of a single run.
        document: places what is found wrong with the experiment.
        folder: holds prepared rows that do not fit into memory, in files without a name.
        observer: is told what is being done.
        fresh: whether weights of another run may be taken, as the config says.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    for callback in experiment.trainer.callbacks:
        callback.require()
    observer.phase(f"starting {experiment.runtime.backend}")
    beside, onednn = experiment.dataset.packages, takes_onednn(experiment)
    starting = Starting(experiment.runtime, seed=experiment.seed, beside=beside, onednn=onednn)
    clock = time.perf_counter()
    observer.phase("reading and preparing the data")
    with document.locating():
        materials = gather(experiment, Scratch(folder, experiment.runtime.row_memory), observer.note, starting)
        training, validation = batches(materials, "train"), batches(materials, "validation")
        _compile(materials, len(training))
        taken = take_weights(materials.assembly) if fresh else None
    return Ready(materials, training, validation or None, starting(), taken, clock)


def _completed(ready: Ready, run: OpenRun, observer: Observer, checkpoint: Checkpoint | None = None) -> Result:
    """Trains, scores, and records both."""
    materials, started, directory = ready.materials, ready.started, run.directory
    assembly = materials.assembly
    run.log.write(started.messages)
    observer = LoggingObserver(observer, run.log)
    observer.header(header(directory, materials, started) | ({"weights": ready.taken} if ready.taken else {}))
    for finding in materials.findings:
        observer.note(f"audit: {finding.text}")
    loop = Loop(assembly, ready.training, ready.validation, run=run, observer=observer)
    ended = loop(checkpoint)
    observer.phase("scoring")
    measured = _measured(ready, run, observer, _course(materials, loop.history.rows, ended.best_epoch))
    plain = measured | {"findings": [finding.plain() for finding in measured["findings"]]}
    finish(directory, assembly, plain, epochs=ended.epochs, best_epoch=ended.best_epoch)
    observer.note(f"{ended.reason}; the weights of epoch {ended.best_epoch} are kept")
    seconds = time.perf_counter() - ready.clock
    return Result(directory, ended.epochs, ended.best_epoch, seconds, started.device, started.backend, **measured)


def _course(materials: Materials, rows: Sequence[Mapping[str, float]], kept: int) -> Course:
    experiment = materials.assembly.experiment
    monitor, epochs = experiment.kept_by, experiment.trainer.epochs
    return Course(rows, epochs, kept, monitor, experiment.mode(monitor or "loss"), len(materials.splits.validation))


def _measured(ready: Ready, run: OpenRun, observer: Observer, course: Course) -> dict[str, Any]:
    """What a result holds: the scores of each split and what is known of them, baselines, verdict, and findings."""
    materials, scorer, held = ready.materials, Scorer(ready.materials.assembly), held_split(ready.materials.prepared)
    rows, every = dict(materials.splits.items()), {}
    for name, split in materials.prepared.items():
        every[name] = measure(scorer, split, intervals=name == held)
        if name != "train":
            keep_predictions(run.directory, name, every[name].predictions, rows[name])
    found, out = Standing(), None
    if held is not None:
        network = every[held]
        found = standing(materials, scorer, network, ready.training.weights, tell=observer.phase)
        out = HeldOut(held, network.predictions, rows[held])
    failed = keep_evidence(run.directory, materials, ready.training.order(materials.assembly.experiment.seed, 0), out)
    stands = found.plain()
    advice = advise(Case(materials, course, every, held, stands["verdict"], ready.training.weights is not None))
    for line in [*found.notes, *found.lines, *failed, *advice.lines]:
        run.log.write(line)
    return {**recorded(every), **stands, "findings": advice.findings}


def batches(materials: Materials, split: str) -> Batches:
    """The batches of a split; none where it has no rows."""
    assembly, prepared = materials.assembly, materials.prepared.get(split, materials.prepared["train"].none())
    targets = assembly.task.encode(prepared.values, assembly.target, assembly.outputs.form)
    weights = row_weights(materials) if split == "train" else None
    lengths = lengths_of(prepared.inputs, assembly.experiment.runtime.backend) if assembly.trimmed else None
    return Batches(prepared.inputs, targets, assembly.experiment.trainer.batch_size, weights, lengths)


def _compile(materials: Materials, steps: int) -> None:
    """Compiles the model.

    Raises:
        SpecError: a setting does not fit the data.
    """
    assembly = materials.assembly
    if absent := list(absent_splits(assembly.experiment, [name for name, _ in materials.splits.items()])):
        raise SpecError(absent)
    horizon = Horizon(steps, assembly.experiment.trainer.epochs)
    assembly.compile(horizon, steps_per_execution=steps_per_execution(assembly.experiment, assembly.plan, steps))
