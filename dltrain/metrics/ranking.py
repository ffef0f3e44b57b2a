"""Scores of how well probabilities rank the classes."""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MetricSpec, Outputs, Predictions
from dltrain.signature import TaskName
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    import keras


class RocAuc(MetricSpec):
    """The area under the ROC curve; for several classes one against the rest, macro average.

    While training it is Keras's estimate over 200 thresholds; the final score is exact.
    """

    type: Literal["roc_auc"] = "roc_auc"
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    aliases: ClassVar[tuple[str, ...]] = ("auc",)

    def score(self, predictions: Predictions) -> float | None:
        """``sklearn.metrics.roc_auc_score``; None where a class is absent."""
        import numpy as np
        from sklearn.metrics import roc_auc_score

        probabilities, classes = predictions.probabilities, len(predictions.classes)
        if probabilities is None or len(np.unique(predictions.truth)) < classes:
            return None
        if classes == 2:
            second = probabilities if probabilities.ndim == 1 else probabilities[:, 1]
            return float(roc_auc_score(predictions.truth, second))
        areas = [roc_auc_score(predictions.truth == index, probabilities[:, index]) for index in range(classes)]
        return float(np.mean(areas))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """``keras.metrics.AUC`` on the one-hot form of the targets."""
        metric: keras.metrics.Metric = _auc_class()(self.name, outputs)
        return metric


class TopK(MetricSpec):
    """The share of rows whose class is among the `k` most probable."""

    type: Literal["top_k_categorical_accuracy"] = "top_k_categorical_accuracy"
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"multiclass_classification"})
    k: Size = 5

    def score(self, predictions: Predictions) -> float | None:
        """Ties count as hits, as in Keras; None where there are no more than `k` classes."""
        import numpy as np

        probabilities = predictions.probabilities
        if probabilities is None or probabilities.ndim == 1 or probabilities.shape[1] <= self.k:
            return None
        own = np.take_along_axis(probabilities, predictions.truth[:, None], axis=1)
        return float(((probabilities > own).sum(axis=1) < self.k).mean())

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Keras's top-k accuracy for this form of target."""
        import keras

        if outputs.form == "one_hot":
            return keras.metrics.TopKCategoricalAccuracy(k=self.k, name=self.name)
        return keras.metrics.SparseTopKCategoricalAccuracy(k=self.k, name=self.name)


@cache
def _auc_class() -> Any:
    """The class is made here because Keras must not be imported with this module."""
    import keras
    from keras import ops

    from dltrain.metrics.matrix import class_indices

    class Auc(keras.metrics.AUC):  # type: ignore[misc]
        def __init__(self, name: str, outputs: Outputs) -> None:
            several = outputs.classes > 2
            super().__init__(name=name, multi_label=several, num_labels=outputs.classes if several else None)
            self.outputs = outputs

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            labels = class_indices(y_true, self.outputs, truth=True)
            if self.outputs.classes > 2:
                labels = ops.one_hot(labels, self.outputs.classes)
            elif self.outputs.form != "binary":
                y_pred = y_pred[:, 1]
            elif self.outputs.head.threshold == 0.0:
                y_pred = (y_pred + 1) / 2
            if self.outputs.classes == 2:
                y_pred = ops.clip(ops.reshape(y_pred, (-1,)), 0.0, 1.0)
            super().update_state(labels, y_pred, sample_weight)

    return Auc
