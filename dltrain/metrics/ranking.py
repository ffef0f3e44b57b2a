"""Scores of how well probabilities rank the classes."""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, MetricSpec, Outputs, Predictions
from dltrain.signature import TaskName
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    import keras


class RocAuc(MetricSpec):
    """The area under the ROC curve; for several classes one against the rest, and for labels each, macro average.

    While training it is Keras's estimate over 200 thresholds; the final score is exact.
    """

    type: Literal["roc_auc"] = "roc_auc"
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION | MULTILABEL
    aliases: ClassVar[tuple[str, ...]] = ("auc",)

    def score(self, predictions: Predictions) -> float | None:
        """``sklearn.metrics.roc_auc_score``; None where a class is absent, or a label in no row or in every row."""
        import numpy as np
        from sklearn.metrics import roc_auc_score

        truth, probabilities, classes = predictions.truth, predictions.probabilities, len(predictions.classes)
        if probabilities is None or (classes and len(np.unique(truth)) < classes):
            return None
        if classes == 2:
            second = probabilities if probabilities.ndim == 1 else probabilities[:, 1]
            return float(roc_auc_score(truth, second))
        marks = truth[:, None] == np.arange(classes) if classes else truth
        if (marks == marks[0]).all(axis=0).any():
            return None
        return float(np.mean([roc_auc_score(mark, column) for mark, column in zip(marks.T, probabilities.T)]))  # noqa: B905

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """``keras.metrics.AUC`` on the one-hot form of the targets."""
        metric: keras.metrics.Metric = _auc_class()(self.name, outputs)
        return metric


class TopK(MetricSpec):
    """The share of rows whose class is among the `k` most probable.

    Attributes:
        k: how many classes count as a hit.
    """

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

    from dltrain.metrics.counts import marks

    class Auc(keras.metrics.AUC):  # type: ignore[misc]
        def __init__(self, name: str, outputs: Outputs) -> None:
            self.several = outputs.classes != 2
            super().__init__(name=name, multi_label=self.several, num_labels=outputs.kinds if self.several else None)
            self.outputs = outputs

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            truth = marks(y_true, self.outputs, truth=True)
            if self.several:
                super().update_state(truth, y_pred, sample_weight)
                return
            if self.outputs.form != "binary":
                y_pred = y_pred[:, 1]
            elif self.outputs.head.threshold == 0.0:
                y_pred = (y_pred + 1) / 2
            super().update_state(truth[:, 1], ops.clip(ops.reshape(y_pred, (-1,)), 0.0, 1.0), sample_weight)

    return Auc
