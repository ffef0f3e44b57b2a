"""What to write into a config, for what it has already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dltrain.callbacks.early_stopping import EarlyStopping
from dltrain.experiment import Experiment
from dltrain.models.augmented import is_augmentation
from dltrain.models.base import ModelSpec, PlannedLayer
from dltrain.schedules.constant import Constant

_MOST_DROPOUT = 0.5
_SIZES = ("units", "filters")


@dataclass(frozen=True)
class Change:
    """A setting and what to write there.

    Attributes:
        key: the setting.
        text: what to do.
    """

    key: str
    text: str


def lower_rate(experiment: Experiment, highest: float) -> Change:
    """A third of the highest learning rate."""
    return rate_of(experiment, float(f"{highest / 3:.1g}"), highest)


def rate_of(experiment: Experiment, rate: float, highest: float) -> Change:
    """That learning rate, or a schedule whose highest it is."""
    schedule, optimizer = experiment.optimizer.learning_rate, experiment.optimizer.type
    plain = f"`optimizer: {{{optimizer}: {rate:g}}}`"
    scheduled = f"a {schedule.type} of at most {rate:g}, now {highest:.3g}"
    return Change("optimizer.learning_rate", plain if isinstance(schedule, Constant) else scheduled)


def regularize(experiment: Experiment, plan: list[PlannedLayer]) -> Change:
    """What makes a model fit its training rows less closely: augmentation, dropout, fewer units."""
    model = experiment.model
    if plan and len(plan[0].shape) == 3 and not any(map(is_augmentation, plan)) and model.type == "cnn":
        return Change("dataset.augment", "`dataset.augment: [random_translation: 0.1]`, or more dropout")
    if model.layers is not None:
        return _in_layers(plan)
    dropout = getattr(model, "dropout", None)
    if not hidden(plan) or dropout is None:
        return _without_hidden_layers(experiment)
    if dropout < _MOST_DROPOUT:
        more = 0.3 if dropout < 0.3 else _MOST_DROPOUT
        return Change("model.dropout", f"`model.dropout: {more:g}`, now {dropout:g}")
    return _sized(model, lambda size: max(1, size // 2))


def enlarge(experiment: Experiment, plan: list[PlannedLayer]) -> Change:
    """What makes a model able to fit more: less dropout, more units."""
    model = experiment.model
    dropout = getattr(model, "dropout", 0.0) if model.layers is None else 0.0
    if dropout >= _MOST_DROPOUT:
        return Change("model.dropout", f"`model.dropout: {dropout / 2:.2g}`, now {dropout:g}")
    if model.layers is not None:
        return Change("model.layers", "double the units of the layers in `model.layers`")
    if not hidden(plan):
        return Change("model.units", "`model.units: [128]`, now none")
    return _sized(model, lambda size: 2 * size)


def _without_hidden_layers(experiment: Experiment) -> Change:
    if any(isinstance(callback, EarlyStopping) for callback in experiment.trainer.callbacks):
        return Change("optimizer.weight_decay", "`weight_decay: 0.01` for the optimizer")
    return Change("trainer.callbacks", "`trainer.callbacks: [early_stopping: {patience: 3}]`")


def _sized(model: ModelSpec, change: Any) -> Change:
    name = next((name for name in reversed(_SIZES) if getattr(model, name, ())), "units")
    sizes = list(getattr(model, name, ()))
    return Change(f"model.{name}", f"`model.{name}: {list(map(change, sizes))}`, now {sizes}")


def _in_layers(plan: list[PlannedLayer]) -> Change:
    rates = [rate for layer in plan if isinstance(rate := getattr(layer.spec, "rate", None), float)]
    if rates and max(rates) >= _MOST_DROPOUT:
        return Change("model.layers", "fewer units or filters into `model.layers`")
    said = f"raise the dropout in `model.layers`, now {max(rates):g} at most" if rates else ""
    return Change("model.layers", said or "add `dropout: 0.3` before the last layer of `model.layers`")


def hidden(plan: list[PlannedLayer]) -> bool:
    """Whether a layer with weights lies before the output."""
    return any(layer.parameters for layer in plan[:-1])
