"""What a training is at one moment, as arrays and plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.callbacks.base import CallbackSpec

if TYPE_CHECKING:
    import keras
    import numpy as np


@dataclass(frozen=True)
class Place:
    """A moment between two steps.

    Attributes:
        epochs: that have ended.
        steps: of the next epoch that are done.
        logs: of the last of these steps.
    """

    epochs: int = 0
    steps: int = 0
    logs: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.steps:
            return f"in epoch {self.epochs + 1} after step {self.steps}"
        return f"after epoch {self.epochs}" if self.epochs else "before the first step"


def read_variables(model: keras.Model) -> dict[str, np.ndarray]:
    """Copies of all variables that training changes: weights, generators, optimizer slots, metric accumulators."""
    import keras
    import numpy as np

    return {
        name: np.array(keras.ops.convert_to_numpy(variable), copy=True) for name, variable in _variables(model).items()
    }


def write_variables(model: keras.Model, arrays: Mapping[str, np.ndarray], *, spared: Sequence[Any] = ()) -> None:
    """Assigns what `read_variables` read, except to the variables `spared`.

    Raises:
        ValueError: the arrays are of another model; nothing is assigned.
    """
    wanted = _variables(model)
    shapes = {name: tuple(variable.shape) for name, variable in wanted.items()}
    given = {name: array.shape for name, array in arrays.items()}
    if given != shapes:
        name = next(name for name in {**shapes, **given} if shapes.get(name) != given.get(name))
        there, here = (f"has the shape {found[name]}" if name in found else "is not" for found in (given, shapes))
        raise ValueError(f"the variable {name} {there} in the checkpoint, and {here} in the model")
    kept = [id(variable) for variable in spared]
    for name, variable in wanted.items():
        if id(variable) not in kept:
            variable.assign(arrays[name])


def _variables(model: keras.Model) -> dict[str, Any]:
    """Each once, by group and index: Keras's own names count the models that a process has built."""
    groups = {"model": model.variables, "optimizer": model.optimizer.variables, "metrics": model.metrics_variables}
    found, seen = {}, set()
    for group, members in groups.items():
        for index, variable in enumerate(members):
            if id(variable) not in seen:
                seen.add(id(variable))
                found[f"{group}/{index:04d}"] = variable
    return found


def read_callbacks(specs: Sequence[CallbackSpec], callbacks: Sequence[Any]) -> list[dict[str, Any]]:
    """The type of each callback, and the attributes that it keeps, as plain values."""
    return [
        {"type": spec.type, **{name: _plain(getattr(callback, name)) for name in spec.state}}
        for spec, callback in zip(specs, callbacks, strict=True)
    ]


def write_callbacks(
    specs: Sequence[CallbackSpec], callbacks: Sequence[Any], states: Sequence[Mapping[str, Any]]
) -> None:
    """Gives callbacks what `read_callbacks` read; their own `on_train_begin` comes before this.

    Raises:
        ValueError: these are other callbacks.
    """
    if [state["type"] for state in states] != [spec.type for spec in specs]:
        raise ValueError("the checkpoint is of other callbacks")
    for spec, callback, state in zip(specs, callbacks, states, strict=True):
        for name in spec.state:
            setattr(callback, name, state[name])


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
