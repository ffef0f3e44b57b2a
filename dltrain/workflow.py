"""Whole stories: fit = load, prepare, assemble, train, score; evaluate and predict rebuild. Read first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.data.source import NAIVE
from dltrain.errors import ExpectationError, UsageError
from dltrain.evaluation.predictions import Predicted, open_rows, predict_source
from dltrain.evaluation.scores import Scorer, Scores
from dltrain.experiment import Experiment, meets
from dltrain.preparation import Materials, PreparedSplit, gather, prepare, prepare_source
from dltrain.record import (
    LoggingObserver,
    fingerprint_of,
    finish,
    header,
    load_weights,
    open_assembly,
    record,
    take_weights,
    writing,
)
from dltrain.runs.directory import RunDirectory, create
from dltrain.runs.files import read_arrays
from dltrain.runtime.start import Runtime, start
from dltrain.schedules.base import Horizon
from dltrain.scratch import Scratch
from dltrain.spec.document import Document
from dltrain.spec.problems import Problem, SpecError, one_of
from dltrain.splits.base import Splits
from dltrain.training.loop import Loop
from dltrain.training.observer import Observer
from dltrain.training.stepper import Batches
from dltrain.training.weights import row_weights

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Result:
    """A run that has completed.

    Attributes:
        directory: where everything about it lies.
        epochs: how many were run.
        best_epoch: whose weights were kept and scored, from 1.
        seconds: of the whole fit, without imports.
        device: ``cpu`` or ``gpu``.
        scores: of each split that has rows.
    """

    directory: RunDirectory
    epochs: int
    best_epoch: int
    seconds: float
    device: str
    backend: str
    scores: Mapping[str, Scores]

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "run": str(self.directory),
            "status": "completed",
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "device": self.device,
            "backend": self.backend,
            "scores": dict(self.scores),
        }


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
    observer.phase(f"starting {experiment.runtime.backend}")
    started = start(experiment.runtime, seed=experiment.seed)
    clock = time.perf_counter()
    observer.phase("reading and preparing the data")
    with document.locating():
        materials = gather(experiment, Scratch(runs_dir, experiment.runtime.row_memory))
        training, validation = _batches(materials, "train"), _batches(materials, "validation")
        taken = _compile(materials, len(training), started)
    run = new()
    with writing(run) as log:
        log.write(started.messages)
        observer = LoggingObserver(observer, log)
        record(run, document, materials, started)
        observer.header(header(run, materials, started) | ({"weights": taken} if taken else {}))
        for finding in materials.findings:
            observer.note(f"audit: {finding.text}")
        ended = Loop(materials.assembly, training, validation or None, run=run, observer=observer)()
        observer.phase("scoring")
        scorer = Scorer(materials.assembly)
        scores = {name: _score(scorer, split) for name, split in materials.prepared.items()}
        finish(run, materials.assembly, scores, epochs=ended.epochs, best_epoch=ended.best_epoch)
        observer.note(f"{ended.reason}; the weights of epoch {ended.best_epoch} are kept")
    seconds = time.perf_counter() - clock
    return Result(run, ended.epochs, ended.best_epoch, seconds, started.device, started.backend, scores)


def evaluate(run: RunDirectory, *, split: str = "test", data: str | Path | None = None) -> Scores:
    """Scores a completed run again, or on other labelled data.

    Args:
        run: the run.
        split: ``train``, ``validation`` or ``test``; without effect where `data` is given.
        data: a file of the format that the run was trained on.

    Raises:
        UsageError: the run has no such split.
        DataError: the data is broken, or is not what the run was trained on.
    """
    assembly = _opened(run)
    experiment = assembly.experiment
    scratch = Scratch(run.path, experiment.runtime.row_memory)
    if data is not None:
        path = str(Path(data).absolute())
        prepared = prepare_source(
            assembly, experiment.dataset.open_file(path, assembly.preprocessing.features), str(data), scratch
        )
        return _score(Scorer(assembly), prepared)
    splits = Splits.of(read_arrays(run.splits))
    names = [name for name, _ in splits.items()]
    if split not in names:
        raise UsageError(f"{run} has no {split} split; it has {one_of(names)}")
    dataset = experiment.dataset.load(experiment.extras)
    if dataset.fingerprint != fingerprint_of(run):
        raise UsageError(
            f"{dataset.origin} has changed since {run} was trained; restore it, or score the new data with --data FILE"
        )
    prepared = prepare(assembly, dataset, splits.only(split), scratch)[split]
    return _score(Scorer(assembly), prepared)


def predict(run: RunDirectory, rows: Any, *, most_classes: int = 20) -> Iterator[Predicted]:
    """Tables of predictions of consecutive rows, whose target is not looked at; `rows` as `dltrain.predict` takes them.

    Raises:
        DataError: the rows are broken, or are not what the run was trained on; also between tables.
    """
    assembly = open_assembly(run)
    source, origin = open_rows(assembly, rows)
    _start(run, assembly)
    return predict_source(assembly, source, origin, most_classes=most_classes)


def _score(scorer: Scorer, split: PreparedSplit) -> Scores:
    return scorer.score(split.inputs, split.values, split.extras.get(NAIVE))


def open_model(run: RunDirectory) -> keras.Model:
    """A run's model with the kept weights: raw rows in, outputs out."""
    return _opened(run).saved_model()


def _opened(run: RunDirectory) -> Assembly:
    """A run's assembly with the kept weights, on the backend that the run was trained on."""
    assembly = open_assembly(run)
    _start(run, assembly)
    return assembly


def _start(run: RunDirectory, assembly: Assembly) -> None:
    start(assembly.experiment.runtime, seed=assembly.experiment.seed)
    load_weights(run, assembly)


def _batches(materials: Materials, split: str) -> Batches:
    assembly, prepared = materials.assembly, materials.prepared.get(split, materials.prepared["train"].none())
    targets = assembly.task.encode(prepared.values, assembly.target, assembly.outputs.form)
    weights = row_weights(materials) if split == "train" else None
    return Batches(prepared.inputs, targets, assembly.experiment.trainer.batch_size, weights)


def _compile(materials: Materials, steps: int, started: Runtime) -> str | None:
    """Compiles the model and takes initial weights; returns what was taken.

    Raises:
        SpecError: a setting does not fit the data.
    """
    assembly = materials.assembly
    _check_expectations(assembly, materials.splits)
    horizon = Horizon(steps, assembly.experiment.trainer.epochs)
    assembly.compile(horizon, steps_per_execution=min(started.steps_per_execution, steps))
    return take_weights(assembly)


def _check_expectations(assembly: Assembly, splits: Splits) -> None:
    names = [name for name, _ in splits.items()]
    missing = [(key, split) for key in assembly.experiment.expect if (split := key.partition(".")[0]) not in names]
    if missing:
        there = one_of(names)
        raise SpecError(
            Problem(f"there is no {split} split; there is {there}", ("expect", key), key=True) for key, split in missing
        )


def check_scores(experiment: Experiment, scores: Mapping[str, Mapping[str, Any]], run: RunDirectory) -> None:
    """Raises ExpectationError where a score misses what the config expects."""
    missed = []
    for key, bound in experiment.expect.items():
        split, _, name = key.partition(".")
        found = scores[split][name]
        if not meets(found, bound):
            missed.append(f"{key} is {found}, and expect asks for {bound} ({run})")
    if missed:
        raise ExpectationError("\n".join(missed))
