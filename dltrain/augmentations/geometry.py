"""Changes of where pixels are."""

from typing import Any, Literal

from dltrain.augmentations.base import AugmentationSpec, Bounds, FillMode, Interpolation, Shares, ZoomBounds
from dltrain.spec.fields import Real


class RandomFlip(AugmentationSpec):
    """Mirrors every second image, drawn at random.

    Attributes:
        mode: ``horizontal`` exchanges left and right, ``vertical`` top and bottom.
    """

    type: Literal["random_flip"] = "random_flip"
    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical"


class RandomRotation(AugmentationSpec):
    """Turns images about their middle.

    Attributes:
        factor: the angle as a share of a full turn: 0.1 is from -36 to 36 degrees; or [lower, upper].
        fill_mode: what is put where the image ends.
        interpolation: how a pixel between others is read.
        fill_value: of ``constant``, in the unit of the prepared pixels.
    """

    type: Literal["random_rotation"] = "random_rotation"
    factor: Bounds
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: Real = 0.0


class RandomZoom(AugmentationSpec):
    """Makes what an image shows larger or smaller; the image keeps its size.

    Attributes:
        height_factor: 0.2 is from 20 % nearer to 20 % farther; [-0.3, -0.2] is nearer in any case.
        width_factor: likewise; by default as the height, so that proportions are kept.
        fill_mode: what is put where the image ends.
        interpolation: how a pixel between others is read.
        fill_value: of ``constant``, in the unit of the prepared pixels.
    """

    type: Literal["random_zoom"] = "random_zoom"
    height_factor: ZoomBounds
    width_factor: ZoomBounds | None = None
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: Real = 0.0


class RandomTranslation(AugmentationSpec):
    """Moves what an image shows.

    Attributes:
        height_factor: 0.2 is up to a fifth of the height, up or down; or [lower, upper].
        width_factor: likewise, left or right; by default as the height.
        fill_mode: what is put where the image ends.
        interpolation: how a pixel between others is read.
        fill_value: of ``constant``, in the unit of the prepared pixels.
    """

    type: Literal["random_translation"] = "random_translation"
    height_factor: Bounds
    width_factor: Bounds | None = None
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: Real = 0.0

    def arguments(self, *leave_out: str) -> dict[str, Any]:
        """Those of Keras, where the width has no default."""
        given = super().arguments(*leave_out)
        return given | {"width_factor": self.height_factor if self.width_factor is None else self.width_factor}


class RandomShear(AugmentationSpec):
    """Slants images.

    Attributes:
        x_factor: up to which share of the width; or [lower, upper].
        y_factor: likewise, of the height.
        interpolation: how a pixel between others is read.
        fill_mode: what is put where the image ends.
        fill_value: of ``constant``, in the unit of the prepared pixels.
    """

    type: Literal["random_shear"] = "random_shear"
    x_factor: Shares = 0.0
    y_factor: Shares = 0.0
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"
    fill_value: Real = 0.0
