"""What sections of one config say against each other; needs no data."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from dltrain.callbacks.base import MonitoringSpec
from dltrain.experiment import SPLITS, Experiment, bound_of
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import CLASSIFICATION, REGRESSION, MetricSpec, separate_names
from dltrain.runtime.settings import RuntimeSpec
from dltrain.schedules.base import Horizon
from dltrain.spec.family import type_name
from dltrain.spec.problems import Path, Problem, SpecError, below, one_of, suggestion
from dltrain.tasks.base import TaskSpec

_MANY_STEPS = 1_000_000


def find_problems(experiment: Experiment) -> Iterator[Problem]:
    """Mistakes between sections, each at one of the places concerned."""
    for problem in experiment.dataset.find_problems():
        yield replace(problem, path=("dataset", *problem.path))
    yield from _split_problems(experiment)
    if experiment.task is not None:
        yield from misfits(experiment, (experiment.task.type,))
    yield from _weight_problems(experiment)
    yield from _monitor_problems(experiment)
    yield from _trainer_problems(experiment)
    yield from _expect_problems(experiment)
    yield from _compiler_problems(experiment)
    yield from _backend_problems(experiment.runtime)


def misfits(experiment: Experiment, tasks: Iterable[str]) -> Iterator[Problem]:
    """A loss and metrics that fit none of these tasks."""
    possible, called = frozenset(tasks), one_of(sorted(tasks))
    loss = experiment.loss
    if loss is not None and not possible & loss.tasks:
        fitting = _fitting(LossSpec, possible)
        yield Problem(f"'{loss.type}' does not fit {called}; use {one_of(fitting, limit=6)}", ("loss",))
    for index, metric in enumerate(experiment.metrics or ()):
        if not possible & metric.tasks:
            fitting = _fitting(MetricSpec, possible)
            text = f"'{metric.name}' does not fit {called}; use {one_of(fitting, limit=12)}"
            yield Problem(text, ("metrics", index))
        elif metric.final_only:
            text = f"'{metric.name}' cannot be watched while training; delete it, it is a final score anyway"
            yield Problem(text, ("metrics", index))


def _fitting(family: type[LossSpec] | type[MetricSpec], tasks: "frozenset[str]") -> list[str]:
    members = ((name, member) for name, member in family.choices().items() if not getattr(member, "final_only", False))
    return [name for name, member in members if tasks & member.tasks and name not in member.aliases]


def _split_problems(experiment: Experiment) -> Iterator[Problem]:
    splits = experiment.splits
    if splits.scatters and (stride := experiment.dataset.stride_without_overlap):
        text = f"{splits.type} puts windows that share rows into different splits, so training sees what is scored"
        yield Problem(f"{text}; write time or group, or `dataset.window.stride: {stride}`", ("splits",))
    for key in ("validation", "test"):
        if getattr(splits, key, None) == 1:
            text = "1 is a single row, and as a share all of them; write a fraction below 1, or a number from 2 on"
            yield Problem(text, ("splits", key))
    shares = [share for share in (splits.validation, splits.test) if isinstance(share, float)]
    if sum(shares) >= 1:
        text = f"validation and test take {sum(shares):.0%} of the rows and leave none to train on; lower them"
        yield Problem(text, ("splits",))


def _compiler_problems(experiment: Experiment) -> Iterator[Problem]:
    runtime = experiment.runtime
    if runtime.backend == "tensorflow" and runtime.jit_compile and runtime.deterministic:
        text = "XLA is not taken by TensorFlow where `runtime.deterministic` is true; delete one of them"
        yield Problem(text, ("runtime", "jit_compile"))


def _backend_problems(runtime: RuntimeSpec) -> Iterator[Problem]:
    """Settings that only another backend has."""
    if runtime.backend == "torch" and (runtime.steps_per_execution or 1) > 1:
        text = "PyTorch updates the weights once per call of the step; delete steps_per_execution"
        yield Problem(text, ("runtime", "steps_per_execution"))
    if runtime.backend != "tensorflow" and runtime.intra_op_threads is not None:
        text = f"{runtime.backend} shares each operation between all threads; delete intra_op_threads, or write threads"
        yield Problem(text, ("runtime", "intra_op_threads"))
    elif (runtime.intra_op_threads or 0) > (runtime.threads or runtime.intra_op_threads or 0):
        text = f"only {runtime.threads} of `runtime.threads` can share an operation; lower it"
        yield Problem(text, ("runtime", "intra_op_threads"))
    if runtime.backend != "tensorflow" and runtime.onednn:
        yield Problem(
            f"its kernels are TensorFlow's, and the backend is {runtime.backend}; delete onednn", ("runtime", "onednn")
        )


def _weight_problems(experiment: Experiment) -> Iterator[Problem]:
    task = experiment.task
    if experiment.trainer.class_weight is not None and task and task.type not in CLASSIFICATION:
        text = f"class weights are for one class a row, and the task is {task.type}; delete them"
        yield Problem(f"{text}, or weigh the rows with `dataset.weight`", ("trainer", "class_weight"))


def _monitor_problems(experiment: Experiment) -> Iterator[Problem]:
    trainer, validates = experiment.trainer, experiment.validates
    computed = ["loss", *experiment.metric_names]
    known = computed + [f"val_{name}" for name in computed] * validates
    # Without a task, other metrics may be added to none that are written.
    open_ended = experiment.metrics is None and experiment.task is None
    watched: list[tuple[str | None, Path]] = [(trainer.monitor, ("trainer", "monitor"))]
    watched += [(found.monitored, ("trainer", "callbacks", index)) for index, found in enumerate(trainer.callbacks)]
    for monitor, path in watched:
        if monitor is None or monitor in known:
            continue
        unvalidated = monitor.startswith("val_") and not validates
        if open_ended and not unvalidated:
            continue
        reason = ", since there is no validation split" if unvalidated else ""
        use = f"use {one_of(known)}{_meant(monitor, known)}" if not open_ended else _without("val_", monitor)
        yield Problem(f"'{monitor}' is not computed{reason}; {use}", path)


def _without(prefix: str, monitor: str) -> str:
    return f"write {monitor.removeprefix(prefix)}, or `splits.validation` with a share of the rows"


def _trainer_problems(experiment: Experiment) -> Iterator[Problem]:
    trainer, optimizer = experiment.trainer, experiment.optimizer
    if optimizer.use_ema and trainer.monitor:
        text = "optimizer.use_ema keeps the average of the weights, not the best epoch; delete one of the two"
        yield Problem(text, ("trainer", "monitor"))
    # The number of steps is known only with the data; durations in epochs can be checked now.
    yield from schedule_problems(experiment, _MANY_STEPS)
    for index, callback in enumerate(trainer.callbacks):
        path = ("trainer", "callbacks", index)
        patience = getattr(callback, "patience", 0)
        if patience >= trainer.epochs > 1:
            message = f"patience {patience} is never used up in {trainer.epochs} epochs"
            yield Problem(f"{message}; lower it, or raise trainer.epochs", path)
        if callback.changes_learning_rate and (schedule := optimizer.learning_rate.type) != "constant":
            message = f"it changes the learning rate, which optimizer.learning_rate already does by {schedule}"
            yield Problem(f"{message}; keep one of the two", path)
        if isinstance(callback, MonitoringSpec) and experiment.monitor is None and callback.monitored is None:
            yield Problem("there is no validation split to watch; write `monitor: loss`", path)


def schedule_problems(experiment: Experiment, steps_per_epoch: int) -> Iterator[Problem]:
    """What of the optimizer does not fit a run of so many steps."""
    try:
        with below("optimizer"):
            experiment.optimizer.check(Horizon(steps_per_epoch, experiment.trainer.epochs))
    except SpecError as error:
        yield from error.problems


def _expect_problems(experiment: Experiment) -> Iterator[Problem]:
    present = [name for name in SPLITS if getattr(experiment.splits, name, None) != "none"]
    for key, bound in experiment.expect.items():
        split, _, score = key.partition(".")
        known = _final_scores(experiment, experiment.task) if experiment.task else []
        if split not in SPLITS or not score:
            text = f"expected a split and a score, such as test.accuracy; splits are {one_of(SPLITS)}"
            yield Problem(f"{text}{suggestion(split, SPLITS)}", ("expect", key), key=True)
        elif split not in present:
            yield Problem(f"there is no {split} split; there is {one_of(present)}", ("expect", key), key=True)
        elif experiment.task and score not in known:
            text = f"'{score}' is not among the final scores; they are {one_of(dict.fromkeys(known))}"
            yield Problem(f"{text}{_meant(score, known)}", ("expect", key), key=True)
        elif text := _out_of_reach(score, bound):
            yield Problem(text, ("expect", key))


def absent_splits(experiment: Experiment, present: Sequence[str]) -> Iterator[Problem]:
    """Expected scores of splits that there are not."""
    for key in experiment.expect:
        if (split := key.partition(".")[0]) not in present:
            yield Problem(f"there is no {split} split; there is {one_of(present)}", ("expect", key), key=True)


def _out_of_reach(score: str, bound: str) -> str:
    """What is wrong with a bound that a score of a limited range never keeps; empty where nothing is."""
    metric = MetricSpec.member(score)
    if metric is None:
        return ""
    (sign, limit), (lowest, highest) = bound_of(bound), metric.limits
    if highest is not None and (limit > highest or (limit == highest and sign == ">")) and sign in (">", ">="):
        return f"{score} is at most {highest:g}, so it is never {bound}; write a bound that it can keep"
    if lowest is not None and (limit < lowest or (limit == lowest and sign == "<")) and sign in ("<", "<="):
        return f"{score} is at least {lowest:g}, so it is never {bound}; write a bound that it can keep"
    return ""


def _final_scores(experiment: Experiment, task: TaskSpec) -> list[str]:
    names = experiment.metric_names
    compared = task.report_of_forecasts if experiment.dataset.forecasts else ()
    columns = experiment.dataset.target_columns if task.type in REGRESSION else ()
    separate = [name for metric in names for name in separate_names(metric, columns)]
    return ["loss", *names, *separate, *task.report, *task.details, *compared]


def _meant(score: str, known: list[str]) -> str:
    """``; did you mean 'val_mean_squared_error'?`` for ``val_mse`` or for a near name."""
    prefix = "val_" if score.startswith("val_") else ""
    metric = MetricSpec.choices().get(score.removeprefix(prefix))
    name = f"{prefix}{type_name(metric)}" if metric else score
    return suggestion(name, known)
