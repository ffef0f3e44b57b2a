"""Initial values drawn from a distribution that does not depend on the weights' shape."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.fields import NonNegative, Real


class RandomNormal(InitializerSpec):
    """Drawn from a normal distribution.

    Attributes:
        mean: of the distribution.
        stddev: its standard deviation.
    """

    type: Literal["random_normal"] = "random_normal"
    aliases = ("normal",)
    mean: Real = 0.0
    stddev: NonNegative = 0.05


class TruncatedNormal(InitializerSpec):
    """Drawn from a normal distribution; values more than two `stddev` from `mean` are drawn again.

    Attributes:
        mean: of the distribution.
        stddev: its standard deviation, before values are drawn again.
    """

    type: Literal["truncated_normal"] = "truncated_normal"
    mean: Real = 0.0
    stddev: NonNegative = 0.05


class RandomUniform(InitializerSpec):
    """Drawn evenly from `minval` to `maxval`.

    Attributes:
        minval: the lower bound.
        maxval: the upper bound.
    """

    type: Literal["random_uniform"] = "random_uniform"
    aliases = ("uniform",)
    minval: Real = -0.05
    maxval: Real = 0.05

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minval > self.maxval:
            text = f"minval {self.minval:g} is above maxval {self.maxval:g}; exchange the two, or write both"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self
