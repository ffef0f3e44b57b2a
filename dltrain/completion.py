"""What the config leaves open, completed from the target: task, loss and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dltrain.consistency import find_problems
from dltrain.data.source import Dataset
from dltrain.experiment import Experiment
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec
from dltrain.signature import SeenTarget, Target, TaskName
from dltrain.spec.problems import Path, Problem, SpecError
from dltrain.tasks.base import TaskSpec, derive, possible

if TYPE_CHECKING:
    import numpy as np


def complete(experiment: Experiment, dataset: Dataset, values: np.ndarray) -> tuple[Experiment, Target, str]:
    """Fills in task, loss and metrics.

    Returns:
        The experiment, the target, and why the task is what it is.

    Raises:
        SpecError: what the config says does not fit the target, or each other.
    """
    task, reason = _task(experiment, dataset, values)
    try:
        target = task.target(dataset.target_name, values, columns=dataset.target_columns)
    except ValueError as error:
        where: Path = ("dataset", "target") if dataset.target_columns else ("dataset",)
        path: Path = ("task",) if experiment.task else where
        raise SpecError([Problem(str(error), path)]) from None
    completed = with_task(experiment, task)
    problems = [*find_problems(completed)]
    if completed.loss is not None and completed.loss.target_minimum is not None:
        problems += target_problems(completed, values.min())
    if problems:
        raise SpecError(problems)
    return completed, target, reason


def with_task(experiment: Experiment, task: TaskSpec) -> Experiment:
    """The experiment with its task, loss and metrics written out."""
    given = experiment.metrics
    metrics = tuple(MetricSpec.choose(metric) for metric in task.default_metrics) if given is None else given
    loss = experiment.loss or LossSpec.choose(task.default_loss)
    return experiment.completed(task=task, loss=loss, metrics=metrics)


def foresee_task(experiment: Experiment, seen: SeenTarget) -> frozenset[TaskName]:
    """The tasks that `complete` may find in all values, given what is seen of the target before they are read."""
    if experiment.task:
        return frozenset((experiment.task.type,))  # type: ignore[arg-type]
    return frozenset(task for suggested in possible(seen) for task in _instead(suggested, experiment, seen))


def _instead(suggested: TaskName, experiment: Experiment, seen: SeenTarget) -> list[TaskName]:
    """What the loss or the metrics may make of a task that the target suggests."""
    for component in [experiment.loss] if experiment.loss else experiment.metrics or ():
        if suggested not in component.tasks and (others := [task for task in component.tasks if _may_be(task, seen)]):
            return others
    return [suggested]


def _may_be(task: TaskName, seen: SeenTarget) -> bool:
    try:
        TaskSpec.choose(task).foresee(seen)
    except ValueError:
        return False
    return True


def _task(experiment: Experiment, dataset: Dataset, values: np.ndarray) -> tuple[TaskSpec, str]:
    """As written; else the one the target suggests, unless loss or metrics allow only another."""
    if experiment.task:
        return experiment.task, "as the config says"
    try:
        suggested, reason = derive(values, labels=dataset.has_labels)
    except ValueError as error:
        raise SpecError([Problem(str(error), ("dataset", "target"))]) from None
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


def target_problems(experiment: Experiment, lowest: float) -> Iterator[Problem]:
    """A target that the loss is not defined for, by its smallest number."""
    loss = experiment.loss
    if loss is not None and loss.target_minimum is not None and lowest < loss.target_minimum:
        message = f"{loss.type} is defined for targets from {loss.target_minimum:g}, and the smallest is {lowest:g}"
        yield Problem(f"{message}; use mean_squared_error", ("loss",))
