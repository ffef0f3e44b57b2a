"""The family of metrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.signature import Head, Target, TargetForm, TaskName
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras
    import numpy as np

CLASSIFICATION: frozenset[TaskName] = frozenset({"binary_classification", "multiclass_classification"})
MULTILABEL: frozenset[TaskName] = frozenset({"multilabel_classification"})
REGRESSION: frozenset[TaskName] = frozenset({"regression"})


MOST_SEPARATE = 10
"""Up to so many numbers of a target are also scored one by one."""


def separate_names(metric: str, columns: Sequence[str]) -> list[str]:
    """What the scores of each of several numbers are called; none for a single one, or for too many."""
    return [f"{metric}_{column}" for column in columns] if 2 <= len(columns) <= MOST_SEPARATE else []


@dataclass(frozen=True)
class Predictions:
    """Exact predictions of one split.

    Attributes:
        truth: class indices, int (rows,); where a row has several labels 0 or 1 for each, int
            (rows, labels); for regression values, float64 (rows, values).
        predicted: the same form.
        probabilities: of each class or label, float64 (rows, classes), or the margin of the second
            class where the loss gives no probability, float64 (rows,); None for regression.
        classes: names of the classes, where a row has one of them.
        labels: names of the labels, where a row has any number of them.
        groups: of rows that depend on each other, such as those of one patient, the number of the group, int (rows,);
            None where each row is for itself.
    """

    truth: "np.ndarray"
    predicted: "np.ndarray"
    probabilities: "np.ndarray | None"
    classes: tuple[str, ...]
    labels: tuple[str, ...] = ()
    groups: "np.ndarray | None" = None

    @property
    def average(self) -> str:
        """scikit-learn's name for what `f1` means here: of the second of two classes, else macro."""
        return "binary" if len(self.classes) == 2 else "macro"


@dataclass(frozen=True)
class Outputs:
    """What a Keras metric must know of the model that it watches."""

    head: Head
    form: TargetForm
    target: Target

    @property
    def classes(self) -> int:
        """The number of classes; 0 for labels and for regression."""
        return len(self.target.classes)

    @property
    def kinds(self) -> int:
        """The number of classes or labels; 0 for regression."""
        return len(self.target.classes or self.target.labels)


class MetricSpec(Family):
    """A score."""

    noun: ClassVar[str] = "metric"
    tasks: ClassVar[frozenset[TaskName]]
    """The tasks it fits."""
    mode: ClassVar[Literal["min", "max"]] = "max"
    """Whether a good score is small or large."""
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, 1.0)
    """The lowest and the highest possible score; None where there is no bound."""

    final_only: ClassVar[bool] = False
    """Whether it cannot be watched while training."""

    @property
    def name(self) -> str:
        """The column in the history and the key in scores."""
        return str(self.type)

    def undefined(self, predictions: Predictions) -> str | None:
        """Why the score means nothing for these rows, whatever `score` makes of them; None where it is defined."""
        return None

    def score(self, predictions: Predictions) -> float | None:
        """The score by scikit-learn; None where it gives none, such as ROC AUC of one class."""
        raise NotImplementedError

    def statistic(self, predictions: Predictions) -> "Callable[[np.ndarray], np.ndarray]":
        """What the scores of resampled rows are computed from, given weights (rows, resamples); (..., resamples)."""
        raise NotImplementedError

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The score of each resample, (resamples,), from the statistic; NaN where it is not defined."""
        raise NotImplementedError

    def standard_errors(self, values: "np.ndarray", rows: int) -> "np.ndarray | None":
        """The standard error of the score in each resample, (resamples,); None where it is not known."""
        return None

    def interval(self, predictions: Predictions) -> tuple[float, float] | None:
        """The 95 % interval where it has a closed form; None where rows are resampled for it."""
        return None

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """A Keras metric called `name`, which is fed batches of (targets, outputs)."""
        raise NotImplementedError
