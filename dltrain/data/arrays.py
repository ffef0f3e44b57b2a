"""Arrays that a trained model is given: refused where it would take them for something else."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dltrain.data.source import ArraySource, Rows
from dltrain.errors import DataError
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np


class TakenArray(ArraySource):
    """Rows of one array for a trained model.

    Args of the constructor: the array (rows, ...), what the model takes, what messages call the
    array, and the target of its rows if they have one.

    Raises:
        DataError: the array does not hold such rows.
    """

    def __init__(
        self, array: "np.ndarray", feature: Feature, *, origin: str, target: "np.ndarray | None" = None
    ) -> None:
        _check_shape(array, feature, origin)
        super().__init__({feature.name: array}, target)
        self._feature, self._origin = feature, origin

    def chunks(self) -> Iterator[Rows]:
        """Views, not copies.

        Raises:
            DataError: the model was trained on integers, and a number is none or out of their range.
        """
        before = 0
        for rows in super().chunks():
            values = rows.features[self._feature.name]
            if self._feature.dtype.startswith(("int", "uint")) and values.dtype != self._feature.dtype:
                self._check_integers(values, before)
            before += len(rows)
            yield rows

    def _check_integers(self, values: "np.ndarray", before: int) -> None:
        """Refuses what a conversion would change, such as pixels from 0 to 1 where the model takes 0 to 255."""
        import numpy as np

        with np.errstate(invalid="ignore"):
            changed = values.astype(self._feature.dtype) != values
        if changed.any():
            row = int(changed.reshape(len(values), -1).any(axis=1).argmax())
            value = values[row][changed[row]].flat[0]
            bounds = np.iinfo(self._feature.dtype)
            text = f"holds {value:g}, and the model takes integers from {bounds.min} to {bounds.max}"
            raise DataError(f"{self._origin}: row {before + row + 1}: {text}; give it numbers like those of training")


def array_of(rows: Any, feature: Feature) -> TakenArray:
    """Rows that a program holds: an array (rows, ...), lists of numbers, or ``{"x": array}``.

    Raises:
        DataError: the model takes others.
    """
    import numpy as np

    if isinstance(rows, Mapping):
        if feature.name not in rows:
            raise DataError(f"rows: there is no '{feature.name}', which the model takes")
        rows = rows[feature.name]
    try:
        array = np.asarray(rows)
    except ValueError as error:
        raise DataError(f"rows: cannot be made an array: {error}") from None
    return TakenArray(array, feature, origin="rows")


def _check_shape(array: "np.ndarray", feature: Feature, origin: str) -> None:
    if array.dtype.kind not in "iufb":
        what = "text" if array.dtype.kind in "US" else str(array.dtype)
        raise DataError(f"{origin}: {feature.name} holds {what}, and the model takes numbers")
    lengths = zip(array.shape[1:], feature.shape, strict=False)
    fits = array.ndim == len(feature.shape) + 1 and all(wanted in (None, found) for found, wanted in lengths)
    if not fits:
        single = "; put an axis of rows in front" if array.shape == feature.shape else ""
        wanted = ", ".join("any" if length is None else str(length) for length in feature.shape)
        text = f"{feature.name} has the shape {array.shape}, and the model takes (rows, {wanted}){single}"
        raise DataError(f"{origin}: {text}")
