"""Which rows a model is wrong about and sure, and which numbers it misses by most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dltrain.evidence.record import MOST_MISTAKES
from dltrain.metrics.base import Predictions

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Worst:
    """The rows that are worth a look.

    Attributes:
        count: the rows that the model is wrong about; 0 where numbers are predicted.
        mistakes: the place of each among the predictions, and ``truth``, ``predicted`` and ``confidence``.
    """

    count: int
    mistakes: Sequence[tuple[int, dict[str, Any]]]


def worst(predictions: Predictions, names: Sequence[str]) -> Worst:
    """At most 12 rows, the worst first; of equal ones the first.

    Args:
        predictions: of a split.
        names: of the numbers of a row, where numbers are predicted.
    """
    if predictions.classes:
        return _of_classes(predictions)
    return _of_labels(predictions) if predictions.labels else _of_numbers(predictions, names)


def _of_classes(found: Predictions) -> Worst:
    """By the probability of the class that is predicted, or by the margin where there are no probabilities."""
    import numpy as np

    (wrong,) = np.nonzero(found.truth != found.predicted)
    outputs = found.probabilities
    if outputs is None:
        sure = np.zeros(len(wrong))
    elif outputs.ndim == 1:
        sure = np.abs(outputs[wrong])
    else:
        sure = outputs[wrong, found.predicted[wrong]]
    known = outputs is not None and outputs.ndim == 2
    places = [(int(wrong[index]), float(sure[index])) for index in _first(sure)]
    mistakes = [
        (
            place,
            {
                "truth": found.classes[int(found.truth[place])],
                "predicted": found.classes[int(found.predicted[place])],
                "confidence": confidence if known else None,
            },
        )
        for place, confidence in places
    ]
    return Worst(len(wrong), mistakes)


def _of_labels(found: Predictions) -> Worst:
    """By the label of a row that the model is surest and wrong about."""
    import numpy as np

    outputs = found.probabilities
    sure = np.full(found.truth.shape, 0.5) if outputs is None else np.where(found.predicted == 1, outputs, 1 - outputs)
    sure = np.where(found.truth != found.predicted, sure, -1.0)
    label, surest = sure.argmax(axis=1), sure.max(axis=1)
    (wrong,) = np.nonzero(surest > -1)
    mistakes = []
    for index in _first(surest[wrong]):
        place = int(wrong[index])
        name, says = found.labels[int(label[place])], bool(found.predicted[place, label[place]])
        texts = {"truth": f"not {name}" if says else name, "predicted": name if says else f"not {name}"}
        mistakes.append((place, {**texts, "confidence": None if outputs is None else float(surest[place])}))
    return Worst(len(wrong), mistakes)


def _of_numbers(found: Predictions, names: Sequence[str]) -> Worst:
    """By the largest error, in standard deviations where a row has several numbers; of long rows none."""
    import numpy as np

    if found.truth.shape[1] > 4:
        return Worst(0, ())
    spread = found.truth.std(axis=0)
    errors = np.abs(found.predicted - found.truth) / np.where(spread > 0, spread, 1.0)
    column, error = errors.argmax(axis=1), errors.max(axis=1)
    mistakes = []
    for place in _first(error):
        which = int(column[place])
        name = f"{names[which]} " if len(names) > 1 else ""
        truth, predicted = (f"{name}{values[place, which]:.4g}" for values in (found.truth, found.predicted))
        mistakes.append((place, {"truth": truth, "predicted": predicted}))
    return Worst(0, mistakes)


def _first(values: np.ndarray) -> list[int]:
    """The places of the largest."""
    import numpy as np

    return [int(place) for place in np.argsort(-values, kind="stable")[:MOST_MISTAKES]]
