"""Accuracy."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MetricSpec, Outputs, Predictions
from dltrain.metrics.proportion import wilson
from dltrain.metrics.statistics import class_counts
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras
    import numpy as np


class Accuracy(MetricSpec):
    """The share of rows whose class is predicted."""

    type: Literal["accuracy"] = "accuracy"
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    aliases: ClassVar[tuple[str, ...]] = ("acc",)
    statistic: ClassVar[Any] = staticmethod(class_counts)

    def score(self, predictions: Predictions) -> float:
        """``sklearn.metrics.accuracy_score``."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(predictions.truth, predictions.predicted))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """Hits over rows."""
        hits: np.ndarray = values[0].sum(axis=0) / values[1].sum(axis=0)
        return hits

    def interval(self, predictions: Predictions) -> tuple[float, float] | None:
        """Wilson's."""
        return wilson(int((predictions.truth == predictions.predicted).sum()), len(predictions.truth))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Keras's own accuracy for this form of target."""
        import keras

        if outputs.form == "binary":
            return keras.metrics.BinaryAccuracy(name=self.name, threshold=outputs.head.threshold)
        if outputs.form == "one_hot":
            return keras.metrics.CategoricalAccuracy(name=self.name)
        return keras.metrics.SparseCategoricalAccuracy(name=self.name)
