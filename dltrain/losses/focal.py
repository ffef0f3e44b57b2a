"""Focal cross-entropies, which count rows that are already right for less."""

from typing import TYPE_CHECKING, Literal

from dltrain.losses.base import ClassLoss, LabelLoss
from dltrain.spec.fields import Decay, NonNegative, Probability

if TYPE_CHECKING:
    import keras


class BinaryFocalCrossentropy(LabelLoss):
    """``-(1 - q)^gamma log q``, where q is the probability of the right class; of labels, the mean over them.

    Lin et al. 2017, https://arxiv.org/abs/1708.02002, equations 4 and 5.

    Attributes:
        apply_class_balancing: multiply by `alpha` for the second class, or a label that is there, and
            by ``1 - alpha`` for the first, or one that is not.
        alpha: the weight of the second class or of a label, used with `apply_class_balancing`.
        gamma: how much less rows count that are already right; 0 gives the binary cross-entropy.
        label_smoothing: s in ``y (1 - s) + s / 2``, which replaces y.
    """

    type: Literal["binary_focal_crossentropy"] = "binary_focal_crossentropy"
    apply_class_balancing: bool = False
    alpha: Probability = 0.25
    gamma: NonNegative = 2.0
    label_smoothing: Decay = 0.0

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.BinaryFocalCrossentropy``."""
        import keras

        return keras.losses.BinaryFocalCrossentropy(**self.arguments())


class CategoricalFocalCrossentropy(ClassLoss):
    """``-alpha sum_k y_k (1 - p_k)^gamma log p_k`` with one-hot targets.

    Lin et al. 2017, https://arxiv.org/abs/1708.02002, equation 5, for many classes.

    Attributes:
        alpha: multiplies the whole loss.
        gamma: how much less rows count that are already right; 0 gives the cross-entropy.
        label_smoothing: s in ``y_k (1 - s) + s / classes``, which replaces y_k.
    """

    type: Literal["categorical_focal_crossentropy"] = "categorical_focal_crossentropy"
    alpha: Probability = 0.25
    gamma: NonNegative = 2.0
    label_smoothing: Decay = 0.0

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.CategoricalFocalCrossentropy``."""
        import keras

        return keras.losses.CategoricalFocalCrossentropy(**self.arguments())
