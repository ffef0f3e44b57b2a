"""Scores of each class, averaged: precision, recall and F1."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MetricSpec, Outputs, Predictions
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras


class _PerClass(MetricSpec):
    """A score of each class, averaged; computed from the confusion matrix while training."""

    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    kind: ClassVar[Literal["precision", "recall", "f1"]]
    average: ClassVar[Literal["macro", "weighted"] | None] = None

    def score(self, predictions: Predictions) -> float:
        """scikit-learn's score; a class that is never predicted, or absent, counts as 0."""
        import sklearn.metrics

        function = getattr(sklearn.metrics, f"{self.kind}_score")
        average = self.average or predictions.average
        present = None if average == "binary" else list(range(len(predictions.classes)))
        arguments = {"average": average, "zero_division": 0.0, "labels": present}
        return float(function(predictions.truth, predictions.predicted, **arguments))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """A metric over the confusion matrix of all batches."""
        from dltrain.metrics.matrix import confusion_metric

        average = self.average or ("binary" if outputs.classes == 2 else "macro")
        return confusion_metric(self.name, self.kind, average, outputs)


class Precision(_PerClass):
    """The share of rows predicted as a class that are of it: the second of two classes, else macro."""

    type: Literal["precision"] = "precision"
    kind: ClassVar[Any] = "precision"


class PrecisionMacro(_PerClass):
    """Precision averaged over classes, each counting the same."""

    type: Literal["precision_macro"] = "precision_macro"
    kind: ClassVar[Any] = "precision"
    average: ClassVar[Any] = "macro"


class PrecisionWeighted(_PerClass):
    """Precision averaged over classes by their number of rows."""

    type: Literal["precision_weighted"] = "precision_weighted"
    kind: ClassVar[Any] = "precision"
    average: ClassVar[Any] = "weighted"


class Recall(_PerClass):
    """The share of rows of a class that are predicted as it: the second of two classes, else macro."""

    type: Literal["recall"] = "recall"
    kind: ClassVar[Any] = "recall"


class RecallMacro(_PerClass):
    """Recall averaged over classes, each counting the same; also called balanced accuracy."""

    type: Literal["recall_macro"] = "recall_macro"
    kind: ClassVar[Any] = "recall"
    average: ClassVar[Any] = "macro"


class RecallWeighted(_PerClass):
    """Recall averaged over classes by their number of rows."""

    type: Literal["recall_weighted"] = "recall_weighted"
    kind: ClassVar[Any] = "recall"
    average: ClassVar[Any] = "weighted"


class F1(_PerClass):
    """The harmonic mean of precision and recall: of the second of two classes, else macro."""

    type: Literal["f1"] = "f1"
    aliases: ClassVar[tuple[str, ...]] = ("f1_score",)
    kind: ClassVar[Any] = "f1"


class F1Macro(_PerClass):
    """F1 averaged over classes, each counting the same."""

    type: Literal["f1_macro"] = "f1_macro"
    kind: ClassVar[Any] = "f1"
    average: ClassVar[Any] = "macro"


class F1Weighted(_PerClass):
    """F1 averaged over classes by their number of rows."""

    type: Literal["f1_weighted"] = "f1_weighted"
    kind: ClassVar[Any] = "f1"
    average: ClassVar[Any] = "weighted"
