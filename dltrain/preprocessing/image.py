"""Pixels."""

from typing import Any, ClassVar, Literal

from dltrain.preprocessing.base import FeatureSpec, Statistics, as_float
from dltrain.signature import Feature, FeatureKind


class Image(FeatureSpec):
    """Pixels of images of one size, (height, width) or (height, width, channels).

    Attributes:
        scaling: ``zero_one``: black is 0 and the highest value 1; ``minus_one_one``: from -1 to 1;
            ``none``: as they are.
    """

    type: Literal["image"] = "image"
    kind: ClassVar[FeatureKind] = "image"
    scaling: Literal["zero_one", "minus_one_one", "none"] = "zero_one"

    def check(self, feature: Feature) -> None:
        """Refuses arrays that are not (height, width) or (height, width, channels)."""
        if len(feature.shape) not in (2, 3):
            raise ValueError(
                f"'{feature.name}' has rows of shape {feature.shape}; images have 2 or 3 axes; use `numeric`"
            )

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """``Rescaling``, and for grey images ``Reshape`` to one channel."""
        import keras

        tensor = as_float(tensor)
        if len(feature.shape) == 2:
            tensor = keras.layers.Reshape((*feature.shape, 1))(tensor)
        highest = feature.maximum or 1.0
        if self.scaling == "zero_one":
            tensor = keras.layers.Rescaling(1.0 / highest)(tensor)
        elif self.scaling == "minus_one_one":
            tensor = keras.layers.Rescaling(2.0 / highest, offset=-1.0)(tensor)
        return tensor

    def prepared(self, feature: Feature, statistics: Statistics) -> Feature:
        """(height, width, channels)."""
        shape = feature.shape if len(feature.shape) == 3 else (*feature.shape, 1)
        return Feature(name=feature.name, kind="image", dtype="float32", shape=shape)
