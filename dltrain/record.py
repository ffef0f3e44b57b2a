"""The record of a run: what is written when it begins and ends, and how it is opened again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dltrain.assemble import Assembly, set_weights
from dltrain.errors import ConfigError, DltrainError, InterruptedRunError, RunError, UsageError
from dltrain.load import parse
from dltrain.preparation import Materials
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.runs.directory import RunDirectory, RunLock, find, now
from dltrain.runs.files import read_arrays, read_json, storing, sync_folder, write, write_arrays, write_json
from dltrain.runs.log import RunLog
from dltrain.runtime.start import Runtime
from dltrain.schedules.constant import Constant
from dltrain.signature import Signature
from dltrain.spec.document import Document
from dltrain.spec.problems import SpecError
from dltrain.training.observer import EpochReport, Observer
from dltrain.training.stepper import Logs


def record(run: RunDirectory, document: Document, materials: Materials, runtime: Runtime) -> None:
    """Writes everything that is known before the first step."""
    assembly, dataset = materials.assembly, materials.dataset
    write(run.config, document.text.encode())
    write(run.experiment, yaml.safe_dump(assembly.experiment.plain(), sort_keys=False, allow_unicode=True).encode())
    signature = Signature(features=assembly.preprocessing.features, target=assembly.target)
    write_json(run.signature, signature.plain())
    with storing(run.statistics):
        run.statistics.parent.mkdir()
    write_json(run.statistics, dict(assembly.preprocessing.statistics))
    write_arrays(run.splits, dict(materials.splits.items()))
    run.update_manifest(
        status="running",
        started=now(),
        seed=assembly.experiment.seed,
        runtime=runtime.plain(),
        dataset={"origin": dataset.origin, "fingerprint": dataset.fingerprint},
        splits={
            "fingerprint": materials.splits.fingerprint,
            "rows": {name: len(ids) for name, ids in materials.splits.items()},
        },
        audit=[finding.plain() for finding in materials.findings],
        **({table.noun: table.plain()} if (table := materials.classes) else {}),
        parameters=assembly.parameters,
        git_commit=_git_commit(Path(document.source).parent),
    )


def finish(run: RunDirectory, assembly: Assembly, scores: Mapping[str, Any], *, epochs: int, best_epoch: int) -> None:
    """Writes the model and the scores, and says that the run is complete."""
    temporary = run.path / ".model.tmp.keras"
    with storing(run.model):
        assembly.saved_model().save(temporary)
        temporary.replace(run.model)
        sync_folder(run.path)
    write_json(run.metrics, {"scores": dict(scores)})
    run.update_manifest(status="completed", ended=now(), epochs=epochs, best_epoch=best_epoch)


@contextmanager
def writing(run: RunDirectory) -> Iterator[RunLog]:
    """Holds the run's lock, and says in its manifest how a run that does not complete ended."""
    lock = RunLock(run)
    try:
        yield RunLog(run.log)
    except KeyboardInterrupt:
        kept = f"{run} keeps the best weights of the epochs that ended, and no scores"
        _record_end(run, "interrupted", kept)
        raise InterruptedRunError(f"interrupted; {kept}") from None
    except BaseException as error:
        status = "failed" if isinstance(error, DltrainError) else "crashed"
        status = "interrupted" if isinstance(error, InterruptedRunError) else status
        _record_end(run, status, str(error) or type(error).__name__)
        raise
    finally:
        lock.release()


def _record_end(run: RunDirectory, status: str, error: str) -> None:
    """Adds to the manifest; a disk that is full must not hide the first error."""
    with suppress(DltrainError):
        run.update_manifest(status=status, ended=now(), error=error)


def open_assembly(run: RunDirectory) -> Assembly:
    """Rebuilds a run's assembly from its record, without weights; needs no Keras.

    Only plain values and arrays are read, never a saved model, which could hold code.

    Raises:
        RunError: the record is damaged.
        UsageError: the run is a cross-validation.
    """
    run.single()
    with _opening(run):
        experiment = parse(Document.read(run.experiment).values)
        signature = Signature.model_validate(read_json(run.signature))
        specs = experiment.settle(signature.features)
        return Assembly(experiment, signature.target, Preprocessing(signature.features, specs, _statistics(run)))


def load_weights(run: RunDirectory, assembly: Assembly) -> None:
    """Gives the model of a run's assembly the kept weights.

    Raises:
        RunError: the record is damaged.
    """
    with _opening(run):
        assembly.preprocessing.model  # noqa: B018 (built now, where broken statistics are reported)
        set_weights(assembly.model, read_arrays(run.weights))


