"""From rows to what training and scoring compute on: derived settings, splits, and prepared arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dltrain.ahead import ahead, begun
from dltrain.assemble import Assembly
from dltrain.data.kept import keep, release
from dltrain.data.source import Dataset, Rows, Source, take_census
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.preprocessing.width import check_width
from dltrain.scratch import Room, Scratch
from dltrain.splits.base import Splits
from dltrain.study import Study, study, within
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
class Materials(Study):
    """What a fit works with.

    Attributes:
        prepared: the rows of each split that has any.
    """

    prepared: Mapping[str, PreparedSplit]

    @cached_property
    def classes(self) -> ClassTable | None:
        """The classes or labels among the training rows, and what they count; None for a regression.

        Raises:
            SpecError: `trainer.class_weight` does not fit them.
        """
        assembly, values = self.assembly, self.prepared["train"].values
        return class_table(assembly.task, values, assembly.target, assembly.experiment.trainer.class_weight)


def gather(
    experiment: Experiment,
    scratch: Scratch,
    tell: Callable[[str], None] = lambda _: None,
    starting: Callable[[int | None], object] = lambda _: None,
) -> Materials:
    """Loads the data, completes the experiment, draws the splits and prepares all rows.

    Args:
        experiment: as the config says.
        scratch: where rows lie.
        tell: is told what takes long or much room before it does.
        starting: is called before the first use of Keras, with the threads that share an operation; until then it
            may be on its way.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    known = study(experiment, scratch, lambda: starting(experiment.runtime.intra_op_threads))
    assembly, dataset, splits = known.assembly, known.dataset, known.splits
    starting(assembly.intra_op_threads)
    check_width(assembly.preprocessing, sum(len(ids) for _, ids in splits.items()), scratch.left, tell)
    prepared = prepare(assembly, dataset, splits, scratch)
    release(dataset)
    return Materials(assembly, dataset, splits, known.reason, known.findings, prepared)


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
        chosen = {name: within(ids, start, len(rows)) for name, ids in splits.items()}
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
