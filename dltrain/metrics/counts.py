"""Keras metrics over counts of each class or label, for any form of target (Keras's F1Score refuses integers)."""

from functools import cache
from typing import TYPE_CHECKING, Any

from dltrain.metrics.base import Outputs

if TYPE_CHECKING:
    import keras


def counting_metric(name: str, kind: Any, average: str, outputs: Outputs) -> "keras.metrics.Metric":
    """A metric called `name` that counts hits, true and predicted rows of each class or label over batches.

    Args:
        name: its name in logs.
        kind: ``precision``, ``recall`` or ``f1``; or what gives a numerator and a denominator from the shares of rows
            hit, true and predicted, (3, kinds).
        average: ``binary`` for the second class, ``macro``, ``weighted`` or ``micro``.
        outputs: the form of targets and outputs.
    """
    metric: keras.metrics.Metric = _metric_class()(name, kind, average, outputs)
    return metric


def marks(values: Any, outputs: Outputs, *, truth: bool) -> Any:
    """0.0 or 1.0 for each class or label, (batch, kinds), of targets, or of outputs where `truth` is false."""
    from keras import ops

    threshold = 0.5 if truth else outputs.head.threshold
    if outputs.form == "multi_hot":
        return ops.cast(values > threshold, "float32")
    if outputs.form == "binary":
        indices = ops.cast(ops.reshape(values, (-1,)) > threshold, "int32")
    elif truth and outputs.form == "index":
        indices = ops.cast(ops.reshape(values, (-1,)), "int32")
    else:
        indices = ops.argmax(values, axis=-1)
    return ops.one_hot(indices, outputs.classes)


def probabilities(outputs: Any, model: Outputs) -> Any:
    """Of each class or label, (batch, kinds); of a margin, which is none, ``(margin + 1) / 2``."""
    from keras import ops

    if model.form != "binary":
        return outputs
    second = ops.reshape(outputs, (-1,))
    second = (second + 1) / 2 if model.head.threshold == 0.0 else second
    return ops.stack([1 - second, second], axis=1)


def _score(counts: Any, kind: Any, average: str) -> Any:
    """TP / predicted, TP / truth, or their harmonic mean, from counts (3, kinds) of hits, truth and predicted."""
    from keras import ops

    if callable(kind):
        part, whole = kind(counts / ops.maximum(ops.sum(counts[1]), 1), ops)
        return ops.where(whole > 1e-6, part / ops.maximum(whole, 1e-6), 0.0)
    if average == "micro":
        counts, average = ops.sum(counts, axis=1, keepdims=True), "macro"
    hits, truth, predicted = counts[0], counts[1], counts[2]
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

    class CountingMetric(keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self, name: str, kind: str, average: str, outputs: Outputs) -> None:
            super().__init__(name=name)
            self.kind, self.average, self.outputs = kind, average, outputs
            self.counts = self.add_weight(shape=(3, outputs.kinds), initializer="zeros", name="counts")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            truth = marks(y_true, self.outputs, truth=True)
            predicted = marks(y_pred, self.outputs, truth=False)
            each = ops.stack([truth * predicted, truth, predicted])
            if sample_weight is not None:
                each = each * ops.reshape(ops.cast(sample_weight, each.dtype), (1, -1, 1))
            self.counts.assign_add(ops.cast(ops.sum(each, axis=1), self.counts.dtype))

        def result(self) -> Any:
            return _score(self.counts, self.kind, self.average)

    return CountingMetric
