"""More scores of regression: relative errors, explained variance, and the largest errors."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import Outputs, Predictions
from dltrain.metrics.errors import Explained, RegressionMetric, own_unit
from dltrain.metrics.statistics import QUANTILES, error_quantiles, errors

if TYPE_CHECKING:
    import keras
    import numpy as np


class MeanAbsolutePercentageError(RegressionMetric):
    """The mean of |truth - prediction| / |truth|, as a share: 0.1 is ten per cent, as scikit-learn has it."""

    type: Literal["mean_absolute_percentage_error"] = "mean_absolute_percentage_error"
    aliases: ClassVar[tuple[str, ...]] = ("mape",)
    mode: ClassVar[Any] = "min"
    sklearn_name: ClassVar[str] = "mean_absolute_percentage_error"

    def undefined(self, predictions: Predictions) -> str | None:
        """Nothing is a share of zero."""
        zeros = int((predictions.truth == 0).any(axis=1).sum())
        return f"the true value is 0 in {zeros:,} {'rows' if zeros > 1 else 'row'}" if zeros else None

    def of_rows(self, error: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
        """The mean relative error of each row."""
        relative: np.ndarray = (abs(error) / abs(truth)).mean(axis=1)
        return relative

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same mean over batches, in the target's own unit; a true value of 0 counts as 1e-7."""
        import keras
        from keras import ops

        def of_batch(y_true: Any, y_pred: Any) -> Any:
            truth, predicted = own_unit(y_true, y_pred, outputs.target)
            return ops.mean(ops.abs(truth - predicted) / ops.maximum(ops.abs(truth), 1e-7), axis=-1)

        return keras.metrics.MeanMetricWrapper(of_batch, name=self.name)


class ExplainedVariance(Explained):
    """1 - (variance of the errors) / (variance of the truth): as `r2_score`, but a constant error does not count."""

    type: Literal["explained_variance"] = "explained_variance"
    sklearn_name: ClassVar[str] = "explained_variance_score"

    def left(self, error: "np.ndarray", squared_error: "np.ndarray") -> "np.ndarray":
        """The variance of the errors."""
        variance: np.ndarray = squared_error - error**2
        return variance

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same of sums over batches, in the unit that is learned, on which it does not depend."""
        from dltrain.metrics.moments import explained_variance

        return explained_variance(self.name, len(outputs.target.scale) or outputs.head.units)


class _ErrorQuantile(RegressionMetric):
    """A quantile of |truth - prediction|, between two rows on the line from one to the other."""

    mode: ClassVar[Any] = "min"
    final_only: ClassVar[bool] = True
    statistic: ClassVar[Any] = staticmethod(error_quantiles)
    quantile: ClassVar[float]

    def score(self, predictions: Predictions) -> float:
        """``numpy.quantile`` of the absolute errors, in the target's unit."""
        import numpy as np

        return float(np.quantile(abs(errors(predictions)), self.quantile))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """One of the quantiles."""
        own: np.ndarray = values[QUANTILES.index(self.quantile)]
        return own

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Raises TypeError: batches do not tell the quantile of all rows."""
        raise TypeError(f"{self.name} cannot be watched")


class MedianAbsoluteError(_ErrorQuantile):
    """Half of the values are off by at most this, in the target's unit; a final score only."""

    type: Literal["median_absolute_error"] = "median_absolute_error"
    quantile: ClassVar[float] = 0.5


class AbsoluteErrorP90(_ErrorQuantile):
    """Nine in ten values are off by at most this, in the target's unit; a final score only."""

    type: Literal["absolute_error_p90"] = "absolute_error_p90"
    quantile: ClassVar[float] = 0.9


class AbsoluteErrorP99(_ErrorQuantile):
    """99 in 100 values are off by at most this, in the target's unit; a final score only."""

    type: Literal["absolute_error_p99"] = "absolute_error_p99"
    quantile: ClassVar[float] = 0.99
