"""From rows to what training and scoring compute on: derived settings, splits, and prepared arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.audit.auditor import Auditor
from dltrain.audit.finding import Finding
from dltrain.completion import complete
from dltrain.data.kept import keep, release
from dltrain.data.source import NAIVE, Census, Dataset, Source, take_census
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.scratch import Scratch
from dltrain.signature import Target
from dltrain.spec.problems import SpecError, below
from dltrain.splits.base import DIGESTS, Population, Splits
from dltrain.tasks.base import Past
from dltrain.tasks.class_table import ClassTable, class_table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class PreparedSplit:
    """The rows of one split.

    Attributes:
        inputs: prepared, (rows, ...).
        values: raw targets, (rows, ...).
        extras: columns that were asked for besides, (rows, ...) each.
    """

    inputs: np.ndarray
    values: np.ndarray
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)

    def none(self) -> PreparedSplit:
        """The same kind of rows, but none of them."""
        return PreparedSplit(self.inputs[:0], self.values[:0], {name: rows[:0] for name, rows in self.extras.items()})


@dataclass(frozen=True)
class Materials:
    """What a fit works with.

    Attributes:
        assembly: of the completed experiment.
        dataset: where the rows came from.
        splits: which rows are where.
        prepared: the rows of each split that has any.
        reason: why the task is what it is.
        findings: what is suspicious about data and splits.
    """

    assembly: Assembly
    dataset: Dataset
    splits: Splits
    prepared: Mapping[str, PreparedSplit]
    reason: str
    findings: tuple[Finding, ...] = ()

    @cached_property
    def classes(self) -> ClassTable | None:
        """The classes or labels among the training rows, and what they count; None for a regression.

        Raises:
            SpecError: `trainer.class_weight` does not fit them.
        """
        assembly, values = self.assembly, self.prepared["train"].values
        return class_table(assembly.task, values, assembly.target, assembly.experiment.trainer.class_weight)


def gather(experiment: Experiment, scratch: Scratch) -> Materials:
    """Loads the data, completes the experiment, draws the splits and prepares all rows.

    Args:
        experiment: as the config says.
        scratch: where rows lie.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    dataset = keep(experiment.dataset.load(experiment.extras), scratch)
    specs = experiment.settle(dataset.features)
    experiment = experiment.with_features(specs)
    auditor = Auditor(scratch)
    empty_text = experiment.task is not None and experiment.task.takes_empty_text
    census = take_census(dataset, specs, auditor.see, scratch=scratch, empty_text=empty_text)
    completed, target, reason = complete(experiment, dataset, census.target)
    population = _population(completed, target, census, auditor)
    splits = _split(completed, target, census, population)
    findings = auditor.findings(
        completed.splits, splits, population=population, target=census.target, classes=target.classes
    )
    target = _in_unit(completed, target, dataset, census, splits.train)
    preprocessing = Preprocessing.adapt(dataset.features, specs, lambda name: _training_column(dataset, splits, name))
    assembly = Assembly(completed, target, preprocessing)
    prepared = prepare(assembly, dataset, splits, scratch)
    release(dataset)
    return Materials(assembly, dataset, splits, prepared, reason, findings)


def _population(experiment: Experiment, target: Target, census: Census, auditor: Auditor) -> Population:
    assert experiment.task is not None
    classes = experiment.task.encode(census.target, target, "index") if target.classes else None
    return Population(census.rows, classes, {**census.extras, DIGESTS: auditor.digests})


def _split(experiment: Experiment, target: Target, census: Census, population: Population) -> Splits:
    assert experiment.task is not None
    with below("splits"):
        splits = experiment.splits.split(population, seed=experiment.seed)
    try:
        experiment.task.check_trained({name: census.target[ids] for name, ids in splits.items()}, target)
    except ValueError as error:
        raise DataError(str(error)) from None
    return splits


