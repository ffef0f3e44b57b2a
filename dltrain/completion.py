"""What the config leaves open, completed from the target: task, loss and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dltrain.data.source import Dataset
from dltrain.experiment import Experiment
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec
from dltrain.signature import Target
from dltrain.spec.problems import Path, Problem, SpecError
from dltrain.tasks.base import TaskSpec, derive

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


def _target_problems(experiment: Experiment, values: np.ndarray) -> Iterator[Problem]:
    assert experiment.loss is not None
    lowest = experiment.loss.target_minimum
    if lowest is not None and values.min() < lowest:
        message = f"{experiment.loss.type} is defined for targets from {lowest:g}, and the smallest is {values.min():g}"
        yield Problem(f"{message}; use mean_squared_error", ("loss",))
