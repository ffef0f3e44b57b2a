"""Fixed scaling of values."""

from typing import Literal

from dltrain.layers.base import LayerSpec
from dltrain.spec.fields import Real


class Rescaling(LayerSpec):
    """``inputs * scale + offset``.

    Attributes:
        scale: a factor.
        offset: what is added then.
    """

    type: Literal["rescaling"] = "rescaling"
    supports_masking = True
    scale: Real
    offset: Real = 0.0
