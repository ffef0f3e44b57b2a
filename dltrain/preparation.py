"""From rows to what training and scoring compute on: derived settings, splits, and prepared arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.data.kept import keep, release
from dltrain.data.source import Census, Dataset, Source, take_census
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.scratch import Scratch
from dltrain.signature import Target
from dltrain.spec.problems import Path, Problem, SpecError, below
from dltrain.splits.base import Population, Splits
from dltrain.tasks.base import TaskSpec, derive

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
    """

    assembly: Assembly
    dataset: Dataset
    splits: Splits
    prepared: Mapping[str, PreparedSplit]
    reason: str


def gather(experiment: Experiment, scratch: Scratch) -> Materials:
    """Loads the data, completes the experiment, draws the splits and prepares all rows.

    Args:
        experiment: as the config says.
        scratch: where rows lie.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    with below("splits"):
        dataset = keep(experiment.dataset.load(experiment.extras), scratch)
    with below("dataset", "features"):
        specs = settle(dataset.features, experiment.dataset.features, experiment.dataset.missing_policy)
    census = take_census(dataset, specs)
    completed, target, reason = complete(experiment, dataset, census.target)
    splits = _split(completed, target, census)
    if completed.task and completed.loss and completed.loss.takes_any_unit:
        target = completed.task.adapt(target, census.target[splits.train])
    preprocessing = Preprocessing.adapt(dataset.features, specs, lambda name: _training_column(dataset, splits, name))
    assembly = Assembly(completed, target, preprocessing)
    prepared = prepare(assembly, dataset, splits, scratch)
    release(dataset)
    return Materials(assembly, dataset, splits, prepared, reason)


def complete(experiment: Experiment, dataset: Dataset, values: np.ndarray) -> tuple[Experiment, Target, str]:
    """Fills in task, loss and metrics.

    Returns:
        The experiment, the target, and why the task is what it is.

    Raises:
        SpecError: what the config says does not fit the target, or each other.
    """
    task, reason = _task(experiment, dataset, values)
    try:
        target = task.target(dataset.target_name, values)
    except ValueError as error:
        path: Path = ("task",) if experiment.task else ("dataset",)
        raise SpecError([Problem(str(error), path)]) from None
    completed = experiment.completed(
        task=task,
        loss=experiment.loss or LossSpec.choose(task.default_loss),
        metrics=experiment.metrics
        if experiment.metrics is not None
        else tuple(MetricSpec.choose(metric) for metric in task.default_metrics),
    )
    problems = [*completed.find_problems(), *_target_problems(completed, values)]
    if problems:
        raise SpecError(problems)
    return completed, target, reason


def _task(experiment: Experiment, dataset: Dataset, values: np.ndarray) -> tuple[TaskSpec, str]:
    """As written; else the one the target suggests, unless loss or metrics allow only another."""
    if experiment.task:
        return experiment.task, "as the config says"
    suggested, reason = derive(values, labels=dataset.has_labels)
    chosen = (
        [("loss", experiment.loss)] if experiment.loss else [("metrics", metric) for metric in experiment.metrics or ()]
    )
    for key, component in chosen:
        if component is not None and suggested not in component.tasks:
            fitting = sorted(component.tasks)
            for task in map(TaskSpec.choose, fitting):
                if _fits(task, values):
                    return task, f"the {key} '{component.type}' is for {' and '.join(fitting)}"
    return TaskSpec.choose(suggested), reason


def _fits(task: TaskSpec, values: np.ndarray) -> bool:
    try:
        task.target("", values)
    except ValueError:
        return False
    return True


def _target_problems(experiment: Experiment, values: np.ndarray) -> Iterator[Problem]:
    assert experiment.loss is not None
    lowest = experiment.loss.target_minimum
    if lowest is not None and values.min() < lowest:
        message = f"{experiment.loss.type} is defined for targets from {lowest:g}, and the smallest is {values.min():g}"
        yield Problem(f"{message}; use mean_squared_error", ("loss",))


def _split(experiment: Experiment, target: Target, census: Census) -> Splits:
    assert experiment.task is not None
    classes = experiment.task.encode(census.target, target, "index") if target.classes else None
    population = Population(census.rows, classes, census.extras)
    with below("splits"):
        splits = experiment.splits.split(population, seed=experiment.seed)
    if classes is not None:
        _check_trained(classes, target, splits)
    return splits


def _check_trained(classes: np.ndarray, target: Target, splits: Splits) -> None:
    """Refuses classes that could only be guessed, since no row of them is trained on."""
    import numpy as np

    counts = np.bincount(classes[splits.train], minlength=len(target.classes))
    if not counts.all():
        label = target.classes[int(counts.argmin())][:40]
        where = [name for name, ids in splits.items() if (classes[ids] == counts.argmin()).any()]
        raise DataError(
            f"the class '{label}' of '{target.name}' has rows in {' and '.join(where)} but none in train; "
            "write splits.type: stratified, or drop these rows"
        )


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
            inputs[name][filled[name] : filled[name] + len(found)] = prepared[found]
            values[name].append(rows.target[found])
            for extra, column in rows.extras.items():
                extras[name][extra].append(column[found])
            filled[name] += len(found)
    joined = {name: {extra: np.concatenate(parts) for extra, parts in extras[name].items()} for name in inputs}
    return {name: PreparedSplit(inputs[name], np.concatenate(values[name]), joined[name]) for name in inputs}


def prepare_source(assembly: Assembly, source: Source, origin: str, scratch: Scratch) -> PreparedSplit:
    """All rows of other labelled data.

    Raises:
        DataError: there are no rows or no targets, or a row cannot be prepared.
    """
    import numpy as np

    experiment, target = assembly.experiment, assembly.target
    features = assembly.preprocessing.features
    dataset = keep(Dataset({"data": source}, features, target.name, "", origin), scratch)
    census = take_census(dataset, assembly.preprocessing.specs)
    nothing = np.empty(0, "int64")
    splits = Splits(np.arange(census.total), nothing, nothing)
    try:
        assert experiment.task is not None
        experiment.task.encode(census.target, target, "index" if target.classes else "value")
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

    low, high = np.searchsorted(ids, [start, start + count])
    within: np.ndarray = ids[low:high] - start
    return within
