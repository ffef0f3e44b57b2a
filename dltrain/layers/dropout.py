"""Dropout: values set to 0 at random while training; afterwards the layers do nothing."""

from typing import Annotated, Literal

from pydantic import Field

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import IMAGE, STEPS, require_axes, shown
from dltrain.signature import Shape
from dltrain.spec.fields import Decay, Sequence, Size

NoiseShape = Annotated[tuple[Size | None, ...], Sequence, Field(min_length=1, max_length=8)]
"""A length for each axis, the batch first; null where it is the input's."""


class RandomlyDropped(LayerSpec):
    """What all kinds of dropout have in common.

    Attributes:
        rate: the share of values that is dropped.
    """

    random = True
    supports_masking = True
    rate: Decay


class NoisyDropout(RandomlyDropped):
    """Dropout whose mask may be smaller than the input.

    Attributes:
        noise_shape: the shape of the mask, with 1 for the axes along which it is the same and null for
            the others; ``[null, 1, null]`` keeps or drops a feature at all steps alike.
    """

    noise_shape: NoiseShape | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        noise = self.noise_shape
        if noise is None:
            return shape
        if len(noise) != len(shape) + 1:
            text = (
                f"noise_shape has {len(noise)} entries, and inputs of shape {shown(shape)} have {len(shape) + 1} axes"
            )
            raise ShapeError(f"{text} with the batch; write one entry for each, null or 1")
        if noise[0] not in (None, 1) or any(
            of not in (None, 1, axis) for of, axis in zip(noise[1:], shape, strict=True)
        ):
            text = f"noise_shape {shown(noise)} does not fit inputs of shape {shown(shape)}"
            raise ShapeError(f"{text.replace('any', 'null')}; write null or 1 for each axis, the batch first")
        return shape


class Dropout(NoisyDropout):
    """Values set to 0 at random, the others divided by ``1 - rate``."""

    type: Literal["dropout"] = "dropout"
    repeats = False


class AlphaDropout(NoisyDropout):
    """Dropout that keeps mean and variance, for networks with selu (Klambauer et al., 2017)."""

    type: Literal["alpha_dropout"] = "alpha_dropout"
    repeats = False


class SpatialDropout1D(RandomlyDropped):
    """Whole features dropped, at all steps of a row: ``(batch, steps, features)``."""

    type: Literal["spatial_dropout1d"] = "spatial_dropout1d"

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        require_axes(self, shape, STEPS)
        return shape


class SpatialDropout2D(RandomlyDropped):
    """Whole channels of an image dropped: ``(batch, height, width, channels)``."""

    type: Literal["spatial_dropout2d"] = "spatial_dropout2d"

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        require_axes(self, shape, IMAGE)
        return shape


class GaussianDropout(RandomlyDropped):
    """Values multiplied by noise of mean 1 and variance ``rate / (1 - rate)`` while training."""

    type: Literal["gaussian_dropout"] = "gaussian_dropout"
    repeats = False
