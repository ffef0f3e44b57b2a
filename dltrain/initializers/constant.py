"""Initial values that are all the same."""

from __future__ import annotations

from typing import ClassVar, Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.fields import Real


class Zeros(InitializerSpec):
    """All weights are 0."""

    type: Literal["zeros"] = "zeros"
    random: ClassVar[bool] = False


class Ones(InitializerSpec):
    """All weights are 1."""

    type: Literal["ones"] = "ones"
    random: ClassVar[bool] = False


class Constant(InitializerSpec):
    """All weights are `value`."""

    type: Literal["constant"] = "constant"
    random: ClassVar[bool] = False
    value: Real = 0.0
