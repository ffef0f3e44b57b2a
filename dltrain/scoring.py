"""Stories of a run that is there: evaluate, predict, and the model to take away.

A stranger may have written the run, so each reads and checks all of the record before a backend is started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.errors import RunError, UsageError
from dltrain.evaluation.measured import Measured
from dltrain.evaluation.predictions import Predicted, open_rows, predict_source
from dltrain.evaluation.scores import Scorer
from dltrain.memory import free_memory
from dltrain.opening import (
    fingerprint_of,
    load_weights,
    open_assembly,
    opening,
    read_splits,
    read_weights,
)
from dltrain.preparation import PreparedSplit, prepare, prepare_source
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_json
from dltrain.runtime.start import start
from dltrain.scratch import Scratch
from dltrain.spec.problems import one_of
from dltrain.splits.base import Splits

if TYPE_CHECKING:
    import keras


def evaluate(run: RunDirectory, *, split: str = "test", data: str | Path | None = None) -> Measured:
    """Scores a completed run again, or on other labelled data, with intervals.

    Args:
        run: the run.
        split: ``train``, ``validation`` or ``test``; without effect where `data` is given.
        data: a file of the format that the run was trained on.

    Raises:
        UsageError: the run has no such split.
        DataError: the data is broken, or is not what the run was trained on.
        RunError: the record is damaged.
    """
    assembly = open_assembly(run)
    splits = None if data is not None else _splits_with(split, run, assembly)
    _start(run, assembly)
    scratch = Scratch(run.path, _row_memory(assembly))
    with opening(run, "scored"):
        prepared = _labelled(assembly, str(data), scratch) if splits is None else _kept(run, assembly, splits, scratch)
        return measure(Scorer(assembly), prepared, intervals=True)


def measure(scorer: Scorer, split: PreparedSplit, *, intervals: bool) -> Measured:
    """The scores of prepared rows, with intervals where they are asked for."""
    return scorer.measure(scorer.outputs(split.inputs), split.values, split.extras, intervals=intervals)


def predict(run: RunDirectory, rows: Any, *, most_classes: int = 20) -> Iterator[Predicted]:
    """Tables of predictions of consecutive rows, whose target is not looked at; `rows` as `dltrain.predict` takes them.

    Raises:
        DataError: the rows are broken, or are not what the run was trained on; also between tables.
        RunError: the record is damaged; also between tables.
    """
    assembly = open_assembly(run)
    with opening(run, "used"):
        source, origin = open_rows(assembly, rows)
    _start(run, assembly)
    return _guarded(run, predict_source(assembly, source, origin, most_classes=most_classes))


def open_model(run: RunDirectory) -> keras.Model:
    """A run's model with the kept weights: raw rows in, outputs out."""
    assembly = open_assembly(run)
    _start(run, assembly)
    with opening(run):
        return assembly.saved_model()


def _start(run: RunDirectory, assembly: Assembly) -> None:
    """Gives the assembly the kept weights, on the backend that the run was trained on."""
    weights = read_weights(run, assembly)
    experiment = assembly.experiment
    threads, onednn = assembly.intra_op_threads, _used_onednn(run)
    start(experiment.runtime, seed=experiment.seed, intra_op_threads=threads, onednn=onednn)
    load_weights(run, assembly, weights)


def _used_onednn(run: RunDirectory) -> bool:
    """Whether a run was trained with oneDNN's kernels; true where its manifest does not tell."""
    with suppress(RunError):
        if isinstance(manifest := read_json(run.manifest), dict) and isinstance(manifest.get("runtime"), dict):
            return manifest["runtime"].get("onednn") is not False
    return True


def _row_memory(assembly: Assembly) -> int | None:
    """What the record allows, where that is there."""
    wanted = assembly.experiment.runtime.row_memory
    return None if wanted is None else min(wanted, free_memory() // 2)


def _guarded(run: RunDirectory, tables: Iterator[Predicted]) -> Iterator[Predicted]:
    with opening(run, "used"):
        yield from tables


def _splits_with(split: str, run: RunDirectory, assembly: Assembly) -> Splits:
    """The rows of one split. A stranger may name any file: it is looked into only if it is the one of the record."""
    splits = read_splits(run)
    names = [name for name, _ in splits.items()]
    if split not in names:
        raise UsageError(f"{run} has no {split} split; it has {one_of(names)}")
    with opening(run, "scored"):
        if identity := assembly.experiment.dataset.identity():
            _check_identity(run, *identity)
    return splits.only(split)


def _check_identity(run: RunDirectory, origin: str, fingerprint: str) -> None:
    if fingerprint != fingerprint_of(run):
        raise UsageError(
            f"{origin} has changed since {run} was trained; restore it, or score the new data with --data FILE"
        )


def _labelled(assembly: Assembly, data: str, scratch: Scratch) -> PreparedSplit:
    source = assembly.experiment.dataset.open_file(os.path.abspath(data), assembly.preprocessing.features)
    return prepare_source(assembly, source, data, scratch)


def _kept(run: RunDirectory, assembly: Assembly, splits: Splits, scratch: Scratch) -> PreparedSplit:
    """The rows of one split of the data that the run was trained on."""
    dataset = assembly.experiment.dataset.load(assembly.experiment.extras)
    _check_identity(run, dataset.origin, dataset.fingerprint)
    if dataset.features != assembly.preprocessing.features:
        raise ValueError(f"signature.json has other features than {dataset.origin}")
    (prepared,) = prepare(assembly, dataset, splits, scratch).values()
    return prepared
