"""What reading all rows tells about an experiment, before any is prepared for training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.assemble import Assembly
from dltrain.audit.auditor import Auditor
from dltrain.audit.finding import Finding
from dltrain.completion import complete
from dltrain.data.kept import keep
from dltrain.data.source import NAIVE, Census, Dataset, take_census
from dltrain.errors import DataError
from dltrain.experiment import Experiment
from dltrain.memory import give_back
from dltrain.preprocessing.base import FeatureSpec, need_keras
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.scratch import Scratch
from dltrain.signature import Target
from dltrain.spec.problems import SpecError, below
from dltrain.splits.base import DIGESTS, Population, Splits
from dltrain.tasks.base import Past

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Study:
    """What all rows tell.

    Attributes:
        assembly: of the completed experiment.
        dataset: where the rows came from.
        splits: which rows are where.
        reason: why the task is what it is.
        findings: what is suspicious about data and splits.
    """

    assembly: Assembly
    dataset: Dataset
    splits: Splits
    reason: str
    findings: tuple[Finding, ...]


def load_all(experiment: Experiment) -> Dataset:
    """The experiment's data, with the columns that it asks for."""
    return experiment.dataset.load(experiment.extras)


def study(
    experiment: Experiment,
    scratch: Scratch,
    starting: Callable[[], object] = lambda: None,
    load: Callable[[Experiment], Dataset] = load_all,
) -> Study:
    """Loads the data, completes the experiment, draws the splits and learns from the training rows.

    Keras is needed only where texts have to be cut into words.

    Args:
        experiment: as the config says.
        scratch: where rows lie.
        starting: is called before the first use of Keras.
        load: gives the rows.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    drawn = draw(experiment, keep(load(experiment), scratch), scratch)
    completed, dataset, specs, splits = drawn.experiment, drawn.dataset, drawn.specs, drawn.splits
    target = in_unit(completed, drawn.target, dataset, drawn.census, splits.train)
    reason, findings = drawn.reason, drawn.findings
    del drawn
    give_back()
    if need_keras(specs.values()):
        starting()
    preprocessing = Preprocessing.adapt(dataset.features, specs, lambda name: training_column(dataset, splits, name))
    return Study(Assembly(completed, target, preprocessing), dataset, splits, reason, findings)


@dataclass(frozen=True)
class Drawn:
    """What one pass over all rows tells, and the splits.

    Attributes:
        experiment: completed.
        dataset: where the rows came from.
        specs: how each feature is prepared.
        census: of the rows.
        target: what is predicted.
        splits: which rows are where.
        reason: why the task is what it is.
        findings: what is suspicious about data and splits.
    """

    experiment: Experiment
    dataset: Dataset
    specs: Mapping[str, FeatureSpec]
    census: Census
    target: Target
    splits: Splits
    reason: str
    findings: tuple[Finding, ...]


def draw(experiment: Experiment, dataset: Dataset, scratch: Scratch) -> Drawn:
    """Completes the experiment and draws the splits; needs no Keras.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    specs = experiment.settle(dataset.features)
    experiment = experiment.with_features(specs)
    auditor = Auditor(scratch)
    empty_text = experiment.task is not None and experiment.task.takes_empty_text
    census = take_census(dataset, specs, auditor.see, scratch=scratch, empty_text=empty_text)
    give_back()
    completed, target, reason = complete(experiment, dataset, census.target)
    population = _population(completed, target, census, auditor)
    splits = _split(completed, target, census, population)
    findings = auditor.findings(
        completed.splits, splits, population=population, target=census.target, classes=target.classes
    )
    return Drawn(completed, dataset, specs, census, target, splits, reason, findings)


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


def in_unit(experiment: Experiment, target: Target, dataset: Dataset, census: Census, train: np.ndarray) -> Target:
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


def training_column(dataset: Dataset, splits: Splits, name: str) -> Iterator[np.ndarray]:
    """One feature of the training rows, in chunks."""
    start = 0
    for source in dataset.parts.values():
        for values in source.column(name):
            chosen = within(splits.train, start, len(values))
            start += len(values)
            if len(chosen):
                yield values if len(chosen) == len(values) else values[chosen]


def within(ids: np.ndarray, start: int, count: int) -> np.ndarray:
    """Ascending ids from `start` up to `start + count`, counted from `start`."""
    import numpy as np

    low, high = np.searchsorted(ids, np.asarray([start, start + count], ids.dtype))
    within: np.ndarray = ids[low:high] - start
    return within
