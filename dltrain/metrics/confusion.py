"""Scores of each class or label, averaged: precision, recall and F1."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, MetricSpec, Outputs, Predictions
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras


class _PerClass(MetricSpec):
    """A score of each class or label, averaged; computed from counts over all batches while training."""

    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION | MULTILABEL
    kind: ClassVar[Literal["precision", "recall", "f1"]]
    average: ClassVar[Literal["macro", "weighted", "micro"] | None] = None

    def score(self, predictions: Predictions) -> float:
        """scikit-learn's score; a class or label that is never predicted, or absent, counts as 0."""
        import sklearn.metrics

        function = getattr(sklearn.metrics, f"{self.kind}_score")
        average = self.average or predictions.average
        present = None if average == "binary" else list(range(len(predictions.classes or predictions.labels)))
        arguments = {"average": average, "zero_division": 0.0, "labels": present}
        return float(function(predictions.truth, predictions.predicted, **arguments))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """A metric over the counts of all batches."""
        from dltrain.metrics.counts import counting_metric

        average = self.average or ("binary" if outputs.classes == 2 else "macro")
        return counting_metric(self.name, self.kind, average, outputs)


class Precision(_PerClass):
    """The share of rows predicted as a class that are of it: the second of two classes, else macro."""

    type: Literal["precision"] = "precision"
    kind: ClassVar[Any] = "precision"


class PrecisionMacro(_PerClass):
    """Precision averaged over classes or labels, each counting the same."""

    type: Literal["precision_macro"] = "precision_macro"
    kind: ClassVar[Any] = "precision"
    average: ClassVar[Any] = "macro"


class PrecisionWeighted(_PerClass):
    """Precision averaged over classes or labels by their number of rows."""

    type: Literal["precision_weighted"] = "precision_weighted"
    kind: ClassVar[Any] = "precision"
    average: ClassVar[Any] = "weighted"


class PrecisionMicro(_PerClass):
    """The share of predicted labels that are right, over all rows and labels; of classes it is the accuracy."""

    type: Literal["precision_micro"] = "precision_micro"
    kind: ClassVar[Any] = "precision"
    average: ClassVar[Any] = "micro"


class Recall(_PerClass):
    """The share of rows of a class that are predicted as it: the second of two classes, else macro."""

    type: Literal["recall"] = "recall"
    kind: ClassVar[Any] = "recall"


class RecallMacro(_PerClass):
    """Recall averaged over classes or labels, each counting the same; of classes also called balanced accuracy."""

    type: Literal["recall_macro"] = "recall_macro"
    kind: ClassVar[Any] = "recall"
    average: ClassVar[Any] = "macro"


class RecallWeighted(_PerClass):
    """Recall averaged over classes or labels by their number of rows."""

    type: Literal["recall_weighted"] = "recall_weighted"
    kind: ClassVar[Any] = "recall"
    average: ClassVar[Any] = "weighted"


class RecallMicro(_PerClass):
    """The share of true labels that are predicted, over all rows and labels; of classes it is the accuracy."""

    type: Literal["recall_micro"] = "recall_micro"
    kind: ClassVar[Any] = "recall"
    average: ClassVar[Any] = "micro"


class F1(_PerClass):
    """The harmonic mean of precision and recall: of the second of two classes, else macro."""

    type: Literal["f1"] = "f1"
    aliases: ClassVar[tuple[str, ...]] = ("f1_score",)
    kind: ClassVar[Any] = "f1"


class F1Macro(_PerClass):
    """F1 averaged over classes or labels, each counting the same."""

    type: Literal["f1_macro"] = "f1_macro"
    kind: ClassVar[Any] = "f1"
    average: ClassVar[Any] = "macro"


class F1Weighted(_PerClass):
    """F1 averaged over classes or labels by their number of rows."""

    type: Literal["f1_weighted"] = "f1_weighted"
    kind: ClassVar[Any] = "f1"
    average: ClassVar[Any] = "weighted"


class F1Micro(_PerClass):
    """The harmonic mean of `precision_micro` and `recall_micro`; of classes it is the accuracy."""

    type: Literal["f1_micro"] = "f1_micro"
    kind: ClassVar[Any] = "f1"
    average: ClassVar[Any] = "micro"
