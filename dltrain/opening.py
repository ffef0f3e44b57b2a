"""How a run directory is opened again: as data, which a stranger may have written, and never as code.

Everything is checked by arithmetic before anything is built: the model has as many weights as the file of weights
holds, and a batch fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly, set_weights
from dltrain.errors import ConfigError, DltrainError, RunError
from dltrain.experiment import Experiment
from dltrain.load import parse
from dltrain.memory import free_memory
from dltrain.preprocessing.base import FeatureSpec, Statistics
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import MOST_JSON_BYTES, read_arrays, read_bytes, read_json
from dltrain.runs.limits import MOST_FEATURES, check_signature
from dltrain.signature import Signature
from dltrain.spec.document import Document
from dltrain.spec.encoding import MAX_BYTES
from dltrain.spec.fields import MOST_STARS
from dltrain.spec.problems import SpecError
from dltrain.splits.base import Splits

if TYPE_CHECKING:
    import numpy as np

_WIDEST_ITEM = 8
_NUMBER_BYTES = 4
LEAST_BATCH = 256
"""The rows that are scored at a time, at least."""


def open_assembly(run: RunDirectory) -> Assembly:
    """Rebuilds a run's assembly from its record, without weights; needs no Keras.

    Only plain values and arrays are read, never a saved model, which could hold code.

    Raises:
        RunError: the record is damaged, contradicts itself, or asks for more memory than there is.
        UsageError: the run is a cross-validation.
    """
    run.single()
    with opening(run):
        experiment = _experiment(run)
        assert experiment.task is not None
        signature = _signature(run)
        check_signature(signature, experiment.task)
        specs = experiment.settle(signature.features)
        preprocessing = Preprocessing(signature.features, specs, _statistics(run, signature, specs))
        assembly = Assembly(experiment, signature.target, preprocessing)
        _check_memory(assembly)
        return assembly


def require_sound(run: RunDirectory) -> None:
    """Checks the record of a run, or of the first fold of a cross-validation, before it is trained again.

    Raises:
        RunError: `open_assembly` would refuse it.
    """
    open_assembly((run.folds or [run])[0])
    require_recorded_paths(run)


def require_recorded_paths(run: RunDirectory) -> None:
    """Checks where the record of a run says that its data is.

    Raises:
        RunError: in a place that no run records, or the record is damaged.
    """
    with opening(run):
        _check_paths(_document(run).values.get("dataset"))


def read_weights(run: RunDirectory, assembly: Assembly) -> dict[str, np.ndarray]:
    """The kept weights, as many numbers as the model has; needs no Keras.

    Raises:
        RunError: there are more or fewer, or one is not finite.
    """
    import numpy as np

    wanted = assembly.parameters
    if wanted * _NUMBER_BYTES > (free := free_memory()):
        raise RunError(f"{run} has {wanted:,} weights, which do not fit in the {free >> 20:,} megabytes that are free")
    weights = read_arrays(run.weights, wanted * _WIDEST_ITEM)
    found = sum(array.size for array in weights.values())
    if found != wanted:
        text = f"the model of experiment.yaml has {wanted:,} weights, and {run.weights.name} holds {found:,}"
        raise RunError(f"{run} cannot be opened: {text}; its files are damaged, or from another version")
    for name, array in weights.items():
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            text = f"the weights '{name[:80]}' are not finite numbers"
            raise RunError(f"{run} cannot be opened: {text}; its files are damaged, or from another version")
    return weights


def load_weights(run: RunDirectory, assembly: Assembly, weights: Mapping[str, np.ndarray]) -> None:
    """Gives the model of a run's assembly the weights that `read_weights` gave.

    Raises:
        RunError: the record is damaged.
    """
    with opening(run):
        set_weights(assembly.model, dict(weights))


def read_splits(run: RunDirectory) -> Splits:
    """Which rows were in which split.

    Raises:
        RunError: the record is damaged.
    """
    import numpy as np

    found = read_arrays(run.splits)
    for name, ids in found.items():
        fits = name in ("train", "validation", "test") and ids.ndim == 1 and ids.dtype.kind in "iu"
        if not fits or (len(ids) and (int(ids[0]) < 0 or not (ids[1:] > ids[:-1]).all())):
            text = f"'{name[:40]}' in {run.splits.name} is no list of rows"
            raise RunError(f"{run} cannot be opened: {text}; its files are damaged, or from another version")
    return Splits.of({name: ids if ids.dtype == np.int32 else ids.astype(np.int64) for name, ids in found.items()})


def read_history(run: RunDirectory) -> dict[str, list[float]]:
    """Loss and metrics of every epoch, a list for each column of ``history.csv``.

    Raises:
        RunError: the file is missing or broken.
    """
    import csv

    try:
        rows = csv.reader(read_bytes(run.history, MOST_JSON_BYTES).decode().splitlines(), strict=True)
        names = next(rows, [])
        table = [[float(number) for number in row] for row in rows]
        return {name: list(column) for name, column in zip(names, zip(*table, strict=True), strict=True)}
    except (OSError, ValueError, csv.Error) as error:
        raise RunError(f"cannot read {run.history}: {error}; this run directory is damaged") from None


def fingerprint_of(run: RunDirectory) -> str:
    """The fingerprint of the data that a run was trained on.

    Raises:
        RunError: the manifest is damaged.
    """
    try:
        return str(read_json(run.manifest)["dataset"]["fingerprint"])
    except (KeyError, TypeError):
        raise RunError(f"{run.manifest} names no dataset; it is damaged, or from another version") from None


@contextmanager
def opening(run: RunDirectory, verb: str = "opened") -> Iterator[None]:
    """Whatever a record breaks that is damaged, or contradicts the rows, the user hears of the run directory.

    There are more ways than can be listed, so every error but those with a text of their own is taken for one.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, DltrainError) and not isinstance(error, ConfigError):
            raise
        raise RunError(
            f"{run} cannot be {verb}: {_reason(error)}; its files are damaged, or from another version"
        ) from error


