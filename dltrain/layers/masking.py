"""Steps that do not count."""

from typing import Annotated, Literal

from pydantic import Field

from dltrain.layers.base import LayerSpec


class Masking(LayerSpec):
    """Steps whose features all equal `mask_value` become zeros, and recurrent layers skip them.

    Windows that are whole series of different lengths need none: their padding is masked anyway.

    Attributes:
        mask_value: what every feature of such a step equals.
    """

    type: Literal["masking"] = "masking"
    supports_masking = True
    mask_value: Annotated[float, Field(ge=-3e38, le=3e38)] = 0.0
