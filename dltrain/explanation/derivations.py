"""Values that no one wrote and that are no fixed defaults, each with why it is so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dltrain.experiment import Experiment
from dltrain.explanation.known import Known
from dltrain.explanation.short_form import briefly
from dltrain.foresight import takes_onednn
from dltrain.preprocessing.base import FeatureSpec, need_keras
from dltrain.runtime.choices import xla
from dltrain.runtime.devices import processors
from dltrain.schedules.base import Horizon
from dltrain.signature import Feature
from dltrain.spec.section import Section
from dltrain.workload import intra_op_threads, steps_per_execution

LATER = "depends on the data; add --data"

_HOLDS = {
    "numeric": "numbers", "boolean": "true and false", "categorical": "labels", "datetime": "dates", "text": "texts",
    "image": "pixels", "ids": "ids",
}  # fmt: skip


@dataclass(frozen=True)
class Derived:
    """A value that follows from something else.

    Attributes:
        path: of the setting, dotted, or what else it is.
        value: None where it is not known yet.
        why: what it follows from.
    """

    path: str
    value: Any
    why: str


def derivations(written: Experiment, known: Known) -> Iterator[Derived]:
    """All of them, in the order of a config.

    Args:
        written: as the config says.
        known: the same with what is known of the data.
    """
    yield from _features(written, known)
    yield from _splits(known)
    yield from _task(written, known)
    yield from _target(known)
    yield from _output(known)
    yield from _schedule(known)
    yield from _monitor(written, known)
    yield from _runtime(written, known)


def _features(written: Experiment, known: Known) -> Iterator[Derived]:
    """Features that are prepared alike stand together: a table may have hundreds."""
    groups: dict[str, list[Feature]] = {}
    for feature in known.features:
        if known.specs[feature.name] != written.dataset.feature_specs.get(feature.name):
            groups.setdefault(str(briefly(known.specs[feature.name])), []).append(feature)
    for group in groups.values():
        spec = known.specs[group[0].name]
        why = "; ".join([_held(group, spec, known), *_settled(written, group[0].name, spec)])
        yield Derived(f"dataset.features.{_names(group)}", briefly(spec), why)
    if not known.features:
        yield Derived("dataset.features", None, LATER)


def _names(features: list[Feature]) -> str:
    names = [feature.name for feature in features]
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more"


def _settled(written: Experiment, name: str, spec: FeatureSpec) -> Iterator[str]:
    """What else the dataset and the model had a say in."""
    dataset = written.dataset
    given = dataset.feature_specs.get(name) or FeatureSpec.choose(spec.type)
    if given == spec:
        return
    with_policy = given.with_policy(dataset.missing_policy)
    if with_policy != given:
        yield f"missing values as `dataset.missing` says: {dataset.missing_policy}"
    if with_policy != spec and with_policy.type == spec.type:
        yield f"as model.type: {written.model.type} reads it"


def _held(group: list[Feature], spec: FeatureSpec, known: Known) -> str:
    held = _HOLDS[group[0].kind]
    widths = [spec.prepared(feature, known.statistics.get(feature.name)).shape for feature in group]
    lengths = [shape[0] for shape in widths if len(shape) == 1]
    text = f"{'holds' if len(group) == 1 else 'hold'} {held}"
    if not known.statistics or len(lengths) < len(group) or None in lengths or lengths == [1] * len(group):
        return text
    return f"{text}: {sum(length or 0 for length in lengths):,} prepared columns"


def _splits(known: Known) -> Iterator[Derived]:
    if not known.rows:
        yield Derived("rows of splits", None, LATER)
        return
    counts = {name: known.rows[name] for name in ("train", "validation", "test") if name in known.rows}
    taken = known.experiment.splits
    why = ", ".join(f"{key} {_share(getattr(taken, key), counts, key)}" for key in ("validation", "test"))
    if taken.type == "auto":
        why = f"{why}; {_first_line(taken)}"
    yield Derived("rows of splits", counts, why)


def _first_line(section: Section) -> str:
    text = (type(section).__doc__ or "").split("\n")[0].rstrip(".")
    return text[:1].lower() + text[1:]


def _share(share: Any, counts: dict[str, int], key: str) -> str:
    if share is not None:
        return str(share)
    return "by default" if key in counts else "none"


def _task(written: Experiment, known: Known) -> Iterator[Derived]:
    task, loss, metrics = (getattr(known.experiment, name) for name in ("task", "loss", "metrics"))
    if written.task is None:
        yield Derived("task", task and briefly(task), known.reason)
    default = f"the default of {task.type}" if task else LATER
    if written.loss is None:
        yield Derived("loss", loss and briefly(loss), default)
    if written.metrics is None:
        yield Derived("metrics", None if metrics is None else [briefly(metric) for metric in metrics], default)


def _target(known: Known) -> Iterator[Derived]:
    target, task = known.target, known.experiment.task
    if task is None or target is None:
        return
    names = target.classes or target.labels
    if names:
        listed = list(names) if len(names) <= 12 else f"{len(names):,}, from {names[0]} to {names[-1]}"
        yield Derived("labels" if target.labels else "classes", listed, f"the values of '{target.name}', in order")
    elif known.head and not known.head.units:
        yield Derived("classes", None, LATER)
    if target.scale:
        unit = [f"(y - {start:.4g}) / {by:.4g}" for start, by in zip(target.offset, target.scale, strict=True)]
        shown = unit if len(unit) <= 3 else f"(y - offset) / scale of each of {len(unit)} values"
        yield Derived("what the model learns", shown, "mean 0 and deviation 1 on the training rows")


def _output(known: Known) -> Iterator[Derived]:
    head, loss = known.head, known.experiment.loss
    if known.experiment.model.has_own_output:
        return
    if head is None or loss is None or not head.activation:
        yield Derived("output layer", None, LATER)
        return
    units = f"{head.units:,}" if head.units else "?"
    yield Derived("output layer", f"dense, {units} x {head.activation}", f"what {loss.type} takes for this target")


def _schedule(known: Known) -> Iterator[Derived]:
    """Steps of an epoch, and what the learning rate makes of them."""
    trainer, schedule = known.experiment.trainer, known.experiment.optimizer.learning_rate
    if not known.rows:
        yield Derived("steps of an epoch", None, LATER)
        return
    steps = -(-known.rows["train"] // trainer.batch_size)
    why = f"{known.rows['train']:,} rows in batches of {trainer.batch_size:,}"
    yield Derived("steps of an epoch", steps, why)
    timing = schedule.timing(Horizon(steps, trainer.epochs))
    run = f"the run has {steps:,} steps in each of {trainer.epochs:,} epochs"
    for name, value in timing.items():
        if value and value != getattr(schedule, name, None):
            yield Derived(f"optimizer.learning_rate.{name}", value, run)


def _monitor(written: Experiment, known: Known) -> Iterator[Derived]:
    experiment = known.experiment
    if written.trainer.monitor:
        return
    if experiment.optimizer.use_ema:
        yield Derived("trainer.monitor", "none", "use_ema keeps the average of the weights")
    elif experiment.monitor is None:
        yield Derived("trainer.monitor", "none", "without validation, the last epoch's weights are kept")
    elif experiment.metrics is None:
        yield Derived("trainer.monitor", None, LATER)
    else:
        first = "the first metric" if experiment.metrics else "the loss, as there are no metrics"
        yield Derived("trainer.monitor", experiment.monitor, f"val_ and {first}")


def _steps_per_execution(written: Experiment, known: Known) -> Derived:
    """One on other backends than TensorFlow; there it needs to be known how much a step computes."""
    name, complete = "runtime.steps_per_execution", known.complete
    steps = -(-known.rows["train"] // written.trainer.batch_size) if "train" in known.rows else sys.maxsize
    if written.runtime.backend == "tensorflow" and not complete:
        return Derived(name, None, LATER)
    why = "less than a second, and at most 64" if written.runtime.backend == "tensorflow" else "what suits it"
    return Derived(name, steps_per_execution(written, known.layers, steps), why)


def _intra_op_threads(written: Experiment, known: Known) -> Derived:
    """All on other backends than TensorFlow; there it needs to be known how much an operation computes."""
    name, runtime = "runtime.intra_op_threads", written.runtime
    late = need_keras(known.specs.values())
    if runtime.backend != "tensorflow" or late or runtime.device == "gpu":
        return Derived(name, runtime.threads or processors(), "all that there are")
    if not known.complete:
        return Derived(name, None, LATER)
    found = intra_op_threads(written, known.layers)
    why = "threads would wait for one another longer than they compute" if found else "all that there are"
    return Derived(name, found or runtime.threads or processors(), why)


def _onednn(written: Experiment) -> Derived:
    """By a glance at the data, as a fit derives it: the backend is started before the data is read."""
    if written.runtime.backend != "tensorflow":
        return Derived("runtime.onednn", False, "its kernels are TensorFlow's")
    taken = takes_onednn(written)
    why = "faster on a processor" if taken else "slower for large products of dense layers"
    return Derived("runtime.onednn", taken, why)


def _runtime(written: Experiment, known: Known) -> Iterator[Derived]:
    runtime = written.runtime
    if runtime.threads is None:
        yield Derived("runtime.threads", processors(), "all processors of this machine")
    if runtime.intra_op_threads is None:
        yield _intra_op_threads(written, known)
    if runtime.steps_per_execution is None:
        yield _steps_per_execution(written, known)
    if runtime.jit_compile is None:
        yield Derived("runtime.jit_compile", *xla(runtime, None if runtime.device == "auto" else runtime.device))
    if runtime.deterministic is None:
        told = {"cpu": True, "gpu": False}.get(runtime.device)
        yield Derived("runtime.deterministic", told, "on a processor; not on a GPU")
    if runtime.onednn is None:
        yield _onednn(written)
    if runtime.memory is None:
        yield Derived("runtime.memory", "30%", "of what is free at the start")
