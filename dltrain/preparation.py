"""From rows to what training and scoring compute on: derived settings, splits, and prepared arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dltrain.ahead import ahead, begun
from dltrain.assemble import Assembly
from dltrain.audit.auditor import Auditor
from dltrain.audit.finding import Finding
from dltrain.completion import complete
from dltrain.data.kept import keep, release
from dltrain.data.source import NAIVE, Census, Dataset, Rows, Source, take_census
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.preprocessing.width import check_width
from dltrain.scratch import Room, Scratch
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


def gather(experiment: Experiment, scratch: Scratch, tell: Callable[[str], None] = lambda _: None) -> Materials:
    """Loads the data, completes the experiment, draws the splits and prepares all rows.

    Args:
        experiment: as the config says.
        scratch: where rows lie.
        tell: is told what takes long or much room before it does.

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
    suspicious = partial(auditor.findings, population=population, target=census.target, classes=target.classes)
    findings = begun(partial(suspicious, completed.splits, splits))
    target = _in_unit(completed, target, dataset, census, splits.train)
    preprocessing = Preprocessing.adapt(dataset.features, specs, lambda name: _training_column(dataset, splits, name))
    assembly = Assembly(completed, target, preprocessing)
    check_width(preprocessing, sum(len(ids) for _, ids in splits.items()), scratch.left, tell)
    prepared = prepare(assembly, dataset, splits, scratch)
    release(dataset)
    return Materials(assembly, dataset, splits, prepared, reason, findings())


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
        if experiment.task.learns_difference:
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
    """The rows of each split that has any, prepared chunk by chunk: one is read and one stored meanwhile.

    Raises:
        DataError: a row cannot be prepared.
        RunError: they lie in a file, and the disk is full.
    """
    feature = assembly.preprocessing.prepared
    shape = tuple(length or 0 for length in feature.shape)
    filling = {name: _Filling(scratch.room((len(ids), *shape), feature.dtype)) for name, ids in splits.items()}
    stored = begun(lambda: None)
    for start, rows in ahead(_numbered(dataset)):
        chosen = {name: _within(ids, start, len(rows)) for name, ids in splits.items()}
        if any(len(found) for found in chosen.values()):
            prepared = assembly.preprocessing.prepare(rows.features)
            stored()
            stored = begun(partial(_store, filling, chosen, rows, prepared))
    stored()
    for name, ids in splits.items():
        if filling[name].filled < len(ids):
            raise DataError(f"{dataset.origin}: has no row {int(ids[-1]) + 1}, which the {name} split names")
    return {name: rows.split(scratch) for name, rows in filling.items()}


@dataclass
class _Filling:
    """A split whose rows come chunk by chunk."""

    room: Room
    filled: int = 0
    values: list[Any] = field(default_factory=list)
    extras: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def split(self, scratch: Scratch) -> PreparedSplit:
        """All of them."""
        extras = {name: scratch.joined(parts) for name, parts in self.extras.items()}
        return PreparedSplit(self.room.array, scratch.joined(self.values), extras)


def _store(filling: Mapping[str, _Filling], chosen: Mapping[str, np.ndarray], rows: Rows, prepared: np.ndarray) -> None:
    for name, found in chosen.items():
        split = filling[name]
        split.room.take(split.filled, prepared, found)
        split.filled += len(found)
        split.values.append(rows.target[found])  # type: ignore[index]
        for extra, column in rows.extras.items():
            split.extras[extra].append(column[found])


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


def _numbered(dataset: Dataset) -> Iterator[tuple[int, Rows]]:
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
