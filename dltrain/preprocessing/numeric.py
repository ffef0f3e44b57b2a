"""Real numbers, brought to a common scale."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.preprocessing.base import FeatureSpec, Statistics
from dltrain.signature import Feature, FeatureKind

if TYPE_CHECKING:
    import keras
    import numpy as np


class Numeric(FeatureSpec):
    """Real numbers, scaled along the last axis by what the training rows hold.

    Attributes:
        scaling: ``standard``: mean 0 and deviation 1; ``min_max``: from 0 to 1; ``none``: as they are.
    """

    type: Literal["numeric"] = "numeric"
    kind: ClassVar[FeatureKind] = "numeric"
    scaling: Literal["standard", "min_max", "none"] = "standard"

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """``offset`` and ``scale``, each one number per feature: prepared = (raw - offset) / scale.

        Means and variances of chunks are merged after Chan, Golub & LeVeque (1979), in 64 bits.
        A constant feature has scale 1, so that a new value is not blown up.
        """
        if self.scaling == "none":
            return {}
        summary = _Summary()
        for chunk in chunks:
            summary.add(chunk.reshape(-1, chunk.shape[-1] if chunk.ndim > 1 else 1).astype("float64"))
        return summary.standard() if self.scaling == "standard" else summary.min_max()

    def layers(self, feature: Feature, statistics: Statistics) -> "list[keras.layers.Layer]":
        """A ``Normalization`` whose mean and variance are known."""
        import keras
        import numpy as np

        layers: list[Any] = [] if feature.shape else [keras.layers.Reshape((1,))]
        if self.scaling != "none":
            variance = np.square(np.asarray(statistics["scale"], "float64"))
            layers.append(keras.layers.Normalization(mean=statistics["offset"], variance=variance.tolist()))
        return layers

    def prepared(self, feature: Feature, statistics: Statistics) -> Feature:
        """The same shape, a column as a vector of one."""
        return Feature(name=feature.name, kind="numeric", dtype="float32", shape=feature.shape or (1,))


class _Summary:
    """Count, mean, sum of squared deviations, and extremes of each column, merged chunk by chunk."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self.squares: Any = 0.0
        self.low: Any = float("inf")
        self.high: Any = float("-inf")

    def add(self, values: "np.ndarray") -> None:
        import numpy as np

        if not len(values):
            return
        count, mean = len(values), values.mean(axis=0)
        shift, total = mean - self.mean, self.count + count
        self.squares = self.squares + np.square(values - mean).sum(axis=0) + shift**2 * self.count * count / total
        self.mean = self.mean + shift * count / total
        self.count = total
        self.low = np.minimum(self.low, values.min(axis=0))
        self.high = np.maximum(self.high, values.max(axis=0))

    def standard(self) -> Statistics:
        import numpy as np

        deviation = np.sqrt(self.squares / self.count)
        return {"offset": self.mean.tolist(), "scale": np.where(deviation > 0, deviation, 1.0).tolist()}

    def min_max(self) -> Statistics:
        import numpy as np

        span = self.high - self.low
        return {"offset": self.low.tolist(), "scale": np.where(span > 0, span, 1.0).tolist()}
