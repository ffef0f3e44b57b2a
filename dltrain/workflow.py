"""Whole stories: fit = load, prepare, assemble, train, score; evaluate = rebuild, score. Read first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain import runtime
from dltrain.assemble import Assembly
from dltrain.errors import DltrainError, ExpectationError, UsageError
from dltrain.evaluation.scores import Scores, metrics_to_report, score
from dltrain.experiment import Experiment, meets
from dltrain.load import load
from dltrain.preparation import Materials, gather, prepare, prepare_source
from dltrain.record import finish, open_assembly, record, take_weights
from dltrain.runs.directory import RunDirectory, RunLock, create, now
from dltrain.runs.files import read_arrays, read_json
from dltrain.runs.log import RunLog
from dltrain.schedules.base import Horizon
from dltrain.schedules.constant import Constant
from dltrain.spec.document import Document
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion
from dltrain.splits.base import Splits
from dltrain.training.loop import Loop, Training
from dltrain.training.observer import EpochReport, Observer
from dltrain.training.stepper import Batches, Logs

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Result:
    """A run that has completed.

    Attributes:
        directory: where everything about it lies.
        status: ``completed``.
        epochs: how many were run.
        best_epoch: whose weights were kept and scored, from 1.
        seconds: of the whole fit, without imports.
        device: ``cpu`` or ``gpu``.
        scores: of each split that has rows.
    """

    directory: RunDirectory
    status: str
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
            "status": self.status,
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "device": self.device,
            "backend": self.backend,
            "scores": dict(self.scores),
        }


def fit(
    config: str | Path,
    *,
    overrides: Iterable[str] = (),
    runs_dir: str | Path = "runs",
    observer: Observer | None = None,
) -> Result:
    """Trains and scores the experiment of a config file.

    Args:
        config: the path of a YAML file.
        overrides: settings such as ``trainer.epochs=3``.
        runs_dir: the folder that run directories are made in.
        observer: is told how training goes.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    experiment, document = load(config, overrides)
    return fit_experiment(experiment, document, runs_dir=Path(runs_dir), observer=observer or Observer())


def fit_experiment(experiment: Experiment, document: Document, *, runs_dir: Path, observer: Observer) -> Result:
    """Trains and scores a checked experiment; `document` places what is found wrong with it."""
    started = runtime.start(experiment.runtime, seed=experiment.seed)
    clock = time.perf_counter()
    with document.locating():
        materials = gather(experiment)
        assembly = materials.assembly
        training, validation = _batches(materials, "train"), _batches(materials, "validation")
        assert training is not None
        _check_expectations(assembly, materials.splits)
        horizon = Horizon(len(training), experiment.trainer.epochs)
        parameters = sum(layer.parameters for layer in assembly.plan)
        assembly.compile(horizon, steps_per_execution=min(started.steps_per_execution, len(training)))
        taken = take_weights(assembly)
    run = create(runs_dir, experiment.name)
    lock, log = RunLock(run), RunLog(run.log)
    log.write(started.messages)
    observer = _Logging(observer, log)
    try:
        record(run, document, materials, started)
        observer.header(_header(run, materials, started, parameters))
        if taken:
            observer.note(taken)
        ended = Loop(assembly, training, validation, run=run, observer=observer)()
        scores = {name: score(assembly, split.inputs, split.values)[0] for name, split in materials.prepared.items()}
        finish(run, assembly, scores, epochs=ended.epochs, best_epoch=ended.best_epoch)
        observer.note(_ending(ended))
    except BaseException as error:
        _record_failure(run, error)
        raise
    finally:
        lock.release()
    result = Result(
        run,
        "completed",
        ended.epochs,
        ended.best_epoch,
        time.perf_counter() - clock,
        started.device,
        started.backend,
        scores,
    )
    _check_scores(experiment, result)
    return result


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
    experiment = open_assembly(run).experiment
    runtime.start(experiment.runtime, seed=experiment.seed)
    assembly = open_assembly(run, weights=True)
    if data is not None:
        path = str(Path(data).absolute())
        prepared = prepare_source(
            assembly, experiment.dataset.open_file(path, assembly.preprocessing.features), str(data)
        )
        return score(assembly, prepared.inputs, prepared.values)[0]
    splits = Splits.of(read_arrays(run.splits))
    names = [name for name, _ in splits.items()]
    if split not in names:
        raise UsageError(f"{run} has no {split} split; it has {one_of(names)}")
    dataset = experiment.dataset.load()
    if dataset.fingerprint != read_json(run.manifest)["dataset"]["fingerprint"]:
        raise UsageError(
            f"{dataset.origin} has changed since {run} was trained; restore it, or score the new data with --data FILE"
        )
    prepared = prepare(assembly, dataset, splits.only(split))[split]
    return score(assembly, prepared.inputs, prepared.values)[0]


