"""Scores of each class or label, averaged: precision, recall and F1."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, MetricSpec, Outputs, Predictions
from dltrain.metrics.proportion import wilson
from dltrain.metrics.statistics import absent, class_counts
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras
    import numpy as np


def undefined_of(kind: str, name: str, *, truth: int, predicted: int) -> str | None:
    """Why a class or label with such counts has no precision, recall or F1; None where it has."""
    if kind == "precision":
        return None if predicted else f"no row is predicted as '{name[:40]}'"
    if kind == "recall":
        return None if truth else f"no row is of '{name[:40]}'"
    return None if truth + predicted else f"no row is of '{name[:40]}', or predicted as it"


class _PerClass(MetricSpec):
    """A score of each class or label, averaged; computed from counts over all batches while training."""

    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION | MULTILABEL
    kind: ClassVar[Literal["precision", "recall", "f1"]]
    average: ClassVar[Literal["macro", "weighted", "micro"] | None] = None
    statistic: ClassVar[Any] = staticmethod(class_counts)

    def score(self, predictions: Predictions) -> float:
        """scikit-learn's score; a class or label that is never predicted, or absent, counts as 0."""
        import sklearn.metrics

        function = getattr(sklearn.metrics, f"{self.kind}_score")
        average = self.average or predictions.average
        present = None if average == "binary" else list(range(len(predictions.classes or predictions.labels)))
        arguments = {"average": average, "zero_division": 0.0, "labels": present}
        return float(function(predictions.truth, predictions.predicted, **arguments))

    def undefined(self, predictions: Predictions) -> str | None:
        """A class or label that is in no row has no recall; one that is never predicted has no precision of its own.

        Among several, a class that is there but never predicted has the precision 0, as scikit-learn has it: it is the
        model that is at fault. Micro and weighted averages do without classes that are in no row.
        """
        average = self.average or predictions.average
        if average in ("micro", "weighted"):
            return self._without_any(predictions)
        if average == "macro":
            return absent(predictions)
        _, truth, predicted = self._counts(predictions)
        return undefined_of(self.kind, predictions.classes[1], truth=truth, predicted=predicted)

    def _without_any(self, predictions: Predictions) -> str | None:
        if predictions.classes or (predictions.truth.any() and self.average == "weighted"):
            return None
        there, predicted = bool(predictions.truth.any()), bool(predictions.predicted.any())
        if self.average == "micro" and self.kind == "precision":
            return None if predicted else "no label is predicted"
        if self.average == "micro" and self.kind == "f1":
            return None if there or predicted else "no row has a label, or is predicted to have one"
        return None if there else "no row has a label"

    @staticmethod
    def _counts(predictions: Predictions) -> tuple[int, int, int]:
        """Hits, rows and predictions of the second of two classes."""
        truth, predicted = predictions.truth == 1, predictions.predicted == 1
        return int((truth & predicted).sum()), int(truth.sum()), int(predicted.sum())

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The same average over the counts of each resample."""
        import numpy as np

        average = self.average or predictions.average
        hits, truth, predicted = values.sum(axis=1, keepdims=True) if average == "micro" else values
        whole = {"precision": predicted, "recall": truth, "f1": (predicted + truth) / 2}[self.kind]
        each = np.divide(hits, whole, out=np.zeros_like(hits), where=whole > 0)
        with np.errstate(invalid="ignore"):
            if average in ("binary", "micro"):
                return np.where(whole[-1] > 0, each[-1], np.nan)
            if average == "weighted":
                return np.asarray((each * truth).sum(axis=0) / truth.sum(axis=0))
        # A resample that lacks a class altogether says nothing of it.
        return np.where((truth > 0).all(axis=0), each.mean(axis=0), np.nan)

    def interval(self, predictions: Predictions) -> tuple[float, float] | None:
        """Wilson's for the second of two classes, where each is a share of rows.

        F1 is ``2 J / (1 + J)``, and J the share of hits among rows that are of the class or predicted as it.
        """
        if (self.average or predictions.average) != "binary":
            return None
        hits, truth, predicted = self._counts(predictions)
        found = wilson(hits, {"precision": predicted, "recall": truth, "f1": truth + predicted - hits}[self.kind])
        if found is None or self.kind != "f1":
            return found
        return 2 * found[0] / (1 + found[0]), 2 * found[1] / (1 + found[1])

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