@contextmanager
def _opening(run: RunDirectory) -> Iterator[None]:
    """Whatever a damaged file breaks while it is read, the user hears of the run directory."""
    try:
        yield
    except (ConfigError, SpecError, ValidationError, KeyError, TypeError, ValueError, AttributeError) as error:
        first = str(error).split("\n")[0]
        raise RunError(f"{run} cannot be opened: {first}; its files are damaged, or from another version") from None


def fingerprint_of(run: RunDirectory) -> str:
    """The fingerprint of the data that a run was trained on.

    Raises:
        RunError: the manifest is damaged.
    """
    try:
        return str(read_json(run.manifest)["dataset"]["fingerprint"])
    except (KeyError, TypeError):
        raise RunError(f"{run.manifest} names no dataset; it is damaged, or from another version") from None


def _statistics(run: RunDirectory) -> dict[str, Any]:
    found = read_json(run.statistics)
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise RunError(f"{run.statistics} holds no statistics; it is damaged, or from another version")
    return found


def take_weights(assembly: Assembly) -> str | None:
    """Starts from the weights of another run where the config says so; returns what was done.

    Raises:
        SpecError: that run's layers do not fit.
    """
    source = assembly.experiment.model.weights_from
    if source is None:
        return None
    try:
        run = find(source).single()
        taken = set_weights(assembly.model, read_arrays(run.weights), partly=["output"])
    except UsageError as error:
        raise SpecError.at("model.weights_from", str(error)) from None
    except ValueError as error:
        raise SpecError.at("model.weights_from", f"{run} does not fit: {error}") from None
    return f"{taken} of {len(assembly.model.weights)} weight arrays are taken from {run}"


def header(run: RunDirectory, materials: Materials, started: Runtime) -> dict[str, str]:
    """What is said before training: a label and a text for each line."""
    assembly, experiment = materials.assembly, materials.assembly.experiment
    head, trainer, rate = assembly.head, experiment.trainer, experiment.optimizer.learning_rate
    counts = [*((name, len(ids)) for name, ids in materials.splits.items()), ("left out", materials.splits.left_out)]
    sizes = ", ".join(f"{count:,} {name}" for name, count in counts if count)
    schedule = f"{rate.learning_rate:g}" if isinstance(rate, Constant) else rate.type
    table = materials.classes
    count = f", {len(table.names)} {table.noun}" if table else ""
    kept = f"best by {experiment.kept_by}" if experiment.kept_by else "the last is kept"
    output = f"output {head.units} x {head.activation}"
    return {
        "run": str(run),
        "data": "; ".join([f"{materials.dataset.origin}: {sizes}", *materials.dataset.notes]),
        "task": f"{assembly.task.type}{count} ({materials.reason})",
        **({table.noun: str(table)} if table else {}),
        "model": f"{experiment.model.type}, {assembly.parameters:,} parameters, {output}",
        "loss": f"{assembly.loss.type}, {experiment.optimizer.type} at {schedule}",
        "epochs": f"up to {trainer.epochs}, batches of {trainer.batch_size}, {kept}",
        "device": f"{started.device}, {started.device_name} ({started.reason})",
        "backend": f"{started.backend}, {started.threads} threads, {started.precision}",
    }


def _git_commit(folder: Path) -> str | None:
    """The commit of the folder's repository, read from its files; None outside of one."""
    for parent in (folder.absolute(), *folder.absolute().parents):
        head = parent / ".git" / "HEAD"
        if head.is_file():
            text = head.read_text(encoding="utf-8", errors="replace").strip()
            if not text.startswith("ref: "):
                return text
            reference = parent / ".git" / text.removeprefix("ref: ")
            return reference.read_text(encoding="utf-8").strip() if reference.is_file() else None
    return None


class LoggingObserver(Observer):
    """Writes everything into the run's log before it tells another observer."""

    def __init__(self, listener: Observer, log: RunLog) -> None:
        self._listener = listener
        self._log = log

    def phase(self, text: str) -> None:
        """Tells the listener."""
        self._listener.phase(text)

    def header(self, facts: Mapping[str, str]) -> None:
        """Logs and tells each fact."""
        for label, text in facts.items():
            self._log.write(f"{label}: {text}")
        self._listener.header(facts)

    def step(self, epoch: int, done: int, steps: int, logs: Logs | None) -> None:
        """Tells the listener."""
        self._listener.step(epoch, done, steps, logs)

    def epoch(self, report: EpochReport) -> None:
        """Logs the scores with more digits than the screen shows."""
        scores = " ".join(f"{name}={value:.6g}" for name, value in report.logs.items())
        self._log.write(f"epoch {report.epoch}/{report.epochs} {scores} seconds={report.seconds:.3f}")
        self._listener.epoch(report)

    def note(self, text: str) -> None:
        """Logs and tells the text."""
        self._log.write(text)
        self._listener.note(text)
