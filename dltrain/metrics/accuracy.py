"""Accuracy."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MetricSpec, Outputs, Predictions
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras


class Accuracy(MetricSpec):
    """The share of rows whose class is predicted."""

    type: Literal["accuracy"] = "accuracy"
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    aliases: ClassVar[tuple[str, ...]] = ("acc",)

    def score(self, predictions: Predictions) -> float:
        """``sklearn.metrics.accuracy_score``."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(predictions.truth, predictions.predicted))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Keras's own accuracy for this form of target."""
        import keras

        if outputs.form == "binary":
            return keras.metrics.BinaryAccuracy(name=self.name, threshold=outputs.head.threshold)
        if outputs.form == "one_hot":
            return keras.metrics.CategoricalAccuracy(name=self.name)
        return keras.metrics.SparseCategoricalAccuracy(name=self.name)
