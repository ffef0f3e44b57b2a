"""Dates and times, as the numbers they are made of."""

from collections.abc import Iterable
from math import pi
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.preprocessing.base import FeatureSpec, Missing, Statistics, filled
from dltrain.preprocessing.recorded import is_number, require_keys, require_numbers, require_texts
from dltrain.preprocessing.summary import Moments
from dltrain.signature import DATETIME_PARTS, Feature, FeatureKind
from dltrain.spec import fields

if TYPE_CHECKING:
    import numpy as np

Part = Literal["year", "month", "day", "weekday", "hour", "minute", "second"]

CYCLES = {"month": (1, 12), "day": (1, 31), "weekday": (0, 7), "hour": (0, 24), "minute": (0, 60), "second": (0, 60)}
"""The first value of a part, and after how many it begins again."""


def _readable(form: str) -> str:
    """Refuses what `strptime` would."""
    from datetime import datetime

    try:
        datetime.strptime("", form)
    except ValueError as error:
        if "does not match" not in str(error):
            text = f"{form!r} is no format of dates: {error}; write e.g. %d/%m/%Y %H:%M"
            raise PydanticCustomError("setting", "{text}", {"text": text}) from None
    if "%" not in form:
        text = f"expected a format such as %d/%m/%Y %H:%M; {form!r} has no % in it"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return form


def _distinct(parts: tuple[str, ...]) -> tuple[str, ...]:
    if twice := [part for index, part in enumerate(parts) if part in parts[:index]]:
        raise PydanticCustomError("setting", "{text}", {"text": f"'{twice[0]}' is named twice; keep one"})
    return parts


class Datetime(FeatureSpec):
    """A date-time by its parts: cyclic ones as sine and cosine, so that December is near January; the year scaled.

    With a cycle of n values from a on, a part p becomes sin(2 pi (p - a) / n) and cos(2 pi (p - a) / n).
    A saved model takes the seven numbers year, month, day, weekday (Monday is 0), hour, minute
    and second, since no stock Keras layer reads a date.

    Attributes:
        parts: which of them are used; by default those that differ among the training rows.
        format: how a text is read, such as ``"%d/%m/%Y %H:%M"``; by default ISO 8601.
        missing: ``most_frequent``, ``mean`` and ``median`` put the mean of each part in the place of
            one that is not there; by default as `dataset.missing` says.
        indicator: whether a column is added that is 1 where the date was missing, else 0.
    """

    type: Literal["datetime"] = "datetime"
    kind: ClassVar[FeatureKind] = "datetime"
    parts: Annotated[tuple[Part, ...], fields.Sequence, Field(min_length=1), AfterValidator(_distinct)] | None = None
    format: Annotated[str, Field(min_length=2, max_length=100), AfterValidator(_readable)] | None = None
    missing: Missing | None = None
    indicator: bool = False

    def check(self, feature: Feature) -> None:
        """Refuses arrays of numbers."""
        if feature.kind != "datetime":
            raise ValueError(f"'{feature.name}' holds {feature.dtype}, and no dates; use `numeric`")

    def with_policy(self, missing: Missing) -> "Datetime":
        """The same, with `missing` where it has none."""
        return self if self.missing or missing == "error" else self.model_copy(update={"missing": missing})

    def refuses(self, rows: "np.ndarray") -> "np.ndarray | None":
        """Missing dates, where nothing replaces them."""
        import numpy as np

        if self.missing not in (None, "error"):
            return None
        found: np.ndarray = np.isnan(rows).any(axis=1)
        return found

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """``mean`` of each part, ``scale`` of the year, and the names of the ``parts`` that are used."""
        import numpy as np

        moments = Moments()
        for chunk in chunks:
            moments.add(chunk.astype("float64"))
        varying = [name for name, spread in zip(DATETIME_PARTS, moments.high - moments.low, strict=True) if spread > 0]
        deviation = float(np.asarray(moments.deviation)[0]) or 1.0
        return {
            "mean": np.asarray(moments.mean).tolist(),
            "scale": deviation,
            "parts": list(self.parts or varying or ["year"]),
        }

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """A mean of each part, a positive scale, and different parts."""
        require_keys(statistics, ["mean", "scale", "parts"])
        require_numbers(statistics, "mean", len(DATETIME_PARTS))
        if not is_number(statistics["scale"]) or statistics["scale"] <= 0:
            raise ValueError("'scale' is no positive number")
        require_texts(statistics, "parts", len(DATETIME_PARTS))
        if not statistics["parts"] or set(statistics["parts"]) - set(DATETIME_PARTS):
            raise ValueError(f"'parts' holds others than {', '.join(DATETIME_PARTS)}")

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """Sines, cosines and the scaled year, by arithmetic."""
        import keras

        raw, means = tensor, statistics["mean"]
        if self.missing not in (None, "error"):
            tensor = filled(tensor, means)
        columns = []
        for name in statistics["parts"]:
            position = DATETIME_PARTS.index(name)
            part = tensor[:, position : position + 1]
            if name == "year":
                columns.append((part - means[0]) / statistics["scale"])
                continue
            first, length = CYCLES[name]
            angle = (part - first) * (2 * pi / length)
            columns += [keras.ops.sin(angle), keras.ops.cos(angle)]
        if self.indicator:
            columns.append(keras.ops.cast(keras.ops.isnan(raw[:, :1]), "float32"))
        return columns[0] if len(columns) == 1 else keras.layers.Concatenate()(columns)

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """A vector."""
        parts = self.parts if statistics is None else statistics["parts"]
        width = parts and sum(1 if name == "year" else 2 for name in parts) + self.indicator
        return Feature(name=feature.name, kind="numeric", dtype="float32", shape=(width or None,))
