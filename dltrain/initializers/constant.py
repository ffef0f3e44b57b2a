"""Initial values that are all the same."""

from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.fields import Real


class Zeros(InitializerSpec):
    """All weights are 0."""

    type: Literal["zeros"] = "zeros"
    random = False


class Ones(InitializerSpec):
    """All weights are 1."""

    type: Literal["ones"] = "ones"
    random = False


class Constant(InitializerSpec):
    """All weights are `value`.

    Attributes:
        value: of every weight.
    """

    type: Literal["constant"] = "constant"
    random = False
    value: Real = 0.0
