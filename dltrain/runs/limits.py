"""What a record may say of features and target: nothing that no data has, and nothing that would cost without bounds.

A stranger may have written it. Whatever is refused here would end in an error of Keras, in memory, or in nonsense.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from dltrain.signature import DATETIME_PARTS, STRING, Feature, Shape, Signature, Target
from dltrain.tasks.base import MOST_CLASSES, TaskSpec

MOST_FEATURES = 50_000
_MOST_VALUES = 1_000_000
_LONGEST = 10_000_000
_MOST_AXES = 4
_NUMBERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)} | {"float16", "float32", "float64"}


def check_signature(signature: Signature, task: TaskSpec) -> None:
    """Raises ValueError where no data has such features, or such a target for this task."""
    features = signature.features
    if not 1 <= len(features) <= MOST_FEATURES:
        raise ValueError(f"it has {len(features):,} features, and not from 1 to {MOST_FEATURES:,}")
    _require_different((feature.name for feature in features), "features")
    for feature in features:
        check_feature(feature)
    check_target(signature.target, task)
    _check_difference(signature)


def check_feature(feature: Feature) -> None:
    """Raises ValueError where no data has such a feature."""
    name, kind, dtype, shape = f"the feature '{feature.name[:40]}'", feature.kind, feature.dtype, feature.shape
    if len(shape) > _MOST_AXES or not all(length is None or 1 <= length <= _LONGEST for length in shape):
        raise ValueError(f"{name} has the shape {_shown(shape)}")
    if (kind in ("categorical", "text")) != (dtype == STRING) or (dtype == STRING and shape):
        raise ValueError(f"{name} is {kind}, and cannot be of {dtype[:40]} and of shape {_shown(shape)}")
    if dtype not in _NUMBERS | {STRING}:
        raise ValueError(f"{name} is of {dtype[:40]}, which no data is")
    if kind == "datetime" and shape != (len(DATETIME_PARTS),):
        raise ValueError(f"{name} is a date, and not of shape {_shown(shape)}")
    if kind == "image" and len(shape) not in (2, 3):
        raise ValueError(f"{name} is an image, and not of shape {_shown(shape)}")
    width = shape[-1] if shape else 0
    if feature.embedded or (feature.columns and len(feature.columns) != width):
        raise ValueError(f"{name} has columns that its shape does not have")
    if not all(0 <= position < (width or 0) for position in feature.own_past):
        raise ValueError(f"{name} has no column of the target's past")
    if feature.vocabulary_size is not None and not 1 <= feature.vocabulary_size < 2**31:
        raise ValueError(f"{name} has a vocabulary of an impossible size")


def check_target(target: Target, task: TaskSpec) -> None:
    """Raises ValueError where a target is none for the task, or contradicts itself."""
    classes, labels = len(target.classes), len(target.labels)
    if task.type == "regression":
        values = _values(target.shape)
        if classes or labels or len(target.columns) not in (0, values):
            raise ValueError(f"the target of {values} numbers has names for others")
        if len(target.offset) != len(target.scale) or len(target.scale) not in (0, values):
            raise ValueError(f"the target of {values} numbers has the unit of others")
        if target.scale and min(target.scale) <= 0:
            raise ValueError("the unit of the target is not positive")
        return
    if target.offset or target.scale or target.difference:
        raise ValueError("a target of classes has no unit")
    if target.shape not in ((), (labels,) if labels else ()):
        raise ValueError(f"the target has the shape {_shown(target.shape)}, and {task.type} has none")
    wanted = (0, labels) if task.type == "multilabel_classification" else (classes, 0)
    if (classes, labels) != wanted or not 1 <= classes + labels <= MOST_CLASSES or (not labels and classes < 2):
        raise ValueError(f"{task.type} has no {classes:,} classes and {labels:,} labels")
    if task.type == "binary_classification" and classes != 2:
        raise ValueError(f"{task.type} has no {classes:,} classes")
    _require_different((*target.classes, *target.labels), "classes")


def _check_difference(signature: Signature) -> None:
    difference, target, feature = signature.target.difference, signature.target, signature.features[0]
    if difference is None:
        return
    values, width = _values(target.shape), feature.shape[-1] if len(feature.shape) == 2 else None
    lengths = {len(difference.columns), len(difference.offset)}
    if len(signature.features) > 1 or feature.kind != "numeric" or not width or lengths != {values}:
        raise ValueError("the target is a difference from a window that is not there")
    if not all(0 <= column < width for column in difference.columns):
        raise ValueError("the target is a difference from columns that the window does not have")


def _values(shape: tuple[int, ...]) -> int:
    """The numbers of a target."""
    if len(shape) > _MOST_AXES or not all(1 <= length <= _MOST_VALUES for length in shape):
        raise ValueError(f"the target has the shape {_shown(shape)}")
    if (values := prod(shape)) > _MOST_VALUES:
        raise ValueError(f"the target has {values:,} numbers, and at most {_MOST_VALUES:,} are predicted")
    return values


def _require_different(names: Iterable[str], noun: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two {noun} are called '{name[:40]}'")
        seen.add(name)


def _shown(shape: Shape) -> str:
    """The shape, but not hundreds of digits or axes."""
    text = str(shape) if all(length is None or abs(length) < 2**64 for length in shape[:9]) else "of huge numbers"
    return text if len(text) < 80 else f"{text[:77]}..."
