"""Initial values that make a matrix with a known effect."""

from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.fields import Real


class Orthogonal(InitializerSpec):
    """A random orthogonal matrix times `gain`, which keeps the length of vectors (Saxe et al., 2014).

    Weights of more than two axes are one matrix of (all axes but the last, last axis).

    Attributes:
        gain: a factor.
    """

    type: Literal["orthogonal"] = "orthogonal"
    ranks = range(2, 9)
    gain: Real = 1.0


class Identity(InitializerSpec):
    """The identity matrix times `gain`: outputs begin as the inputs. Only for weights of two axes.

    Attributes:
        gain: a factor.
    """

    type: Literal["identity"] = "identity"
    random = False
    ranks = range(2, 3)
    gain: Real = 1.0
