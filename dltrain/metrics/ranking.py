"""Scores of how well probabilities rank the classes."""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, MetricSpec, Outputs, Predictions
from dltrain.metrics.proportion import wilson
from dltrain.metrics.statistics import absent, means, ranked, rankings
from dltrain.signature import TaskName
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np


class _Area(MetricSpec):
    """An area under a curve over all thresholds; of several classes or labels the mean of one against the rest."""

    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION | MULTILABEL
    row: ClassVar[int]
    """Of `rankings`."""
    curve: ClassVar[str]
    """Keras's name of it."""
    sklearn_name: ClassVar[str]
    statistic: ClassVar[Any] = staticmethod(rankings)

    def undefined(self, predictions: Predictions) -> str | None:
        """Each class or label has to be in some rows, and not in all."""
        if predictions.probabilities is None:
            return "there are no probabilities"
        if (reason := absent(predictions)) or predictions.classes:
            return reason
        full = predictions.truth.all(axis=0)
        return f"every row is of '{predictions.labels[int(full.argmax())][:40]}'" if full.any() else None

    def score(self, predictions: Predictions) -> float | None:
        """scikit-learn's; None where a class is absent, or a label in no row or in every row."""
        import numpy as np
        import sklearn.metrics

        if self.undefined(predictions):
            return None
        area = getattr(sklearn.metrics, self.sklearn_name)
        return float(np.mean([area(marks, scores) for marks, scores in ranked(predictions)]))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The mean over classes or labels."""
        own: np.ndarray = values[self.row].mean(axis=0)
        return own

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """``keras.metrics.AUC`` on the one-hot form of the targets."""
        metric: keras.metrics.Metric = _auc_class()(self.name, self.curve, outputs)
        return metric


class RocAuc(_Area):
    """The area under the ROC curve; for several classes one against the rest, and for labels each, macro average.

    While training it is Keras's estimate over 200 thresholds; the final score is exact.
    """

    type: Literal["roc_auc"] = "roc_auc"
    aliases: ClassVar[tuple[str, ...]] = ("auc",)
    row: ClassVar[int] = 0
    curve: ClassVar[str] = "ROC"
    sklearn_name: ClassVar[str] = "roc_auc_score"


class AveragePrecision(_Area):
    """The area under the curve of precision over recall, as a sum of steps; for several classes as `roc_auc`.

    While training it is Keras's estimate over 200 thresholds; the final score is exact.
    """

    type: Literal["average_precision"] = "average_precision"
    aliases: ClassVar[tuple[str, ...]] = ("pr_auc",)
    row: ClassVar[int] = 1
    curve: ClassVar[str] = "PR"
    sklearn_name: ClassVar[str] = "average_precision_score"


class TopK(MetricSpec):
    """The share of rows whose class is among the `k` most probable.

    Attributes:
        k: how many classes count as a hit.
    """

    type: Literal["top_k_categorical_accuracy"] = "top_k_categorical_accuracy"
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"multiclass_classification"})
    k: Size = 5

    def undefined(self, predictions: Predictions) -> str | None:
        """Among no more than `k` classes every row is a hit."""
        if predictions.probabilities is None or predictions.probabilities.ndim == 1:
            return "there are no probabilities"
        return f"there are no more than {self.k} classes" if len(predictions.classes) <= self.k else None

    def score(self, predictions: Predictions) -> float | None:
        """Ties count as hits, as in Keras; None where there are no more than `k` classes."""
        return None if self.undefined(predictions) else float(self._hits(predictions).mean())

    def _hits(self, predictions: Predictions) -> "np.ndarray":
        import numpy as np

        probabilities = predictions.probabilities
        assert probabilities is not None
        own = np.take_along_axis(probabilities, predictions.truth[:, None], axis=1)
        hits: np.ndarray = (probabilities > own).sum(axis=1) < self.k
        return hits

    def statistic(self, predictions: Predictions) -> "Callable[[np.ndarray], np.ndarray]":
        """The share of hits."""
        return means(self._hits(predictions) * 1.0)

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The same share."""
        share: np.ndarray = values[0]
        return share

    def interval(self, predictions: Predictions) -> tuple[float, float] | None:
        """Wilson's."""
        return wilson(int(self._hits(predictions).sum()), len(predictions.truth))

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
        def __init__(self, name: str, curve: str, outputs: Outputs) -> None:
            self.several = outputs.classes != 2
            labels = outputs.kinds if self.several else None
            super().__init__(name=name, curve=curve, multi_label=self.several, num_labels=labels)
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
