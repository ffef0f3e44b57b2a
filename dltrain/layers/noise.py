"""Noise added while training."""

from typing import Literal

from dltrain.layers.base import LayerSpec
from dltrain.spec.fields import NonNegative


class GaussianNoise(LayerSpec):
    """Adds normally distributed noise of mean 0 while training; afterwards it does nothing.

    Attributes:
        stddev: the standard deviation of the noise.
    """

    type: Literal["gaussian_noise"] = "gaussian_noise"
    supports_masking = True
    random = True
    repeats = False
    stddev: NonNegative
