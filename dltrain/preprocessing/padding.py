"""Series of different lengths in arrays of one length: behind their end are NaN, or `MASK_VALUE` in prepared rows."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dltrain.signature import MASK_VALUE

if TYPE_CHECKING:
    import numpy as np


def real_steps(rows: "np.ndarray") -> "np.ndarray":
    """Which steps of raw rows (rows, steps, columns) are none of padding, bool (rows, steps).

    Padding begins behind the last step that has any value; before it, a value may be missing.
    """
    import numpy as np

    there = ~np.isnan(rows).all(axis=-1)
    real: np.ndarray = np.maximum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    return real


def without_padding(chunks: "Iterable[np.ndarray]") -> "Iterator[np.ndarray]":
    """The steps of raw rows one by one, (steps, 1, columns), but for padding."""
    for rows in chunks:
        yield rows[real_steps(rows)][:, None]


def as_zeros(rows: "np.ndarray") -> "np.ndarray":
    """Raw rows with zeros for padding."""
    import numpy as np

    zeros: np.ndarray = np.where(real_steps(rows)[..., None], rows, np.zeros((), rows.dtype))
    return zeros


def masked(prepared: "np.ndarray", rows: "np.ndarray") -> "np.ndarray":
    """Prepared rows (rows, steps, any) with `MASK_VALUE` where the raw ones are padding."""
    import numpy as np

    marked: np.ndarray = np.where(real_steps(rows)[..., None], prepared, np.float32(MASK_VALUE))
    return marked


def masked_tensor(prepared: Any, tensor: Any) -> Any:
    """The same of symbolic tensors, by stock operations."""
    import keras

    there = keras.ops.any(keras.ops.logical_not(keras.ops.isnan(tensor)), axis=-1)
    later = keras.ops.cumsum(keras.ops.flip(keras.ops.cast(there, "int32"), axis=1), axis=1)
    real = keras.ops.expand_dims(keras.ops.flip(later, axis=1) > 0, axis=-1)
    return keras.ops.where(real, prepared, MASK_VALUE)
