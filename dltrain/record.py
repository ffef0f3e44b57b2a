"""The record of a run: what is written when it begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from dltrain.assemble import Assembly, set_weights
from dltrain.errors import DltrainError, UsageError
from dltrain.evaluation.stored import arrays_of
from dltrain.experiment import Experiment
from dltrain.memory import free_memory
from dltrain.metrics.base import Predictions
from dltrain.preparation import Materials
from dltrain.runs.directory import RunDirectory, find, now
from dltrain.runs.files import read_arrays, read_json, storing, sync_folder, write, write_arrays, write_json
from dltrain.runs.log import RunLog
from dltrain.runtime.choices import in_words
from dltrain.runtime.saving import without_tensorflow
from dltrain.runtime.start import Runtime
from dltrain.schedules.constant import Constant
from dltrain.signature import Signature
from dltrain.spec.document import Document
from dltrain.spec.dumper import dump
from dltrain.spec.problems import SpecError
from dltrain.training.observer import EpochReport, Observer, Relay

if TYPE_CHECKING:
    import numpy as np


def record(run: RunDirectory, document: Document, materials: Materials, runtime: Runtime) -> None:
    """Writes everything that is known before the first step."""
    assembly, dataset = materials.assembly, materials.dataset
    config = record_config(run, document)
    record_experiment(run, assembly.experiment)
    signature = Signature(features=assembly.preprocessing.features, target=assembly.target)
    write_json(run.signature, signature.plain())
    with storing(run.statistics):
        run.statistics.parent.mkdir(exist_ok=True)
    write_json(run.statistics, dict(assembly.preprocessing.statistics))
    write_arrays(run.splits, dict(materials.splits.items()))
    run.update_manifest(
        status="running",
        started=now(),
        seed=assembly.experiment.seed,
        monitor=assembly.experiment.monitor,
        config=config,
        runtime=runtime.plain() | {"steps_per_execution": assembly.model.steps_per_execution},
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


def record_config(run: RunDirectory, document: Document) -> dict[str, list[str]]:
    """Writes the config and the files that it extends, verbatim.

    Returns:
        For the manifest: the files, the settings of the command line, and the names of the environment variables
        that decided the experiment.
    """
    write(run.config, document.text.encode())
    for number, base in enumerate(document.bases, 1):
        write(run.base(number), base.text.encode())
    files = [document.source, *(base.source for base in document.bases)]
    return {"files": files, "settings": list(document.settings), "variables": document.variables}


def record_experiment(run: RunDirectory, experiment: Experiment) -> None:
    """Writes what reruns the run: every default and every derived value."""
    write(run.experiment, dump(experiment.plain()).encode())


def keep_predictions(run: RunDirectory, split: str, predictions: Predictions, rows: np.ndarray) -> None:
    """Writes the predictions for a split with the ids of their rows, (rows,)."""
    path = run.predictions(split)
    with storing(path):
        path.parent.mkdir(exist_ok=True)
    write_arrays(path, arrays_of(predictions, rows))


def finish(run: RunDirectory, assembly: Assembly, measured: Mapping[str, Any], *, epochs: int, best_epoch: int) -> None:
    """Writes the model and what ``metrics.json`` holds, and says that the run is complete."""
    temporary = run.path / ".model.tmp.keras"
    with storing(run.model):
        model = assembly.saved_model()
        with without_tensorflow():
            model.save(temporary)
        temporary.replace(run.model)
        sync_folder(run.path)
    write_json(run.metrics, dict(measured))
    run.update_manifest(status="completed", ended=now(), epochs=epochs, best_epoch=best_epoch)


def give_pictures(run: RunDirectory, experiment: Experiment, tell: Callable[[str], None]) -> None:
    """Hands the pictures of a run, or of its folds, to the callbacks that show them; it fails no run."""
    for single in run.folds or [run]:
        pictures = {path.stem: path.read_bytes() for path in sorted((single.path / "figures").glob("*.png"))}
        for callback in experiment.trainer.callbacks:
            try:
                step = int(read_json(single.manifest)["best_epoch"])
                callback.keep_pictures(pictures, folder=single.path, step=step)
            except DltrainError as error:
                tell(f"no pictures for the callback {callback.type}: {error}")


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
        taken = set_weights(assembly.model, read_arrays(run.weights, free_memory()), partly=["output"])
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
        "backend": in_words(
            experiment.runtime,
            started,
            steps=assembly.model.steps_per_execution,
            compiled=assembly.model.jit_compile,
        ),
        **_rows_of_saved_model(assembly),
    }


def _rows_of_saved_model(assembly: Assembly) -> dict[str, str]:
    """Said where it does not take raw rows."""
    text = "takes prepared rows, since the layers for labels need TensorFlow, which is not installed"
    return {"model.keras": text} if assembly.preprocessing.stays_outside else {}


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


class LoggingObserver(Relay):
    """Writes everything into the run's log before it tells another observer."""

    def __init__(self, listener: Observer, log: RunLog) -> None:
        super().__init__(listener)
        self._log = log

    @override
    def header(self, facts: Mapping[str, str]) -> None:
        """Logs and tells each fact."""
        for label, text in facts.items():
            self._log.write(f"{label}: {text}")
        super().header(facts)

    @override
    def epoch(self, report: EpochReport) -> None:
        """Logs the scores with more digits than the screen shows."""
        scores = " ".join(f"{name}={value:.6g}" for name, value in report.logs.items())
        self._log.write(f"epoch {report.epoch}/{report.epochs} {scores} seconds={report.seconds:.3f}")
        super().epoch(report)

    @override
    def note(self, text: str) -> None:
        """Logs and tells the text."""
        self._log.write(text)
        super().note(text)