def _in_unit(experiment: Experiment, target: Target, dataset: Dataset, census: Census, train: np.ndarray) -> Target:
    """The target in the unit that the model learns.

    Raises:
        SpecError: the target has no past to take the difference from, or the loss allows none.
    """
    assert experiment.task is not None
    assert experiment.loss is not None
    if not experiment.loss.takes_any_unit:
        if getattr(experiment.task, "difference", False):
            text = f"{experiment.loss.type} is of the target as it is; use mean_squared_error, or delete"
            raise SpecError.at("loss", f"{text} `difference`")
        return target
    columns = dataset.features[0].own_past
    past = Past(census.extras[NAIVE][train], columns) if columns and NAIVE in census.extras else None
    try:
        return experiment.task.adapt(target, census.target[train], past)
    except ValueError as error:
        raise SpecError.at("task.difference", str(error)) from None


def _training_column(dataset: Dataset, splits: Splits, name: str) -> Iterator[np.ndarray]:
    start = 0
    for source in dataset.parts.values():
        for values in source.column(name):
            chosen = _within(splits.train, start, len(values))
            start += len(values)
            if len(chosen):
                yield values if len(chosen) == len(values) else values[chosen]


def prepare(assembly: Assembly, dataset: Dataset, splits: Splits, scratch: Scratch) -> dict[str, PreparedSplit]:
    """The rows of each split that has any, prepared chunk by chunk.

    Raises:
        DataError: a row cannot be prepared.
        RunError: they lie in a file, and the disk is full.
    """
    import numpy as np

    feature = assembly.preprocessing.prepared
    shape = tuple(length or 0 for length in feature.shape)
    inputs = {name: scratch.empty((len(ids), *shape), feature.dtype) for name, ids in splits.items()}
    values: dict[str, list[Any]] = {name: [] for name in inputs}
    extras: dict[str, dict[str, list[Any]]] = {name: defaultdict(list) for name in inputs}
    filled = dict.fromkeys(inputs, 0)
    for start, rows in _numbered(dataset):
        chosen = {name: _within(ids, start, len(rows)) for name, ids in splits.items()}
        if not any(len(found) for found in chosen.values()):
            continue
        prepared = assembly.preprocessing.prepare(rows.features)
        for name, found in chosen.items():
            room = inputs[name][filled[name] : filled[name] + len(found)]
            # Straight into its place; "clip" because NumPy would otherwise copy once more to check the indices.
            np.take(prepared, found, axis=0, out=room, mode="clip")
            values[name].append(rows.target[found])
            for extra, column in rows.extras.items():
                extras[name][extra].append(column[found])
            filled[name] += len(found)
    joined = {name: {extra: scratch.joined(parts) for extra, parts in extras[name].items()} for name in inputs}
    return {name: PreparedSplit(inputs[name], scratch.joined(values[name]), joined[name]) for name in inputs}


def prepare_source(assembly: Assembly, source: Source, origin: str, scratch: Scratch) -> PreparedSplit:
    """All rows of other labelled data.

    Raises:
        DataError: there are no rows or no targets, or a row cannot be prepared.
    """
    import numpy as np

    target = assembly.target
    features = assembly.preprocessing.features
    dataset = keep(Dataset({"data": source}, features, target.name, "", origin), scratch)
    census = take_census(
        dataset, assembly.preprocessing.specs, scratch=scratch, empty_text=assembly.task.takes_empty_text
    )
    nothing = np.empty(0, "int64")
    splits = Splits(np.arange(census.total), nothing, nothing)
    try:
        assembly.task.encode(census.target, target, assembly.outputs.form)
    except ValueError as error:
        raise DataError(f"{origin}: {error}") from None
    return prepare(assembly, dataset, splits, scratch)["train"]


def _numbered(dataset: Dataset) -> Iterator[tuple[int, Any]]:
    """Chunks of all parts, each with the id of its first row."""
    start = 0
    for source in dataset.parts.values():
        for rows in source.chunks():
            yield start, rows
            start += len(rows)


def _within(ids: np.ndarray, start: int, count: int) -> np.ndarray:
    """Ascending ids from `start` up to `start + count`, counted from `start`."""
    import numpy as np

    low, high = np.searchsorted(ids, np.asarray([start, start + count], ids.dtype))
    within: np.ndarray = ids[low:high] - start
    return within
