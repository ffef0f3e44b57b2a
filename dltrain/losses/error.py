"""Mean errors: the losses of regression."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.losses.base import ValueLoss

if TYPE_CHECKING:
    import keras


class MeanSquaredError(ValueLoss):
    """``mean_k (y_k - p_k)^2``; its best constant prediction is the mean of the targets."""

    type: Literal["mean_squared_error"] = "mean_squared_error"
    takes_any_unit: ClassVar[bool] = True
    aliases: ClassVar[tuple[str, ...]] = ("mse",)

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.MeanSquaredError``."""
        import keras

        return keras.losses.MeanSquaredError(**self.arguments())


class MeanAbsoluteError(ValueLoss):
    """``mean_k |y_k - p_k|``; its best constant prediction is the median of the targets."""

    type: Literal["mean_absolute_error"] = "mean_absolute_error"
    takes_any_unit: ClassVar[bool] = True
    aliases: ClassVar[tuple[str, ...]] = ("mae",)
    best_constant: ClassVar[Literal["mean", "median"]] = "median"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.MeanAbsoluteError``."""
        import keras

        return keras.losses.MeanAbsoluteError(**self.arguments())


class MeanAbsolutePercentageError(ValueLoss):
    """``100 mean_k |y_k - p_k| / max(|y_k|, 1e-7)``, in percent; a target of zero makes it huge."""

    type: Literal["mean_absolute_percentage_error"] = "mean_absolute_percentage_error"
    aliases: ClassVar[tuple[str, ...]] = ("mape",)

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.MeanAbsolutePercentageError``."""
        import keras

        return keras.losses.MeanAbsolutePercentageError(**self.arguments())


class MeanSquaredLogarithmicError(ValueLoss):
    """``mean_k (log(1 + y_k) - log(1 + p_k))^2`` for targets that are not negative.

    Keras replaces outputs below 1e-7 by 1e-7, where the gradient is zero and training stops;
    the output layer is therefore a softplus, ``log(1 + exp(x))``, which is always positive.
    """

    type: Literal["mean_squared_logarithmic_error"] = "mean_squared_logarithmic_error"
    aliases: ClassVar[tuple[str, ...]] = ("msle",)
    target_minimum: ClassVar[float | None] = 0.0
    activation: ClassVar[str] = "softplus"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.MeanSquaredLogarithmicError``."""
        import keras

        return keras.losses.MeanSquaredLogarithmicError(**self.arguments())
