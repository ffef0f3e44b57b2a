"""The family of initializers."""

from typing import TYPE_CHECKING, ClassVar

from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras


class InitializerSpec(Family):
    """The values that a layer's weights have before training.

    Fields carry the names and defaults of the Keras initializer's arguments. The seed is not among
    them: the run's seed decides. A subclass is called as the Keras class that it describes.
    """

    noun = "initializer"
    random: ClassVar[bool] = True
    """False for initializers that always give the same values, and so take no seed."""
    ranks: ClassVar[range] = range(1, 9)
    """The numbers of axes of the weights that it can fill."""

    @classmethod
    def default(cls) -> "InitializerSpec":
        """This initializer with its defaults, for use as the default of a field.

        Cheaper than a call of the class: pydantic builds no validator while modules are imported.
        """
        return cls.model_construct()

    def build(self, seed: int | None = None) -> "keras.initializers.Initializer":
        """The Keras initializer; the same `seed` and shape give the same values."""
        import keras

        seeds = {"seed": seed} if self.random else {}
        return getattr(keras.initializers, type(self).__name__)(**self.arguments(), **seeds)
