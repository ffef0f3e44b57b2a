"""Divergences between distributions."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.losses.base import ClassLoss

if TYPE_CHECKING:
    import keras


class KlDivergence(ClassLoss):
    """``sum_k y_k log(y_k / p_k)`` with one-hot targets, y and p being at least 1e-7.

    Kullback & Leibler 1951. For one-hot targets it is the cross-entropy, up to a number below
    2e-6 for each class.
    """

    type: Literal["kl_divergence"] = "kl_divergence"
    aliases: ClassVar[tuple[str, ...]] = ("kld",)

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.KLDivergence``."""
        import keras

        return keras.losses.KLDivergence(**self.arguments())
