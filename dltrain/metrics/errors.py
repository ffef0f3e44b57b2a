"""Scores of regression."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import REGRESSION, Outputs, Predictions
from dltrain.metrics.means import MeanMetric
from dltrain.metrics.statistics import errors, moments
from dltrain.signature import Target, TaskName

if TYPE_CHECKING:
    import keras
    import numpy as np


class RegressionMetric(MeanMetric):
    """A score of numbers, most of them a mean over rows."""

    tasks: ClassVar[frozenset[TaskName]] = REGRESSION
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, None)
    keras_name: ClassVar[str]
    sklearn_name: ClassVar[str]

    def score(self, predictions: Predictions) -> float | None:
        """scikit-learn's function of the same name, over all values."""
        import sklearn.metrics

        return float(getattr(sklearn.metrics, self.sklearn_name)(predictions.truth, predictions.predicted))

    def of_all(self, predictions: Predictions) -> "np.ndarray":
        """What `of_rows` gives."""
        return self.of_rows(errors(predictions), predictions.truth)

    def of_rows(self, error: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
        """What the score is the mean of, (rows,), from errors and true values, (rows, values) each."""
        raise NotImplementedError

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """Keras's metric of the same name, in the target's own unit."""
        import keras

        plain = getattr(keras.metrics, self.keras_name)
        return in_unit(plain, outputs.target)(name=self.name) if outputs.target.scale else plain(name=self.name)


def in_unit(plain: Any, target: Target) -> Any:
    """A subclass of a Keras metric that brings targets and outputs back to the target's own unit."""

    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return plain.update_state(self, *own_unit(y_true, y_pred, target), sample_weight=sample_weight)

    return type(plain.__name__, (plain,), {"update_state": update_state})


def own_unit(y_true: Any, y_pred: Any, target: Target) -> tuple[Any, Any]:
    """Tensors of targets and outputs in the target's own unit."""
    from keras import ops

    truth, predicted = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    if not target.scale:
        return truth, predicted
    scale, offset = (ops.convert_to_tensor(values, "float32") for values in (target.scale, target.offset))
    return truth * scale + offset, predicted * scale + offset


class MeanSquaredError(RegressionMetric):
    """The mean of (truth - prediction)^2."""

    type: Literal["mean_squared_error"] = "mean_squared_error"
    aliases: ClassVar[tuple[str, ...]] = ("mse",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "MeanSquaredError"
    sklearn_name: ClassVar[str] = "mean_squared_error"

    def of_rows(self, error: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
        """The mean squared error of each row."""
        squares: np.ndarray = (error**2).mean(axis=1)
        return squares


class RootMeanSquaredError(RegressionMetric):
    """The square root of the mean squared error, in the target's unit."""

    type: Literal["root_mean_squared_error"] = "root_mean_squared_error"
    aliases: ClassVar[tuple[str, ...]] = ("rmse",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "RootMeanSquaredError"
    sklearn_name: ClassVar[str] = "root_mean_squared_error"

    def of_rows(self, error: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
        """The mean squared error of each row."""
        squares: np.ndarray = (error**2).mean(axis=1)
        return squares

    def score(self, predictions: Predictions) -> float | None:
        """Over all values, as Keras has it; scikit-learn would take the mean of the roots of several."""
        import sklearn.metrics

        return float(sklearn.metrics.root_mean_squared_error(predictions.truth.ravel(), predictions.predicted.ravel()))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The root of the mean."""
        root: np.ndarray = values[0] ** 0.5
        return root

    def standard_errors(self, values: "np.ndarray", rows: int) -> "np.ndarray | None":
        """Of the root, by its derivative."""
        import numpy as np

        of_mean = super().standard_errors(values, rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            return None if of_mean is None else of_mean / (2 * values[0] ** 0.5)


class MeanAbsoluteError(RegressionMetric):
    """The mean of |truth - prediction|, in the target's unit."""

    type: Literal["mean_absolute_error"] = "mean_absolute_error"
    aliases: ClassVar[tuple[str, ...]] = ("mae",)
    mode: ClassVar[Any] = "min"
    keras_name: ClassVar[str] = "MeanAbsoluteError"
    sklearn_name: ClassVar[str] = "mean_absolute_error"

    def of_rows(self, error: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
        """The mean absolute error of each row."""
        absolute: np.ndarray = abs(error).mean(axis=1)
        return absolute


class Explained(RegressionMetric):
    """1 - (what is left) / (squared deviation from the mean), the mean over the values of a row."""

    limits: ClassVar[tuple[float | None, float | None]] = (None, 1.0)
    statistic: ClassVar[Any] = staticmethod(moments)

    def undefined(self, predictions: Predictions) -> str | None:
        """A constant has no variance to explain."""
        if len(predictions.truth) < 2:
            return "there is a single row"
        constant = (predictions.truth == predictions.truth[0]).all(axis=0)
        return "the true values are all the same" if constant.any() else None

    def score(self, predictions: Predictions) -> float | None:
        """scikit-learn's function of the same name; None for a single row, which has no deviation."""
        return super().score(predictions) if len(predictions.truth) > 1 else None

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """From the moments of each value; NaN where all rows of a resample have the same."""
        import numpy as np

        truth, squares, error, squared_error = values
        with np.errstate(invalid="ignore", divide="ignore"):
            each = 1 - self.left(error, squared_error) / (squares - truth**2)
        return np.where(np.isfinite(each).all(axis=0), each.mean(axis=0), np.nan)

    def left(self, error: "np.ndarray", squared_error: "np.ndarray") -> "np.ndarray":
        """What is not explained, from the mean error and the mean squared error."""
        raise NotImplementedError


class R2(Explained):
    """1 - (squared error) / (squared deviation from the mean): 1 is perfect, 0 no better than the mean."""

    type: Literal["r2_score"] = "r2_score"
    aliases: ClassVar[tuple[str, ...]] = ("r2",)
    keras_name: ClassVar[str] = "R2Score"
    sklearn_name: ClassVar[str] = "r2_score"

    def left(self, error: "np.ndarray", squared_error: "np.ndarray") -> "np.ndarray":
        """The squared error."""
        return squared_error
