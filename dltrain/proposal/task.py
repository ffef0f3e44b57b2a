"""The task, and by what it is judged, from the values of the target."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dltrain.errors import DataError
from dltrain.proposal.survey import Answer
from dltrain.proposal.writing import flow, shown
from dltrain.tasks.base import derive, labels_of

if TYPE_CHECKING:
    import numpy as np

RARE = 0.2
"""A class is rare if it has less than this share of the rows that it would have if all had the same."""
_UNEQUAL = 0.3
_NUMBERS = re.compile(r"(?i)(quality|rating|score|stars?|grade|mark|age|count|number|price|rank|years?|level)$")
_CLASSES = re.compile(r"(?i)^(label|class|target_class|species|type|category|kind|digit|cluster)(es|s)?$")
_POSITIVE = ("1", "true", "yes", "y", "t", "pos", "positive", "spam", "fraud", "ill", "sick")
_SEPARATORS = "|;,"


@dataclass(frozen=True)
class Judged:
    """A task, and what follows from the values of its target.

    Attributes:
        type: of the task.
        task: what the config says as `task`.
        said: why.
        loss: and why this one.
        metrics: the first chooses the epoch.
        metrics_said: what they mean.
        classes: how many rows have each class.
        balanced: whether a class is so rare that classes are weighed.
    """

    type: str
    task: Any
    said: str
    loss: tuple[str, str]
    metrics: tuple[str, ...]
    metrics_said: str
    classes: Mapping[str, int]
    balanced: bool = False

    @property
    def regresses(self) -> bool:
        """Whether numbers are predicted."""
        return self.type == "regression"

    @property
    def rarest(self) -> int:
        """The number of rows of the rarest class; 0 where there are no classes."""
        return min(self.classes.values(), default=0)


def judge(answer: Answer) -> Judged:
    """The task for the target.

    Raises:
        DataError: the values fit none.
    """
    values = answer.values
    if (separator := _separator(values)) is not None:
        task = {"multilabel_classification": {"separator": separator}}
        return _labels(task, f"a row may have several labels, with '{separator}' between them")
    try:
        kind, reason = derive(values, labels=answer.labels)
    except ValueError as error:
        raise DataError(f"the target '{answer.name}': {error}") from None
    if kind == "multilabel_classification":
        return _labels(kind, "columns of 0 and 1: a row may have several labels, or none")
    if kind == "regression":
        return _number(values, "its values are numbers")
    if values.dtype.kind not in "OUSb" and not answer.labels and (said := _ordered(answer)):
        return _number(values, said)
    return _classes(values, answer.name, reason)


def _separator(values: np.ndarray) -> str | None:
    """What stands between the labels of one text; None where each row has one label."""
    import numpy as np

    if values.ndim != 1 or values.dtype.kind not in "OU":
        return None
    distinct = [str(text) for text in np.unique(values)]
    for mark in _SEPARATORS:
        joined = [text for text in distinct if mark in text]
        parts = {part.strip() for text in distinct for part in text.split(mark) if part.strip()}
        known = {part for text in joined for part in text.split(mark)} & {text for text in distinct if mark not in text}
        if joined and len(parts) < len(distinct) and (known or len(joined) > len(parts)):
            return mark
    return None


def _ordered(answer: Answer) -> str:
    """Why a few whole numbers are amounts and no classes; empty where they are classes."""
    import numpy as np

    values, counts = np.unique(answer.values, return_counts=True)
    if len(values) < 3 or _CLASSES.search(answer.name):
        return ""
    span = f"whole numbers from {values[0]:g} to {values[-1]:g}"
    if _NUMBERS.search(answer.name):
        return f"{span}, in an order by its name"
    peak = int(counts.argmax())
    hill = (np.diff(counts[: peak + 1]) >= 0).all() and (np.diff(counts[peak:]) <= 0).all()
    if len(values) >= 5 and hill and counts[0] < counts[peak] / 4 and counts[-1] < counts[peak] / 4:
        return f"{span}, most often in the middle"
    return ""


def _number(values: np.ndarray, said: str) -> Judged:
    import numpy as np

    rows = values.reshape(len(values), -1).astype("float64")
    deviation = rows.std(axis=0)
    skew = np.mean(((rows - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1)) ** 3, axis=0)
    long = bool((np.abs(skew) > 2).any())
    tail = "it has outliers; huber minds them less"
    metrics_said = "in the target's own unit; the first chooses the epoch"
    loss = ("mean_squared_error", tail if long else "large errors count most")
    return Judged("regression", "regression", said, loss, ("rmse", "mae"), metrics_said, {})


def _labels(task: Any, said: str) -> Judged:
    loss = ("binary_crossentropy", "each label has a probability of its own")
    metrics_said = "of all labels together, and as the mean of each one's"
    return Judged("multilabel_classification", task, said, loss, ("f1_micro", "f1_macro"), metrics_said, {})


def _classes(values: np.ndarray, name: str, reason: str) -> Judged:
    import numpy as np

    found, counts = np.unique(labels_of(values), return_counts=True)
    if len(found) < 2:
        raise DataError(f"every row has the target '{found[0]}'; there is nothing to tell apart; name another target")
    if 2 * len(found) > len(values) > 20:
        text = f"'{name}' has {len(found):,} different labels in {len(values):,} rows, too many to be classes"
        raise DataError(f"{text}; name another column with --target")
    if counts.min() == 1:
        text = f"the class '{found[counts.argmin()]}' of '{name}' has a single row"
        raise DataError(f"{text}, too few to learn and to score; drop it, or give it another class")
    classes = {str(label): int(count) for label, count in zip(found, counts, strict=True)}
    share = counts.min() * len(counts) / counts.sum()
    return _two(classes, share) if len(found) == 2 else _several(classes, share, f"{len(found)} classes, {reason}")


def _two(classes: Mapping[str, int], share: float) -> Judged:
    positive = next((name for name in classes if name.lower() in _POSITIVE), min(classes, key=classes.__getitem__))
    often = max(classes.values()) / sum(classes.values())
    metrics: tuple[str, ...] = ("accuracy", "f1")
    most = "the first chooses the epoch"
    if share < 1 - _UNEQUAL:
        metrics = ("roc_auc", "f1", "accuracy")
        most = f"always the same answer has an accuracy of {often:.2f}"
    return Judged(
        "binary_classification",
        {"binary_classification": positive},
        f"precision, recall and f1 are of {flow(shown(positive))}",
        ("binary_crossentropy", "two classes: one probability"),
        metrics,
        most,
        classes,
        share < RARE,
    )


def _several(classes: Mapping[str, int], share: float, said: str) -> Judged:
    metrics: Sequence[str] = ("accuracy", "f1_macro")
    most = "the first chooses the epoch"
    if share < _UNEQUAL:
        metrics = ("f1_macro", "accuracy")
    loss = ("sparse_categorical_crossentropy", "one class of several")
    kind = "multiclass_classification"
    return Judged(kind, kind, said, loss, tuple(metrics), most, classes, share < RARE)
