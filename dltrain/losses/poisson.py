"""The loss of counts."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.losses.base import ValueLoss

if TYPE_CHECKING:
    import keras


class Poisson(ValueLoss):
    """``mean_k (p_k - y_k log(p_k + 1e-7))`` for targets that are counts; p is the expected count.

    The negative log-likelihood of a Poisson distribution, without ``log(y_k!)``, which depends
    on no weight. The output layer is a softplus, ``log(1 + exp(x))``: always positive, as an
    expected count must be, and unlike ``exp(x)`` it does not overflow for large x, nor does one
    large step multiply it.
    """

    type: Literal["poisson"] = "poisson"
    target_minimum: ClassVar[float | None] = 0.0
    activation: ClassVar[str] = "softplus"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.Poisson``."""
        import keras

        return keras.losses.Poisson(**self.arguments())
