"""Keras metrics of sums over batches that are no mean over rows."""

from functools import cache
from typing import TYPE_CHECKING, Any

from dltrain.metrics.base import Outputs
from dltrain.metrics.counts import marks, probabilities

if TYPE_CHECKING:
    import keras


def explained_variance(name: str, values: int) -> "keras.metrics.Metric":
    """A metric called `name`: 1 - var(errors) / var(truth), the mean over so many values of a row."""

    def sums(y_true: Any, y_pred: Any) -> Any:
        from keras import ops

        error = y_true - y_pred
        return ops.stack([ops.ones_like(error), y_true, y_true**2, error, error**2], axis=1)

    def result(sums: Any) -> Any:
        from keras import ops

        truth, squares, error, squared_error = (sums[index] / ops.maximum(sums[0], 1) for index in range(1, 5))
        whole = squares - truth**2
        return ops.mean(ops.where(whole > 0, 1 - (squared_error - error**2) / ops.maximum(whole, 1e-7), 0.0))

    metric: keras.metrics.Metric = _metric_class()(name, (5, values), sums, result)
    return metric


def calibration_error(name: str, bins: int, outputs: Outputs) -> "keras.metrics.Metric":
    """A metric called `name`: the calibration error of the predicted class over bins of equal width."""

    def sums(y_true: Any, y_pred: Any) -> Any:
        from keras import ops

        given = probabilities(y_pred, outputs)
        sure = ops.max(given, axis=1)
        right = ops.sum(marks(y_true, outputs, truth=True) * marks(y_pred, outputs, truth=False), axis=1)
        place = ops.clip(ops.cast(ops.ceil(sure * bins), "int32") - 1, 0, bins - 1)
        each = ops.stack([ops.ones_like(sure), right - sure], axis=1)
        return each[:, :, None] * ops.one_hot(place, bins)[:, None, :]

    def result(sums: Any) -> Any:
        from keras import ops

        return ops.sum(ops.abs(sums[1])) / ops.maximum(ops.sum(sums[0]), 1)

    metric: keras.metrics.Metric = _metric_class()(name, (2, bins), sums, result)
    return metric


@cache
def _metric_class() -> Any:
    """The class is made here because Keras must not be imported with this module."""
    import keras
    from keras import ops

    class SummedMetric(keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self, name: str, shape: tuple[int, ...], sums: Any, result: Any) -> None:
            super().__init__(name=name)
            self.sums, self.of_sums = sums, result
            self.total = self.add_weight(shape=shape, initializer="zeros", name="total")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            each = self.sums(ops.cast(y_true, "float32"), ops.cast(y_pred, "float32"))
            if sample_weight is not None:
                each = each * ops.reshape(ops.cast(sample_weight, each.dtype), (-1, 1, 1))
            self.total.assign_add(ops.cast(ops.sum(each, axis=0), self.total.dtype))

        def result(self) -> Any:
            return self.of_sums(self.total)

    return SummedMetric
