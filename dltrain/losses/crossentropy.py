"""Cross-entropies: the losses of classification by maximum likelihood."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.losses.base import ClassLoss, LabelLoss
from dltrain.signature import Head, Target, TargetForm
from dltrain.spec.fields import Decay, Natural
from dltrain.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    import keras


class BinaryCrossentropy(LabelLoss):
    """``-y log p - (1 - y) log(1 - p)``, where p is the probability of the second class; of labels, the mean over them.

    Attributes:
        label_smoothing: s in ``y (1 - s) + s / 2``, which replaces y; 0 leaves labels as they are.
    """

    type: Literal["binary_crossentropy"] = "binary_crossentropy"
    aliases: ClassVar[tuple[str, ...]] = ("bce",)
    label_smoothing: Decay = 0.0

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.BinaryCrossentropy``."""
        import keras

        return keras.losses.BinaryCrossentropy(**self.arguments())


class CategoricalCrossentropy(ClassLoss):
    """``-sum_k y_k log p_k`` with one-hot targets; needed, rather than the sparse one, to smooth labels.

    Attributes:
        label_smoothing: s in ``y_k (1 - s) + s / classes``, which replaces y_k; 0 leaves labels
            as they are. Szegedy et al. 2016, https://arxiv.org/abs/1512.00567, section 7.
    """

    type: Literal["categorical_crossentropy"] = "categorical_crossentropy"
    label_smoothing: Decay = 0.0

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.CategoricalCrossentropy``."""
        import keras

        return keras.losses.CategoricalCrossentropy(**self.arguments())


class SparseCategoricalCrossentropy(ClassLoss):
    """``-log p_y``, where y is the number of the right class.

    Attributes:
        ignore_class: rows of the class with this number do not count, neither in the sum nor
            in the number of rows that divides it.
    """

    type: Literal["sparse_categorical_crossentropy"] = "sparse_categorical_crossentropy"
    target_form: ClassVar[TargetForm] = "index"
    ignore_class: Natural | None = None

    def head(self, target: Target) -> Head:
        """A softmax over the classes."""
        classes = len(target.classes)
        if self.ignore_class is not None and self.ignore_class >= classes > 0:
            text = f"no class has the number {self.ignore_class}; write a number from 0 to {classes - 1}"
            raise SpecError([Problem(text, ("ignore_class",))])
        return super().head(target)

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.SparseCategoricalCrossentropy``."""
        import keras

        return keras.losses.SparseCategoricalCrossentropy(**self.arguments())
