"""Random initial values whose variance follows from the number of inputs and outputs of a layer."""

from typing import Literal

from dltrain.initializers.base import InitializerSpec
from dltrain.spec.fields import Positive


class VarianceScaling(InitializerSpec):
    """Drawn with the variance ``scale / n``, where n is the number of inputs, outputs, or their mean.

    Attributes:
        scale: the variance of the sum of n weights.
        mode: what n is: the inputs of a unit (``fan_in``), its outputs, or the mean of the two.
        distribution: ``truncated_normal`` draws values beyond two standard deviations again.
    """

    type: Literal["variance_scaling"] = "variance_scaling"
    scale: Positive = 1.0
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in"
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal"


class GlorotUniform(InitializerSpec):
    """Drawn evenly within ``sqrt(6 / (fan_in + fan_out))`` of 0 (Glorot and Bengio, 2010)."""

    type: Literal["glorot_uniform"] = "glorot_uniform"


class GlorotNormal(InitializerSpec):
    """Drawn from a truncated normal distribution of variance ``2 / (fan_in + fan_out)``."""

    type: Literal["glorot_normal"] = "glorot_normal"


class HeUniform(InitializerSpec):
    """Drawn evenly within ``sqrt(6 / fan_in)`` of 0, for layers with relu (He et al., 2015)."""

    type: Literal["he_uniform"] = "he_uniform"


class HeNormal(InitializerSpec):
    """Drawn from a truncated normal distribution of variance ``2 / fan_in``, for layers with relu."""

    type: Literal["he_normal"] = "he_normal"


class LecunUniform(InitializerSpec):
    """Drawn evenly within ``sqrt(3 / fan_in)`` of 0."""

    type: Literal["lecun_uniform"] = "lecun_uniform"


class LecunNormal(InitializerSpec):
    """Drawn from a truncated normal distribution of variance ``1 / fan_in``, for layers with selu."""

    type: Literal["lecun_normal"] = "lecun_normal"
