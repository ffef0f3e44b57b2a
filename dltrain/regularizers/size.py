"""Penalties on the size of weights or outputs."""

from typing import Literal

from dltrain.regularizers.base import RegularizerSpec
from dltrain.spec.fields import NonNegative


class L1(RegularizerSpec):
    """``l1 * sum(abs(x))``, which drives weights to exactly 0.

    Attributes:
        l1: the factor.
    """

    type: Literal["l1"] = "l1"
    l1: NonNegative = 0.01


class L2(RegularizerSpec):
    """``l2 * sum(x ** 2)``, which keeps weights small.

    Attributes:
        l2: the factor.
    """

    type: Literal["l2"] = "l2"
    l2: NonNegative = 0.01


class L1L2(RegularizerSpec):
    """``l1 * sum(abs(x)) + l2 * sum(x ** 2)``.

    Attributes:
        l1: the factor of the absolute values.
        l2: the factor of the squares.
    """

    type: Literal["l1_l2"] = "l1_l2"
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
