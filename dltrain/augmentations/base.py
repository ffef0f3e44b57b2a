"""The family of augmentations."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.signature import Feature
from dltrain.spec.family import Family, type_name
from dltrain.spec.fields import Sequence

if TYPE_CHECKING:
    import keras

FillMode = Literal["reflect", "wrap", "constant", "nearest"]
Interpolation = Literal["bilinear", "nearest"]


class AugmentationSpec(Family):
    """A random change of the images of each training batch; images that are scored stay as they are.

    Fields carry the names of the arguments of the Keras layer that a subclass is called as.
    """

    noun: ClassVar[str] = "augmentation"
    colored: ClassVar[bool] = False
    """Whether it takes images of three channels only."""
    takes_range: ClassVar[bool] = False
    """Whether the Keras layer must be told the smallest and the largest pixel."""

    def check(self, images: Feature) -> None:
        """Raises ValueError with cause and remedy where prepared images cannot be changed this way."""
        if self.colored and images.shape[-1] != 3:
            raise ValueError(f"{type_name(type(self))} changes colours, and the images are grey; delete it")

    def build(self, images: Feature, *, name: str, seed: int) -> "keras.layers.Layer":
        """The Keras layer, called `name`.

        Args:
            images: what a prepared image is, with the range of its pixels.
            name: unique in the model.
            seed: decides what it draws.
        """
        import keras

        arguments: dict[str, Any] = self.arguments()
        if self.takes_range:
            arguments["value_range"] = (images.minimum or 0.0, images.maximum or 1.0)
        # In 32 bits whatever the model computes in: a rotation places pixels by numbers above 2048.
        layer: Any = getattr(keras.layers, type(self).__name__)(**arguments, seed=seed, name=name, dtype="float32")
        if keras.config.backend() == "jax":
            # Keras says otherwise for TensorFlow's sake, and would not compile the steps at all.
            layer.supports_jit = True
        return layer


def _bounds(value: Any) -> Any:
    if isinstance(value, list | tuple) and (
        len(value) != 2 or not all(isinstance(bound, int | float) and not isinstance(bound, bool) for bound in value)
    ):
        text = "expected one number, or two as [lower, upper]"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    if isinstance(value, list | tuple) and value[0] > value[1]:
        text = f"the lower bound {value[0]} is above the upper bound {value[1]}; write [{value[1]}, {value[0]}]"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return value


_Signed = Annotated[float, Field(ge=-1, le=1)]
_Zoom = Annotated[float, Field(gt=-1, le=1)]
_Share = Annotated[float, Field(ge=0, le=1)]

Bounds = Annotated[_Signed | Annotated[tuple[_Signed, _Signed], Sequence], BeforeValidator(_bounds)]
"""From -x to x, or from lower to upper, as shares."""
ZoomBounds = Annotated[_Zoom | Annotated[tuple[_Zoom, _Zoom], Sequence], BeforeValidator(_bounds)]
"""Likewise; 100 % nearer is a single point, which is not allowed."""
Shares = Annotated[_Share | Annotated[tuple[_Share, _Share], Sequence], BeforeValidator(_bounds)]
"""One share or two, none of them negative."""
