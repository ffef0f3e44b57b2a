"""All checks that a fit makes before it trains, on all rows, and what is in these.

Keras is imported only where a dataset is downloaded by it; what is learned from texts is left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from dltrain.assemble import planned
from dltrain.consistency import absent_splits
from dltrain.data.kept import keep
from dltrain.data.row_weights import own_weights, train_places
from dltrain.data.source import Dataset
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.foresight import collecting, size_problems
from dltrain.inspection.columns import ColumnReport, inspect_columns, unseen_labels
from dltrain.preprocessing.base import Statistics
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.scratch import Scratch
from dltrain.spec.problems import Problem, below
from dltrain.study import Drawn, draw, in_unit, training_column
from dltrain.tasks.class_table import class_table

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Inspection:
    """What is in the data.

    Attributes:
        origin: what the data is called.
        task: what is predicted, and why; empty where that is not known.
        columns: a report for each feature but images.
        rows: of each split.
        classes: how many rows of each split each class or label has.
        notes: what is worth a look.
        problems: what is wrong, not located.
    """

    origin: str = ""
    task: str = ""
    columns: list[ColumnReport] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        columns = [column.plain() for column in self.columns]
        found = {"origin": self.origin, "task": self.task, "rows": self.rows, "classes": self.classes}
        return {**found, "columns": columns, "notes": self.notes}


def inspect(experiment: Experiment, scratch: Scratch) -> Inspection:
    """Reads all rows and checks everything that needs no training."""
    found = Inspection()
    with collecting(found.problems):
        dataset = keep(experiment.dataset.load(experiment.extras), scratch)
        found.origin, found.notes = dataset.origin, list(dataset.notes)
        _look_at_columns(found, experiment, dataset)
        if runs := len(experiment.splits.repeats):
            found.notes.append(f"the splits are those of the first of {runs} folds; `splits.fold` chooses another")
        if not found.problems:
            _look_at_splits(found, draw(experiment, dataset, scratch))
    return found


def _look_at_columns(found: Inspection, experiment: Experiment, dataset: Dataset) -> None:
    specs = experiment.settle(dataset.features)
    found.columns = inspect_columns(dataset, specs)
    for column in found.columns:
        if text := column.problem(specs[column.feature.name]):
            found.problems.append(Problem(text, ("dataset",)))
    constant = [name for column in found.columns for name in column.constant]
    if constant:
        shown = ", ".join(f"'{name}'" for name in constant[:10]) + ", ..." * (len(constant) > 10)
        have = "has the same value" if len(constant) == 1 else f"{len(constant):,} columns have one value each"
        text = f"{shown} {have} in all rows" if len(constant) == 1 else f"{have} in all rows: {shown}"
        found.notes.append(f"{text}; nothing can be learned from it")


def _look_at_splits(found: Inspection, drawn: Drawn) -> None:
    splits = dict(drawn.splits.items())
    experiment, census = drawn.experiment, drawn.census
    assert experiment.task is not None
    found.task = f"{experiment.task.type} ({drawn.reason})"
    found.rows = {name: len(ids) for name, ids in splits.items()}
    found.classes = _class_counts(drawn, splits)
    found.notes += [finding.text for finding in drawn.findings]
    found.notes += [unseen.text for unseen in unseen_labels(drawn.dataset, splits)]
    found.problems += [*size_problems(experiment, found.rows), *absent_splits(experiment, list(splits))]
    with collecting(found.problems):
        class_table(experiment.task, census.target[splits["train"]], drawn.target, experiment.trainer.class_weight)
    with collecting(found.problems):
        if (column := experiment.dataset.weight_column) is not None:
            place = train_places(drawn.dataset.origin, drawn.dataset.parts, splits["train"])
            own_weights(census.extras[column][splits["train"]], column, place)
    with collecting(found.problems):
        target = in_unit(experiment, drawn.target, drawn.dataset, census, splits["train"])
        with below("loss"):
            assert experiment.loss is not None
            head = experiment.loss.head(target)
        learned = _learned(drawn)
        _check_rows(learned, drawn.dataset)
        planned(experiment, learned.prepared, head)


def _class_counts(drawn: Drawn, splits: Mapping[str, np.ndarray]) -> dict[str, dict[str, int]]:
    names, task = drawn.target.classes or drawn.target.labels, drawn.experiment.task
    assert task is not None
    counts = {split: task.counts(drawn.census.target[ids], drawn.target).tolist() for split, ids in splits.items()}
    return {name: {split: found[index] for split, found in counts.items()} for index, name in enumerate(names)}


def _learned(drawn: Drawn) -> Preprocessing:
    """Preprocessing with what can be learned without Keras."""
    features, specs = drawn.dataset.features, drawn.specs
    light = tuple(feature for feature in features if not specs[feature.name].adapts_by_keras)
    column = partial(training_column, drawn.dataset, drawn.splits)
    statistics: Mapping[str, Statistics] = Preprocessing.adapt(light, specs, column).statistics if light else {}
    return Preprocessing(features, specs, statistics)


def _check_rows(learned: Preprocessing, dataset: Dataset) -> None:
    """Refuses ids outside of the vocabulary."""
    for feature in learned.features:
        if feature.kind != "ids":
            continue
        spec, statistics = learned.specs[feature.name], learned.statistics[feature.name]
        for values in (values for source in dataset.parts.values() for values in source.column(feature.name)):
            try:
                spec.check_rows(feature, statistics, values)
            except ValueError as error:
                raise DataError(str(error)) from None
