"""Losses of regression that mind outliers less than squares do."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.losses.base import ValueLoss

if TYPE_CHECKING:
    import keras


class Huber(ValueLoss):
    """``e^2 / 2`` for errors ``e = |y_k - p_k|`` up to delta, ``delta e - delta^2 / 2`` above; the mean over k.

    Huber 1964, https://doi.org/10.1214/aoms/1177703732

    Attributes:
        delta: the error, in units of the target, from which the loss grows along a line.
    """

    type: Literal["huber"] = "huber"
    takes_any_unit: ClassVar[bool] = True
    delta: Annotated[float, Field(gt=0, le=1e9)] = 1.0

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.Huber``."""
        import keras

        return keras.losses.Huber(**self.arguments())


class LogCosh(ValueLoss):
    """``mean_k log(cosh(p_k - y_k))``: about ``e^2 / 2`` for small errors e, ``|e| - log 2`` for large ones."""

    type: Literal["log_cosh"] = "log_cosh"
    takes_any_unit: ClassVar[bool] = True
    aliases: ClassVar[tuple[str, ...]] = ("logcosh",)

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.LogCosh``."""
        import keras

        return keras.losses.LogCosh(**self.arguments())
