"""Changes of what colours pixels have."""

from typing import Any, ClassVar, Literal

from dltrain.augmentations.base import AugmentationSpec, Bounds, Shares


class RandomContrast(AugmentationSpec):
    """Moves pixels away from the mean of their channel, or towards it: ``(x - mean) * c + mean``.

    Attributes:
        factor: 0.2 draws c from 0.8 to 1.2; [0.1, 0.3] from 0.9 to 1.3.
    """

    type: Literal["random_contrast"] = "random_contrast"
    takes_range: ClassVar[bool] = True
    factor: Shares

    def arguments(self, *leave_out: str) -> dict[str, Any]:
        """Both bounds: of one number, Keras 3.15 takes only the upper, against its own description."""
        both = self.factor if isinstance(self.factor, tuple) else (self.factor, self.factor)
        return super().arguments(*leave_out) | {"factor": both}


class RandomBrightness(AugmentationSpec):
    """Adds the same number to all pixels of an image.

    Attributes:
        factor: of the range from black to white: 0.2 adds from -0.2 to 0.2 of it; or [lower, upper].
    """

    type: Literal["random_brightness"] = "random_brightness"
    takes_range: ClassVar[bool] = True
    factor: Bounds
