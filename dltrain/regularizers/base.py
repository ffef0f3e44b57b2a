"""The family of regularizers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras


class RegularizerSpec(Family):
    """A penalty that is added to the loss.

    Fields carry the names and defaults of the Keras regularizer's arguments. A subclass is called
    as the Keras class that it describes. ``{l1: 1e-5, l2: 1e-4}`` is taken for ``l1_l2``.
    """

    noun = "regularizer"
    ranks: ClassVar[range] = range(1, 9)
    """The numbers of axes of the weights that it can penalize."""

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """``l1_l2`` for a mapping with both factors."""
        return "l1_l2" if set(values) == {"l1", "l2"} else None

    @classmethod
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """As `infer_type`."""
        return {"l1_l2": {"required": ["l1", "l2"]}}

    def build(self) -> "keras.regularizers.Regularizer":
        """The Keras regularizer."""
        import keras

        return getattr(keras.regularizers, type(self).__name__)(**self.arguments())