def open_model(run: RunDirectory) -> keras.Model:
    """A run's model with the kept weights: raw rows in, outputs out."""
    experiment = open_assembly(run).experiment
    runtime.start(experiment.runtime, seed=experiment.seed)
    return open_assembly(run, weights=True).saved_model()


def _batches(materials: Materials, split: str) -> Batches | None:
    prepared = materials.prepared.get(split)
    if prepared is None:
        return None
    assembly = materials.assembly
    targets = assembly.task.encode(prepared.values, assembly.target, assembly.loss.target_form)
    return Batches(prepared.inputs, targets, assembly.experiment.trainer.batch_size)


def _check_expectations(assembly: Assembly, splits: Splits) -> None:
    known = ["loss", *(metric.name for metric in metrics_to_report(assembly))]
    names = [name for name, _ in splits.items()]
    problems = []
    for key in assembly.experiment.expect:
        split, _, name = key.partition(".")
        if split not in names:
            problems.append(Problem(f"there is no {split} split; there is {one_of(names)}", ("expect", key), key=True))
        elif name not in known:
            message = f"'{name}' is not among the final scores; they are {one_of(known)}{suggestion(name, known)}"
            problems.append(Problem(message, ("expect", key), key=True))
    if problems:
        raise SpecError(problems)


def _check_scores(experiment: Experiment, result: Result) -> None:
    missed = []
    for key, bound in experiment.expect.items():
        split, _, name = key.partition(".")
        found = result.scores[split][name]
        if not meets(found, bound):
            missed.append(f"{key} is {found}, and expect asks for {bound} ({result.directory})")
    if missed:
        raise ExpectationError("\n".join(missed))


def _record_failure(run: RunDirectory, error: BaseException) -> None:
    """Says in the manifest how the run ended; a disk that is full must not hide the first error."""
    status = (
        "failed"
        if isinstance(error, DltrainError)
        else "interrupted"
        if isinstance(error, KeyboardInterrupt)
        else "crashed"
    )
    with suppress(DltrainError):
        run.update_manifest(status=status, ended=now(), error=str(error) or type(error).__name__)


def _header(run: RunDirectory, materials: Materials, started: runtime.Runtime, parameters: int) -> dict[str, str]:
    assembly, experiment = materials.assembly, materials.assembly.experiment
    head, trainer, rate = assembly.head, experiment.trainer, experiment.optimizer.learning_rate
    sizes = ", ".join(f"{len(ids):,} {name}" for name, ids in materials.splits.items())
    classes = f", {len(assembly.target.classes)} classes" if assembly.target.classes else ""
    schedule = f"{rate.learning_rate:g}" if isinstance(rate, Constant) else rate.type
    kept = f"best by {experiment.monitor}" if experiment.monitor else "the last is kept"
    output = f"output {head.units} x {head.activation}"
    return {
        "run": str(run),
        "data": f"{materials.dataset.origin}: {sizes}",
        "task": f"{assembly.task.type}{classes} ({materials.reason})",
        "model": f"{experiment.model.type}, {parameters:,} parameters, {output}",
        "loss": f"{assembly.loss.type}, {experiment.optimizer.type} at {schedule}",
        "epochs": f"up to {trainer.epochs}, batches of {trainer.batch_size}, {kept}",
        "device": f"{started.device}, {started.device_name} ({started.reason})",
        "backend": f"{started.backend}, {started.threads} threads, {started.precision}",
    }


def _ending(ended: Training) -> str:
    return f"{ended.reason}; the weights of epoch {ended.best_epoch} are kept"


class _Logging(Observer):
    """Writes everything into the run's log before it tells another observer."""

    def __init__(self, listener: Observer, log: RunLog) -> None:
        self._listener = listener
        self._log = log

    def header(self, facts: Mapping[str, str]) -> None:
        for label, text in facts.items():
            self._log.write(f"{label}: {text}")
        self._listener.header(facts)

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        self._listener.step(epoch, done, steps, logs)

    def epoch(self, report: EpochReport) -> None:
        scores = " ".join(f"{name}={value:.6g}" for name, value in report.logs.items())
        self._log.write(f"epoch {report.epoch}/{report.epochs} {scores} seconds={report.seconds:.3f}")
        self._listener.epoch(report)

    def note(self, text: str) -> None:
        self._log.write(text)
        self._listener.note(text)
