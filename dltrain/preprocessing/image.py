"""Pixels."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from dltrain.preprocessing.base import FeatureSpec, Layers, Statistics, as_float
from dltrain.signature import Feature, FeatureKind
from dltrain.spec.fields import Pair

if TYPE_CHECKING:
    import numpy as np

_BATCH_BYTES = 16 << 20
_LONGEST_SIDE = 8192


def _bounded(size: tuple[int, int]) -> tuple[int, int]:
    if max(size) > _LONGEST_SIDE:
        text = f"{max(size)} pixels are more than any model takes; write at most {_LONGEST_SIDE}"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return size


ImageSize = Annotated[Pair, AfterValidator(_bounded)]
"""(height, width) of an image in pixels; one integer stands for both."""


class Image(FeatureSpec):
    """Pixels, (height, width) or (height, width, channels); or a column with the paths of image files.

    Attributes:
        scaling: ``zero_one``: black is 0 and the highest value 1; ``minus_one_one``: from -1 to 1;
            ``none``: as they are.
        size: [height, width] that all images are brought to, also by the saved model, which then takes
            images of any size; one integer stands for both. Needed where images differ in size.
        resize: how: ``stretch`` does not keep the proportions; ``crop`` keeps them and cuts off what
            is left over at the two longer ends; ``pad`` keeps them and adds black borders.
        antialias: whether pixels are averaged when an image is made much smaller. That looks better, but
            the saved model then cannot be compiled with XLA.
        color: of image files: ``rgb`` or ``grey``; by default grey where all files are grey.
        on_bad_image: what is done about files that cannot be read as images: ``error`` names them,
            ``skip`` leaves their rows out.
    """

    type: Literal["image"] = "image"
    kind: ClassVar[FeatureKind] = "image"
    scaling: Literal["zero_one", "minus_one_one", "none"] = "zero_one"
    size: ImageSize | None = None
    resize: Literal["stretch", "crop", "pad"] = "stretch"
    antialias: bool = False
    color: Literal["rgb", "grey"] | None = None
    on_bad_image: Literal["error", "skip"] = "error"

    def check(self, feature: Feature) -> None:
        """Refuses arrays that are not (height, width) or (height, width, channels)."""
        if feature.columns:
            raise ValueError(f"'{feature.name}' holds columns of a table, and no pixels; use `numeric`")
        if len(feature.shape) not in (2, 3):
            raise ValueError(
                f"'{feature.name}' has rows of shape {feature.shape}; images have 2 or 3 axes; use `numeric`"
            )

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """``Reshape`` of grey images to one channel, ``Resizing`` where there is a `size`, ``Rescaling``."""
        import keras

        tensor = as_float(tensor)
        if len(feature.shape) == 2:
            tensor = keras.layers.Reshape((*feature.shape, 1))(tensor)
        if self.size:
            keep = {"crop_to_aspect_ratio": self.resize == "crop", "pad_to_aspect_ratio": self.resize == "pad"}
            tensor = keras.layers.Resizing(*self.size, antialias=self.antialias, **keep)(tensor)
        highest = feature.maximum or 1.0
        if self.scaling == "zero_one":
            tensor = keras.layers.Rescaling(1.0 / highest)(tensor)
        elif self.scaling == "minus_one_one":
            tensor = keras.layers.Rescaling(2.0 / highest, offset=-1.0)(tensor)
        return tensor

    def compute(self, rows: "np.ndarray", statistics: Statistics, layers: Layers) -> "np.ndarray":
        """Images of several sizes, given as an array of objects, each size at once."""
        import numpy as np

        if rows.dtype.kind != "O":
            return layers(rows)
        assert self.size
        found: np.ndarray = np.empty((len(rows), *self.size, rows[0].shape[-1]), "float32")
        for chosen, stack in stacks(rows):
            found[chosen] = layers(stack)
        return found

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """(height, width, channels), with the range of the scaled pixels."""
        height, width, channels = feature.shape if len(feature.shape) == 3 else (*feature.shape, 1)
        height, width = self.size or (height, width)
        low, high = {"zero_one": (0.0, 1.0), "minus_one_one": (-1.0, 1.0), "none": (0.0, feature.maximum or 1.0)}[
            self.scaling
        ]
        shape = (height, width, channels)
        return Feature(name=feature.name, kind="image", dtype="float32", shape=shape, minimum=low, maximum=high)


def stacks(images: "np.ndarray") -> "Iterator[tuple[list[int], np.ndarray]]":
    """Images of several sizes as arrays of one size each, so that a layer can take many at once.

    Args:
        images: arrays (height, width, channels), as an array of objects (rows,).

    Yields:
        Row numbers, and the images of these rows (rows, height, width, channels), some megabytes.
    """
    import numpy as np

    sizes: dict[tuple[int, ...], list[int]] = {}
    for row, image in enumerate(images):
        sizes.setdefault(image.shape, []).append(row)
    for shape, rows in sizes.items():
        step = max(1, _BATCH_BYTES // int(np.prod(shape)))
        for start in range(0, len(rows), step):
            chosen = rows[start : start + step]
            yield chosen, np.stack([images[row] for row in chosen])
