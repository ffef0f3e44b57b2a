"""Random changes of training images, as layers that only the training model has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typing_extensions import override

from dltrain.augmentations.base import AugmentationSpec
from dltrain.layers.base import LayerSpec
from dltrain.models.base import PlannedLayer
from dltrain.signature import Feature, Shape
from dltrain.spec.family import type_name
from dltrain.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    import keras


class Augmentation(LayerSpec):
    """Changes prepared images at random while training: (batch, height, width, channels) as it was.

    Attributes:
        change: which.
        images: what a prepared image is.
    """

    change: AugmentationSpec
    images: Feature

    @property
    @override
    def kind(self) -> str:
        """The change, such as ``random_flip``."""
        return type_name(type(self.change))

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        return shape

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """The Keras layer."""
        return self.change.build(self.images, name=name, seed=seed)


def augmentations(changes: Sequence[AugmentationSpec], prepared: Feature) -> list[PlannedLayer]:
    """A layer for each change.

    Raises:
        SpecError: the data is no images.
    """
    if changes and prepared.kind != "image":
        text = f"only images can be augmented, and the data is {prepared.kind}; delete `augment`"
        raise SpecError([Problem(text, ("dataset", "augment"), key=True)])
    planned = []
    for index, change in enumerate(changes):
        # No layer of a config has a hyphen in its name, so these cannot have the same.
        name = f"augment-{index}-{type_name(type(change))}"
        layer = Augmentation.model_construct(change=change, images=prepared)  # it has no `type` to be chosen by
        planned.append(PlannedLayer(name, layer, f"dataset.augment.{index}", prepared.shape, prepared.shape))
    return planned


def is_augmentation(layer: PlannedLayer) -> bool:
    """Whether a saved model is without this layer."""
    return isinstance(layer.spec, Augmentation)
