"""Hinges: losses of a margin, as in support vector machines."""

from typing import TYPE_CHECKING, Literal

from typing_extensions import override

from dltrain.losses.base import BinaryLoss, ClassLoss
from dltrain.signature import Head, Target

if TYPE_CHECKING:
    import keras


class MarginLoss(BinaryLoss):
    """A loss of one output between -1, the first class, and 1, the second."""

    @override
    def head(self, target: Target) -> Head:
        """The margin; the second class is predicted where it is above 0."""
        return Head(1, "tanh", threshold=0.0)


class Hinge(MarginLoss):
    """``max(0, 1 - y p)``, where y is -1 or 1, to which Keras converts 0 and 1."""

    type: Literal["hinge"] = "hinge"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.Hinge``."""
        import keras

        return keras.losses.Hinge(**self.arguments())


class SquaredHinge(MarginLoss):
    """``max(0, 1 - y p)^2``, where y is -1 or 1, to which Keras converts 0 and 1."""

    type: Literal["squared_hinge"] = "squared_hinge"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.SquaredHinge``."""
        import keras

        return keras.losses.SquaredHinge(**self.arguments())


class CategoricalHinge(ClassLoss):
    """``max(0, 1 - p_y + max_{k != y} p_k)``, where y is the right class, with one-hot targets."""

    type: Literal["categorical_hinge"] = "categorical_hinge"

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.CategoricalHinge``."""
        import keras

        return keras.losses.CategoricalHinge(**self.arguments())