def _reason(error: Exception) -> str:
    """One line, of no great length."""
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    first = str(error).strip().split("\n")[0]
    named = first and isinstance(error, ConfigError | SpecError | ValueError)
    return (first if named else f"{type(error).__name__} {first}".strip())[:300]


def _document(run: RunDirectory) -> Document:
    try:
        text = read_bytes(run.experiment, MAX_BYTES)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"cannot read {run.experiment}: {reason}; this run directory is damaged") from None
    return Document.parse(text, source=run.experiment.name, folder=run.path)


def _experiment(run: RunDirectory) -> Experiment:
    document = _document(run)
    _check_paths(document.values.get("dataset"))
    experiment = parse(document.values)
    task, loss, metrics = experiment.task, experiment.loss, experiment.metrics
    if task is None or loss is None or metrics is None:
        raise ValueError("experiment.yaml has no task, no loss or no metrics")
    odd = [str(metric.type) for metric in metrics if task.type not in metric.tasks]
    if task.type not in loss.tasks or odd:
        raise ValueError(f"'{[*odd, loss.type][0]}' does not fit {task.type}")
    return experiment


def _check_paths(dataset: Any) -> None:
    """Refuses paths that no record has: such as lead upwards, or that look through folders without end."""
    for key in ("path", "train", "validation", "test") if isinstance(dataset, dict) else ():
        parts = PurePath(path).parts if isinstance(path := dataset.get(key), str) else ()
        if ".." in parts or sum("*" in part for part in parts) > MOST_STARS:
            raise ValueError(f"dataset.{key}: '{path[:80]}' is no path that a run records")


def _signature(run: RunDirectory) -> Signature:
    values = read_json(run.signature)
    features = values.get("features") if isinstance(values, dict) else None
    if not isinstance(features, list) or len(features) > MOST_FEATURES:
        raise ValueError(f"{run.signature.name} has no list of at most {MOST_FEATURES:,} features")
    return Signature.model_validate(values)


def _statistics(run: RunDirectory, signature: Signature, specs: Mapping[str, FeatureSpec]) -> dict[str, Statistics]:
    found = read_json(run.statistics)
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise RunError(f"{run.statistics} holds no statistics; it is damaged, or from another version")
    names = [feature.name for feature in signature.features]
    if differing := found.keys() ^ set(names):
        raise ValueError(f"{run.statistics.name} has not those of the features, see '{min(differing)[:40]}'")
    for feature in signature.features:
        try:
            specs[feature.name].check_statistics(feature, found[feature.name])
        except ValueError as error:
            raise ValueError(f"{run.statistics.name}: '{feature.name[:40]}': {error}") from None
    return found


def _check_memory(assembly: Assembly) -> None:
    """Refuses what cannot fit: the widest array of a batch."""
    prepared = assembly.preprocessing.prepared
    raw = [(f"the feature '{feature.name[:40]}'", feature.shape) for feature in assembly.preprocessing.features]
    planned = [(f"the layer {layer.name}", layer.output_shape) for layer in assembly.plan]
    rows, free = max(assembly.experiment.trainer.batch_size, LEAST_BATCH), free_memory()
    for what, shape in [*raw, ("a prepared row", prepared.shape), *planned]:
        need = prod(length or 1 for length in shape) * rows * _NUMBER_BYTES
        if need > free:
            text = f"{rows:,} rows of {what} take {need >> 20:,} megabytes, and {free >> 20:,} are free"
            raise RunError(f"the model is too large for this machine: {text}")
