"""The loss of directions."""

from typing import TYPE_CHECKING, Literal

from dltrain.losses.base import ValueLoss
from dltrain.signature import Head, Target
from dltrain.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    import keras


class CosineSimilarity(ValueLoss):
    """``-sum_k y_k p_k / (|y| |p|)``, from -1 for equal directions to 1; lengths do not matter.

    Needs a target of two values or more: of a single number only the sign would be left.
    """

    type: Literal["cosine_similarity"] = "cosine_similarity"

    def head(self, target: Target) -> Head:
        """One output for each number of the target."""
        head = super().head(target)
        if head.units < 2:
            text = "cosine_similarity needs a target of two values or more; write mean_squared_error for one"
            raise SpecError([Problem(text)])
        return head

    def build(self) -> "keras.losses.Loss":
        """``keras.losses.CosineSimilarity``."""
        import keras

        return keras.losses.CosineSimilarity(**self.arguments())
