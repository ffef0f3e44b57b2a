"""Cross-entropy for labels that are sometimes wrong."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.losses.base import ClassLoss
from dltrain.signature import TargetForm

if TYPE_CHECKING:
    import keras


class CategoricalGeneralizedCrossEntropy(ClassLoss):
    """``(1 - p_y^q) / q``, where y is the number of the right class.

    Zhang & Sabuncu 2018, https://arxiv.org/abs/1805.07836, equation 6.

    Attributes:
        q: towards 0 it becomes the cross-entropy, towards 1 the mean absolute error, which
            minds wrong labels less and learns more slowly.
    """

    type: Literal["categorical_generalized_cross_entropy"] = "categorical_generalized_cross_entropy"
    target_form: ClassVar[TargetForm] = "index"
    q: Annotated[float, Field(gt=0, lt=1)] = 0.5

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.CategoricalGeneralizedCrossEntropy``."""
        import keras

        return keras.losses.CategoricalGeneralizedCrossEntropy(**self.arguments())
