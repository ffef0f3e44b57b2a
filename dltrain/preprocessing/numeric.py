"""Real numbers, brought to a common scale."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.preprocessing.base import FeatureSpec, Layers, Missing, Statistics, as_columns, as_float, filled
from dltrain.preprocessing.recorded import require_keys, require_numbers
from dltrain.preprocessing.summary import Moments, Sample
from dltrain.signature import Feature, FeatureKind
from dltrain.spec.fields import Real

if TYPE_CHECKING:
    import numpy as np


class Numeric(FeatureSpec):
    """Real numbers, scaled along the last axis by what the training rows hold.

    Attributes:
        scaling: ``standard``: mean 0 and deviation 1; ``min_max``: from 0 to 1; ``robust``: median 0
            and distance 1 between the quartiles; ``log``: sign(x) log(1 + abs(x)), then standard;
            ``none``: as they are. Quartiles and medians of more than a million rows are those of an
            evenly spaced sample.
        missing: what replaces a number that is not there; by default as `dataset.missing` says.
        fill_value: the number that ``missing: constant`` puts in its place.
        indicator: whether a column is added that is 1 where the number was missing, else 0.
    """

    type: Literal["numeric"] = "numeric"
    kind: ClassVar[FeatureKind] = "numeric"
    scaling: Literal["standard", "min_max", "robust", "log", "none"] = "standard"
    missing: Missing | None = None
    fill_value: Real = 0.0
    indicator: bool = False

    def with_policy(self, missing: Missing) -> "Numeric":
        """The same, with `missing` where it has none."""
        return self if self.missing or missing == "error" else self.model_copy(update={"missing": missing})

    def refuses(self, rows: "np.ndarray") -> "np.ndarray":
        """Infinite numbers, and missing ones where nothing replaces them."""
        import numpy as np

        flat = rows.reshape(len(rows), -1)
        # What is larger than a 32-bit number becomes infinite in the model.
        refused = np.abs(flat) > np.finfo("float32").max
        if self.missing in (None, "error"):
            refused |= np.isnan(flat)
        found: np.ndarray = refused.any(axis=1)
        return found

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """``fill``, ``offset`` and ``scale``, each one number per column.

        prepared = (x - offset) / scale, where x is the raw number, or its logarithm. A constant
        column has scale 1, so that a new value is not blown up.
        """
        import numpy as np

        moments, scaled, sample = Moments(), Moments(), Sample()
        for chunk in chunks:
            values = chunk.reshape(-1, chunk.shape[-1] if chunk.ndim > 1 else 1).astype("float64")
            moments.add(values)
            if self.scaling == "log":
                scaled.add(np.sign(values) * np.log1p(np.abs(values)))
            if self.scaling == "robust" or self.missing in ("median", "most_frequent"):
                sample.add(values)
        found = self._scale(scaled if self.scaling == "log" else moments, sample)
        if self.missing not in (None, "error"):
            found["fill"] = self._fill(moments, sample).tolist()
        return found

    def _scale(self, moments: Moments, sample: Sample) -> Statistics:
        import numpy as np

        if self.scaling == "none":
            return {}
        if self.scaling == "min_max":
            offset, scale = moments.low, moments.high - moments.low
        elif self.scaling == "robust":
            low, offset, high = sample.quantiles(0.25, 0.5, 0.75)
            scale = high - low
        else:
            offset, scale = moments.mean, moments.deviation
        empty = np.broadcast_to(moments.count, np.shape(offset)) == 0
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)
        return {"offset": np.where(empty, 0.0, offset).tolist(), "scale": scale.tolist()}

    def _fill(self, moments: Moments, sample: Sample) -> "np.ndarray":
        import numpy as np

        if self.missing == "constant":
            return np.full(np.shape(moments.mean), self.fill_value)
        if self.missing == "mean":
            found = moments.mean
        else:
            found = sample.quantiles(0.5)[0] if self.missing == "median" else sample.most_frequent()
        # A column without any value is filled with zeros.
        filled: np.ndarray = np.where(moments.count == 0, 0.0, found)
        return filled

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """A finite number for each column, and positive scales."""
        scaled, fills = self.scaling != "none", self.missing not in (None, "error")
        require_keys(statistics, [*["offset", "scale"] * scaled, *["fill"] * fills])
        for key in statistics:
            require_numbers(statistics, key, feature.shape[-1] if feature.shape else 1, positive=key == "scale")

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """Fills, takes logarithms, and a ``Normalization`` whose mean and variance are known."""
        import keras

        raw = tensor = as_columns(as_float(tensor))
        if "fill" in statistics:
            tensor = filled(tensor, statistics["fill"])
        if self.scaling == "log":
            tensor = keras.ops.sign(tensor) * keras.ops.log1p(keras.ops.absolute(tensor))
        if self.scaling != "none":
            unit, offset, variance = _in_units(statistics)
            if (unit != 1).any():
                tensor = keras.layers.Rescaling(unit.tolist())(tensor)
            tensor = keras.layers.Normalization(mean=offset.tolist(), variance=variance.tolist())(tensor)
        if not self.indicator:
            return tensor
        return keras.layers.Concatenate()([tensor, keras.ops.cast(keras.ops.isnan(raw), "float32")])

    def restore(self, tensor: Any, columns: tuple[int, ...], statistics: Statistics) -> Any:
        """``Rescaling``, and exponentials where the scaling has logarithms."""
        import keras

        if self.scaling == "none":
            return tensor
        scale, offset = ([statistics[key][column] for column in columns] for key in ("scale", "offset"))
        tensor = keras.layers.Rescaling(scale, offset, dtype="float32")(tensor)
        return keras.ops.sign(tensor) * keras.ops.expm1(keras.ops.absolute(tensor)) if self.scaling == "log" else tensor

    def compute(self, rows: "np.ndarray", statistics: Statistics, layers: Layers) -> "np.ndarray":
        """The arithmetic of ``Normalization`` in NumPy, which needs no copy into tensors."""
        import numpy as np

        if self.scaling == "log":
            return layers(rows)
        raw = rows[:, None] if rows.ndim == 1 else rows
        values: np.ndarray = raw.astype("float32", copy=False)
        if "fill" in statistics:
            absent = np.isnan(values)
            values = np.nan_to_num(values, nan=0.0) + absent * np.asarray(statistics["fill"], "float32")
        if self.scaling != "none":
            unit, offset, variance = (array.astype("float32") for array in _in_units(statistics))
            values = values * unit if (unit != 1).any() else values
            values = (values - offset) / np.sqrt(variance)
        if not self.indicator:
            return values
        return np.concatenate([values, np.isnan(raw).astype("float32")], axis=-1)

    def stacked(self, statistics: Sequence[Statistics]) -> Statistics | None:
        """The same lists, longer; None with indicators, of which each stands behind its own column."""
        if self.indicator:
            return None
        names = statistics[0] if statistics else {}
        return {name: [number for found in statistics for number in found[name]] for name in names}

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """The same shape, a column as a vector of one; twice the columns where they have indicators."""
        *axes, width = feature.shape or (1,)
        doubled = None if width is None else width * (2 if self.indicator else 1)
        return Feature(name=feature.name, kind="numeric", dtype="float32", shape=(*axes, doubled))


def _in_units(statistics: Statistics) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """Powers of two by which columns are multiplied, which loses nothing, and their offset and variance then.

    ``Normalization`` takes no deviation below 1e-7, and the square of a large one is infinite in 32 bits.
    """
    import numpy as np

    offset, scale = (np.asarray(statistics[key], "float64") for key in ("offset", "scale"))
    unit = np.where((scale < 1e-5) | (scale > 1e15), np.exp2(-np.round(np.log2(scale))), 1.0)
    return unit, offset * unit, np.square(scale * unit)
