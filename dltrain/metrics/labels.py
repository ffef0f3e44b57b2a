"""Scores of rows that have any number of labels."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import MULTILABEL, MetricSpec, Outputs, Predictions
from dltrain.metrics.proportion import wilson
from dltrain.metrics.statistics import means
from dltrain.signature import TaskName

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np


class _LabelMetric(MetricSpec):
    tasks: ClassVar[frozenset[TaskName]] = MULTILABEL

    def score(self, predictions: Predictions) -> float:
        """The mean over all rows."""
        import numpy as np

        return float(self.of_rows(predictions.truth == predictions.predicted, np).mean())

    def statistic(self, predictions: Predictions) -> "Callable[[np.ndarray], np.ndarray]":
        """The mean over each resample."""
        import numpy as np

        return means(self.of_rows((predictions.truth == predictions.predicted) * 1.0, np))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The only mean."""
        own: np.ndarray = values[0]
        return own

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same mean over batches."""
        import keras
        from keras import ops

        def of_batch(y_true: Any, y_pred: Any) -> Any:
            right = ops.equal(y_true > 0.5, y_pred > outputs.head.threshold)
            return self.of_rows(ops.cast(right, "float32"), ops)

        return keras.metrics.MeanMetricWrapper(of_batch, name=self.name)

    def of_rows(self, right: Any, ops: Any) -> Any:
        """The score of each row, from 1 or 0 for each of its labels, (rows, labels).

        Args:
            right: whether a label is predicted right.
            ops: ``numpy``, or ``keras.ops`` where `right` is a tensor.
        """
        raise NotImplementedError


class BinaryAccuracy(_LabelMetric):
    """The share of labels, present or absent, that are predicted right, over all rows; 1 - `hamming_loss`."""

    type: Literal["binary_accuracy"] = "binary_accuracy"

    def of_rows(self, right: Any, ops: Any) -> Any:
        """The mean over the labels."""
        return ops.mean(right, axis=1)


class SubsetAccuracy(_LabelMetric):
    """The share of rows of which every label is predicted right; scikit-learn's ``accuracy_score`` of labels."""

    type: Literal["subset_accuracy"] = "subset_accuracy"

    def interval(self, predictions: Predictions) -> tuple[float, float] | None:
        """Wilson's."""
        return wilson(int((predictions.truth == predictions.predicted).all(axis=1).sum()), len(predictions.truth))

    def of_rows(self, right: Any, ops: Any) -> Any:
        """1 where all are right."""
        return ops.min(right, axis=1)


class HammingLoss(_LabelMetric):
    """The share of labels, present or absent, that are predicted wrong, over all rows."""

    type: Literal["hamming_loss"] = "hamming_loss"
    mode: ClassVar[Any] = "min"

    def of_rows(self, right: Any, ops: Any) -> Any:
        """The mean over the labels."""
        return 1 - ops.mean(right, axis=1)
