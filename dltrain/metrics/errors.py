"""Scores of regression."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import REGRESSION, MetricSpec, Outputs, Predictions
from dltrain.signature import Target, TaskName

if TYPE_CHECKING:
    import keras


class _RegressionMetric(MetricSpec):
    tasks: ClassVar[frozenset[TaskName]] = REGRESSION
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, None)
    keras_name: ClassVar[str]
    sklearn_name: ClassVar[str]

    def score(self, predictions: Predictions) -> float | None:
        """scikit-learn's function of the same name, over all values."""
        import sklearn.metrics

        return float(getattr(sklearn.metrics, self.sklearn_name)(predictions.truth, predictions.predicted))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Keras's metric of the same name, in the target's own unit."""
        import keras

        plain = getattr(keras.metrics, self.keras_name)
        return _in_unit(plain, outputs.target)(name=self.name) if outputs.target.scale else plain(name=self.name)


def _in_unit(plain: Any, target: Target) -> Any:
    """A subclass of a Keras metric that brings targets and outputs back to the target's own unit."""
    from keras import ops

    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        scale, offset = (ops.convert_to_tensor(values, "float32") for values in (target.scale, target.offset))
        own = (ops.cast(values, "float32") * scale + offset for values in (y_true, y_pred))
        return plain.update_state(self, *own, sample_weight=sample_weight)

    return type(plain.__name__, (plain,), {"update_state": update_state})


class MeanSquaredError(_RegressionMetric):
    """The mean of (truth - prediction)^2."""

    type: Literal["mean_squared_error"] = "mean_squared_error"
    aliases: ClassVar[tuple[str, ...]] = ("mse",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "MeanSquaredError"
    sklearn_name: ClassVar[str] = "mean_squared_error"


class RootMeanSquaredError(_RegressionMetric):
    """The square root of the mean squared error, in the target's unit."""

    type: Literal["root_mean_squared_error"] = "root_mean_squared_error"
    aliases: ClassVar[tuple[str, ...]] = ("rmse",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "RootMeanSquaredError"
    sklearn_name: ClassVar[str] = "root_mean_squared_error"

    def score(self, predictions: Predictions) -> float | None:
        """Over all values, as Keras has it; scikit-learn would take the mean of the roots of several."""
        import sklearn.metrics

        return float(sklearn.metrics.root_mean_squared_error(predictions.truth.ravel(), predictions.predicted.ravel()))


class MeanAbsoluteError(_RegressionMetric):
    """The mean of |truth - prediction|, in the target's unit."""

    type: Literal["mean_absolute_error"] = "mean_absolute_error"
    aliases: ClassVar[tuple[str, ...]] = ("mae",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "MeanAbsoluteError"
    sklearn_name: ClassVar[str] = "mean_absolute_error"


class R2(_RegressionMetric):
    """1 - (squared error) / (squared deviation from the mean): 1 is perfect, 0 no better than the mean."""

    type: Literal["r2_score"] = "r2_score"
    aliases: ClassVar[tuple[str, ...]] = ("r2",)
    limits: ClassVar[tuple[float | None, float | None]] = (None, 1.0)
    keras_name: ClassVar[str] = "R2Score"
    sklearn_name: ClassVar[str] = "r2_score"

    def score(self, predictions: Predictions) -> float | None:
        """``sklearn.metrics.r2_score``; None for a single row, which has no deviation."""
        return super().score(predictions) if len(predictions.truth) > 1 else None
