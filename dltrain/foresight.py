"""What a fit will come to, as far as a glance at the data tells: its settings, its layers, and what is wrong.

It needs neither the rows nor NumPy, and asks the same code that a fit asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dltrain.assemble import planned
from dltrain.completion import foresee_task, target_problems, with_task
from dltrain.consistency import find_problems, misfits, schedule_problems
from dltrain.data.glance import Glance
from dltrain.errors import DataError, UsageError
from dltrain.experiment import Experiment
from dltrain.metrics.base import CLASSIFICATION
from dltrain.models.base import PlannedLayer
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.signature import Feature, Head, SeenTarget, Target
from dltrain.spec.problems import Problem, SpecError, below
from dltrain.tasks.base import TaskSpec
from dltrain.tasks.class_table import check_weights
from dltrain.workload import suits_onednn

DEFAULT_BATCH = 32


@dataclass
class Foresight:
    """What is known before the data is read. Whatever is not known is None, or empty.

    Attributes:
        experiment: with task, loss and metrics written out, where the task is known.
        glance: at the data.
        specs: how each feature is prepared.
        prepared: what a prepared row is, with None for lengths that are not known.
        target: what is predicted; classes and labels are empty where they are not known.
        head: the output layer, with 0 units where their number is not known, and without an activation
            where the loss is not.
        plan: the layers of the training model, up to the first that lengths which are not known decide
            about; the output layer that is appended is there where its units are known.
        sizes: how many rows each split gets.
        problems: what is wrong, not located.
    """

    experiment: Experiment
    glance: Glance = field(default_factory=Glance)
    specs: Mapping[str, FeatureSpec] | None = None
    prepared: Feature | None = None
    target: Target | None = None
    head: Head | None = None
    plan: list[PlannedLayer] = field(default_factory=list)
    sizes: Mapping[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def foresee(experiment: Experiment) -> Foresight:
    """Looks at the data's headers and at nothing else, and finds what is wrong with an experiment.

    A file that is missing is one problem; nothing is known of it then.
    """
    found = Foresight(experiment)
    with collecting(found.problems):
        found.glance = experiment.dataset.glance(experiment.extras)
    with collecting(found.problems):
        _prepare(found)
    with collecting(found.problems):
        _predict(found)
    found.problems += find_problems(found.experiment)
    with collecting(found.problems):
        _assemble(found)
    with collecting(found.problems):
        _take(found)
    with collecting(found.problems):
        _split(found)
    found.problems = list(dict.fromkeys(found.problems))
    return found


def takes_onednn(experiment: Experiment) -> bool:
    """The setting `runtime.onednn`, or whether its kernels suit the model; false on another backend than TensorFlow."""
    runtime = experiment.runtime
    if runtime.onednn is not None or runtime.backend != "tensorflow":
        return bool(runtime.onednn)
    return suits_onednn(experiment, foresee(experiment).plan)


@contextmanager
def collecting(problems: list[Problem]) -> Iterator[None]:
    """Adds what is raised inside to the problems, those of the data at ``dataset``, and goes on."""
    try:
        yield
    except SpecError as error:
        problems += error.problems
    except DataError as error:
        problems.append(Problem(str(error), ("dataset",)))


def _prepare(found: Foresight) -> None:
    if (features := found.glance.features) is None:
        return
    found.specs = found.experiment.settle(features)
    found.experiment = found.experiment.with_features(found.specs)
    found.prepared = Preprocessing(features, found.specs, {}).prepared


def _predict(found: Foresight) -> None:
    """Task, target and head."""
    seen = found.glance.target or SeenTarget("")
    tasks = foresee_task(found.experiment, seen)
    if len(tasks) > 1:
        found.problems += misfits(found.experiment, tasks)
        return
    given, task = found.experiment.task, found.experiment.task or TaskSpec.choose(next(iter(tasks)))
    found.experiment = with_task(found.experiment, task)
    try:
        found.target = task.foresee(seen)
    except ValueError as error:
        where = ("dataset", "target") if found.experiment.dataset.target_columns else ("dataset",)
        raise SpecError([Problem(str(error), ("task",) if given else where)]) from None
    if seen.lowest is not None:
        found.problems += target_problems(found.experiment, seen.lowest)
    found.head = _head(found.experiment, found.target, seen)
    if found.target.classes:
        check_weights(found.experiment.trainer.class_weight, found.target.classes)


def _head(experiment: Experiment, target: Target, seen: SeenTarget) -> Head | None:
    task, loss = experiment.task, experiment.loss
    if task is None or loss is None or task.type not in loss.tasks:
        return None
    with below("loss"):
        head = loss.head(target)
    unknown = not target.labels if task.type == "multilabel_classification" else seen.shape is None
    return Head(0, head.activation, head.threshold) if unknown else head


def _assemble(found: Foresight) -> None:
    if found.prepared is not None:
        found.plan = planned(found.experiment, found.prepared, found.head or Head(0, ""))


def _take(found: Foresight) -> None:
    """The run whose weights are taken is there."""
    if (source := found.experiment.model.weights_from) is None:
        return
    from dltrain.runs.directory import find

    try:
        find(source).single()
    except UsageError as error:
        raise SpecError.at("model.weights_from", str(error)) from None


def _split(found: Foresight) -> None:
    splits, task = found.experiment.splits, found.experiment.task
    with below("splits"):
        if task is not None:
            splits.check_classes(task.type in CLASSIFICATION)
    if found.glance.rows is None or any(problem.path[:1] == ("splits",) for problem in found.problems):
        return
    with below("splits"):
        found.sizes = found.experiment.splits.sizes(found.glance.rows)
    if found.sizes:
        found.problems += size_problems(found.experiment, found.sizes)


def size_problems(experiment: Experiment, sizes: Mapping[str, int]) -> Iterator[Problem]:
    """What does not fit the number of rows to train on."""
    rows, batch = sizes["train"], experiment.trainer.batch_size
    if batch > max(rows, DEFAULT_BATCH):
        text = f"a batch of {batch:,} rows is larger than the train split, which has {rows:,}"
        yield Problem(f"{text}; write at most {rows:,}, or make `splits` smaller", ("trainer", "batch_size"))
    yield from schedule_problems(experiment, -(-rows // batch))
