"""Components as one would write them: the short form of a model as layers, and settings without defaults."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError

from dltrain.layers.base import LengthError
from dltrain.models.base import ModelSpec
from dltrain.signature import Feature
from dltrain.spec.family import Family, type_name
from dltrain.spec.section import plain_value


def written_out(model: ModelSpec, prepared: Feature) -> list[Any] | None:
    """What `layers:` would say in the place of the short form, for the same layers.

    Args:
        model: as the config says.
        prepared: what it takes.

    Returns:
        None where `layers` is written, or depends on lengths that are not known; of a model with no layer but the
        output, too, since there are no empty `layers`.
    """
    if model.layers is not None:
        return None
    try:
        layers = [layer for _, layer in model.body(prepared)]
        if not layers:
            return None
        again = list(type(model)(layers=tuple(layers)).body(prepared))
    except LengthError:
        return None
    # What a model puts before `layers` by itself must not be written.
    return [briefly(layer) for layer in layers[len(again) - len(layers) :]]


def briefly(component: Family) -> Any:
    """A member of a family without settings that are the default: ``flatten`` or ``{dense: {units: 5}}``."""
    settings = {
        name: _value(value)
        for name, value in component
        if name != "type" and name in component.model_fields_set and value != _default(component, name)
    }
    name = type_name(type(component))
    if not settings:
        return name
    if set(settings) == {_first(component)} and not isinstance(next(iter(settings.values())), dict):
        return {name: next(iter(settings.values()))}
    return {name: settings}


def _value(value: Any) -> Any:
    if isinstance(value, Family):
        return briefly(value)
    return plain_value(value)


def _default(component: Family, name: str) -> Any:
    return type(component).model_fields[name].get_default(call_default_factory=True)


def _first(component: Family) -> str | None:
    try:
        return type(component).first_argument()
    except PydanticCustomError:
        return None
