"""Keras metrics over a confusion matrix, for any form of target (Keras's F1Score refuses integers)."""

from functools import cache
from typing import TYPE_CHECKING, Any

from dltrain.metrics.base import Outputs

if TYPE_CHECKING:
    import keras


def confusion_metric(name: str, kind: str, average: str, outputs: Outputs) -> "keras.metrics.Metric":
    """A metric called `name` that sums a confusion matrix over batches.

    Args:
        name: its name in logs.
        kind: ``precision``, ``recall`` or ``f1``.
        average: ``binary`` for the second class, ``macro`` or ``weighted``.
        outputs: the form of targets and outputs.
    """
    metric: keras.metrics.Metric = _metric_class()(name, kind, average, outputs)
    return metric


def class_indices(targets: Any, outputs: Outputs, *, truth: bool) -> Any:
    """Class indices (batch,) of targets, or of the model's outputs where `truth` is false."""
    from keras import ops

    if outputs.form == "binary":
        threshold = 0.5 if truth else outputs.head.threshold
        return ops.cast(ops.reshape(targets, (-1,)) > threshold, "int32")
    if truth and outputs.form == "index":
        return ops.cast(ops.reshape(targets, (-1,)), "int32")
    return ops.argmax(targets, axis=-1)


def _score(matrix: Any, kind: str, average: str) -> Any:
    """From a matrix (truth, predicted): TP / (predicted), TP / (truth), or 2 TP / (predicted + truth)."""
    from keras import ops

    hits, truth, predicted = ops.diagonal(matrix), ops.sum(matrix, axis=1), ops.sum(matrix, axis=0)
    whole = {"precision": predicted, "recall": truth, "f1": (predicted + truth) / 2}[kind]
    each = ops.where(whole > 0, hits / ops.maximum(whole, 1), 0.0)
    if average == "binary":
        return each[1]
    if average == "macro":
        return ops.mean(each)
    return ops.sum(each * truth) / ops.maximum(ops.sum(truth), 1)


@cache
def _metric_class() -> Any:
    """The class is made here because Keras must not be imported with this module."""
    import keras
    from keras import ops

    class ConfusionMetric(keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self, name: str, kind: str, average: str, outputs: Outputs) -> None:
            super().__init__(name=name)
            self.kind, self.average, self.outputs = kind, average, outputs
            shape = (outputs.classes, outputs.classes)
            self.matrix = self.add_weight(shape=shape, initializer="zeros", name="matrix")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            rows = ops.one_hot(class_indices(y_true, self.outputs, truth=True), self.outputs.classes)
            columns = ops.one_hot(class_indices(y_pred, self.outputs, truth=False), self.outputs.classes)
            if sample_weight is not None:
                rows = rows * ops.reshape(ops.cast(sample_weight, rows.dtype), (-1, 1))
            counts = ops.matmul(ops.transpose(rows), columns)
            self.matrix.assign_add(ops.cast(counts, self.matrix.dtype))

        def result(self) -> Any:
            return _score(self.matrix, self.kind, self.average)

    return ConfusionMetric
