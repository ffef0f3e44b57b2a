"""Normalization to mean 0 and variance 1, followed by a trained scale and shift."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Ones, Zeros
from dltrain.layers.axes import Axes, Axis
from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import axis_index, require_length
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Decay, NonNegative, Positive
from dltrain.spec.section import Section


def _some_groups(groups: int) -> int:
    if groups == 0:
        raise PydanticCustomError(
            "setting", "{text}", {"text": "must be at least 1, or -1 for a group per channel, got 0"}
        )
    return groups


Groups = Annotated[int, Field(ge=-1, le=1_000_000), AfterValidator(_some_groups)]
"""A number of groups; -1 for as many as there are channels."""


class AlongAxis(LayerSpec):
    """Puts `axis` before the other settings.

    Attributes:
        axis: of the features, the batch being axis 0.
    """

    axis: Axis = -1


class AlongAxes(LayerSpec):
    """Puts `axis` before the other settings.

    Attributes:
        axis: that are normalized over, the batch being axis 0; one or a list.
    """

    axis: Axes = (-1,)


class InGroups(LayerSpec):
    """Puts `groups` before the other settings.

    Attributes:
        groups: the number of groups of channels; -1 for one per channel.
        axis: of the channels, the batch being axis 0.
    """

    groups: Groups = 32
    axis: Axis = -1


class Normalization(LayerSpec):
    """What all normalizations have in common: ``(inputs - mean) / sqrt(variance + epsilon) * gamma + beta``.

    Attributes:
        epsilon: added to the variance, against division by 0.
        center: whether there is a `beta`.
        scale: whether there is a `gamma`.
    """

    supports_masking = True
    weight_ranks: ClassVar[tuple[tuple[str, int], ...]] = (("beta", 1), ("gamma", 1))
    epsilon: Positive = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: InitializerSpec = Zeros.default()
    gamma_initializer: InitializerSpec = Ones.default()
    beta_regularizer: RegularizerSpec | None = None
    gamma_regularizer: RegularizerSpec | None = None

    def scale_and_shift(self, lengths: Sequence[int]) -> Iterator[Weight]:
        """`gamma` and `beta`, as far as there are."""
        if self.scale:
            yield Weight("gamma", tuple(lengths))
        if self.center:
            yield Weight("beta", tuple(lengths))


class RenormClipping(Section):
    """Bounds of the corrections of batch renormalization; without one, it is not bounded.

    Attributes:
        rmax: the largest ratio of standard deviations.
        rmin: the smallest ratio of standard deviations.
        dmax: the largest difference of means, in standard deviations.
    """

    rmax: NonNegative | None = None
    rmin: NonNegative | None = None
    dmax: NonNegative | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.rmin is not None and self.rmax is not None and self.rmin > self.rmax:
            text = f"rmin {self.rmin:g} is above rmax {self.rmax:g}; exchange the two"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    def build(self) -> dict[str, float]:
        """The bounds that are set, as Keras takes them."""
        return {name: value for name, value in self if value is not None}


class BatchNormalization(Normalization, AlongAxis):
    """Each feature normalized over the batch while training, and by moving averages afterwards.

    With ``trainable: false`` it uses the moving averages while training, too, and keeps them
    (Ioffe and Szegedy, 2015).

    Attributes:
        momentum: the share of the moving averages that a batch leaves as it is.
        renorm: correct the batch's statistics towards the moving averages, for small batches (Ioffe, 2017).
        renorm_clipping: bounds of these corrections; only with `renorm`.
        renorm_momentum: the `momentum` of the averages that `renorm` uses.
    """

    type: Literal["batch_normalization"] = "batch_normalization"
    weight_ranks = (("beta", 1), ("gamma", 1), ("moving_mean", 1), ("moving_variance", 1))
    momentum: Decay = 0.99
    moving_mean_initializer: InitializerSpec = Zeros.default()
    moving_variance_initializer: InitializerSpec = Ones.default()
    renorm: bool = False
    renorm_clipping: RenormClipping | None = None
    renorm_momentum: Decay = 0.99

    @model_validator(mode="after")
    def _clipping_of_renorm(self) -> Self:
        if self.renorm_clipping and not self.renorm:
            raise self.refused("renorm_clipping", "renorm_clipping is used only with `renorm: true`; add that")
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        require_length(self, shape, axis_index(self, shape, self.axis), "features")
        return shape

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """For each feature: gamma, beta, two moving averages, and three more with `renorm`."""
        features = require_length(self, shape, axis_index(self, shape, self.axis), "features")
        yield from self.scale_and_shift([features])
        averages = ["moving_mean", "moving_variance", *["moving_stddev", "renorm_mean", "renorm_stddev"] * self.renorm]
        yield from (Weight(name, (features,), trainable=False) for name in averages)


class LayerNormalization(Normalization, AlongAxes):
    """Each row normalized by itself, over its features (Ba et al., 2016)."""

    type: Literal["layer_normalization"] = "layer_normalization"

    @property
    @override
    def keeps_mask(self) -> bool:
        """Where a step is normalized by itself."""
        return self.axis in ((-1,), (2,))

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        self._lengths(shape)
        return shape

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A gamma and a beta for each position along the axes."""
        return self.scale_and_shift(self._lengths(shape))

    def _lengths(self, shape: Shape) -> list[int]:
        # Keras sorts the axes as they are written, so -1 comes before 1.
        indices = [axis_index(self, shape, axis) for axis in sorted(self.axis)]
        if len(set(indices)) < len(indices):
            raise ShapeError(f"layer_normalization: axis {list(self.axis)} names an axis twice; write each once")
        return [require_length(self, shape, index, "features") for index in indices]


class GroupNormalization(Normalization, InGroups):
    """Each row normalized by itself, in groups of channels (Wu and He, 2018)."""

    type: Literal["group_normalization"] = "group_normalization"

    @property
    @override
    def keeps_mask(self) -> bool:
        """Never: the statistics are over all steps, masked ones included."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        channels = self._channels(shape)
        if channels % max(self.groups, 1):
            text = f"{channels} channels cannot be cut into {self.groups} groups"
            raise ShapeError(f"{text}; use a divisor of {channels}, or -1 for one per channel")
        return shape

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """A gamma and a beta for each channel."""
        return self.scale_and_shift([self._channels(shape)])

    def _channels(self, shape: Shape) -> int:
        return require_length(self, shape, axis_index(self, shape, self.axis), "channels")
