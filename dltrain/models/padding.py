"""What stands before the layers of a model where rows are series of different lengths: a mask, or zeros."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typing_extensions import override

from dltrain.layers.base import LayerSpec
from dltrain.models.base import PlannedLayer
from dltrain.runtime.precision import full_precision
from dltrain.signature import MASK_VALUE, Feature
from dltrain.spec.problems import SpecError

if TYPE_CHECKING:
    import keras


class Padding(LayerSpec):
    """Makes padding zeros, which with standard scaling are the mean, and masks it where a layer needs a mask.

    Attributes:
        prepared: the rows that it takes.
        mask: whether later layers are told which steps are padding.
    """

    prepared: Feature
    mask: bool

    @property
    @override
    def kind(self) -> str:
        """What messages call it."""
        return "padding"

    def begins_mask(self, prepared: Feature) -> bool:
        """Where a later layer needs one."""
        return self.mask

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """``keras.layers.Masking``, or without a mask a model of one operation: Keras warns of masks that get lost.

        Both compare in 32 bits, whatever the precision: in 16 bits, the value of padding is infinite.
        """
        import keras

        with full_precision():
            if self.mask:
                return keras.layers.Masking(MASK_VALUE, name=name)
            inputs = keras.Input(self.prepared.shape, dtype="float32")
            zeros = keras.ops.where(keras.ops.equal(inputs, MASK_VALUE), 0.0, inputs)
            model: keras.layers.Layer = keras.Model(inputs, zeros, name=name)
        return model


def for_padding(prepared: Feature, layers: Sequence[PlannedLayer]) -> list[PlannedLayer]:
    """The layer that such rows need before the others; none for most data.

    Raises:
        SpecError: a layer needs the mask that one before it does not pass on, or there is a second mask.
    """
    if not prepared.padded:
        return []
    layer = Padding.model_construct(prepared=prepared, mask=_masks(layers))  # it has no `type` to be chosen by
    # No layer of a config has a hyphen in its name, so that none can have the same.
    return [PlannedLayer("padding-of-series", layer, "dataset.window", prepared.shape, prepared.shape)]


def _masks(layers: Sequence[PlannedLayer]) -> bool:
    """Whether a layer needs to know which steps are padding, as long as there are steps."""
    needed, lost, unfit = False, "", None
    for layer in layers:
        spec = layer.spec
        if spec.type == "masking":
            raise SpecError.at(layer.path, "the padding of shorter series is masked anyway; delete this layer")
        if spec.needs_mask and lost:
            text = f"{spec.kind} would read the padding of shorter series, since {lost} passes no mask on"
            raise SpecError.at(layer.path, f"{text}; put it before {lost}, or write flatten or global_max_pooling1d")
        needed = needed or spec.needs_mask
        unfit = unfit or (None if lost or spec.takes_mask else layer)
        if len(layer.output_shape) < 2:
            break
        lost = lost or ("" if spec.keeps_mask else spec.kind)
    if needed and unfit:
        text = f"{unfit.spec.kind} cannot be computed on padded steps; write `activation: softmax`"
        raise SpecError.at(unfit.path, text)
    return needed
