"""The family of augmentations."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError

from dltrain.signature import Feature
from dltrain.spec.family import Family
from dltrain.spec.fields import Written
from dltrain.spec.section import describe

if TYPE_CHECKING:
    import keras

FillMode = Literal["reflect", "wrap", "constant", "nearest"]
Interpolation = Literal["bilinear", "nearest"]


class AugmentationSpec(Family):
    """A random change of the images of each training batch; images that are scored stay as they are.

    Fields carry the names of the arguments of the Keras layer that a subclass is called as.
    """

    noun: ClassVar[str] = "augmentation"
    takes_range: ClassVar[bool] = False
    """Whether the Keras layer must be told the smallest and the largest pixel."""

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


def _shares(low: float, high: float) -> Callable[[Any], float | tuple[float, float]]:
    """Takes one number, or two of which the second is not smaller, from `low` to `high`."""

    def take(value: Any) -> float | tuple[float, float]:
        numbers = value if isinstance(value, list | tuple) else [value]
        if len(numbers) not in (1, 2) or not all(type(number) in (int, float) for number in numbers):
            raise _error("expected one number, or two as [lower, upper]")
        if not all(low <= number <= high for number in numbers):
            raise _error(
                f"must be from {low:g} to {high:g}, got {describe(min(numbers, key=lambda n: low <= n <= high))}"
            )
        if numbers[0] > numbers[-1]:
            lower, upper = numbers[1], numbers[0]
            raise _error(f"the lower bound {upper} is above the upper bound {lower}; write [{lower}, {upper}]")
        return (numbers[0], numbers[1]) if len(numbers) == 2 else float(numbers[0])

    return take


def _error(text: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{text}", {"text": text})


_Numbers = float | tuple[float, float]
_Share = Annotated[float, Field(ge=-1, le=1)]
_ZoomShare = Annotated[float, Field(ge=-0.99, le=1)]
_PositiveShare = Annotated[float, Field(ge=0, le=1)]
Bounds = Annotated[_Numbers, PlainValidator(_shares(-1, 1)), Written(_Share | tuple[_Share, _Share])]
"""From -x to x, or from lower to upper, as shares."""
ZoomBounds = Annotated[_Numbers, PlainValidator(_shares(-0.99, 1)), Written(_ZoomShare | tuple[_ZoomShare, _ZoomShare])]
"""Likewise; 100 % nearer is a single point, which is not allowed."""
Shares = Annotated[
    _Numbers, PlainValidator(_shares(0, 1)), Written(_PositiveShare | tuple[_PositiveShare, _PositiveShare])
]
"""One share or two, none of them negative."""
