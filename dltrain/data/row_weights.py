"""What training rows count in the loss, as a column says."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from dltrain.errors import DataError

if TYPE_CHECKING:
    import numpy as np


def train_places(origin: str, parts: Sized, ids: np.ndarray) -> Callable[[int], str]:
    """What messages call a training row, by its index.

    Args:
        origin: what the data is called.
        parts: of the data.
        ids: of the training rows.
    """
    part = "train row" if len(parts) > 1 else "row"
    return lambda index: f"{origin}: {part} {ids[index] + 1}"


def own_weights(values: np.ndarray, column: str, place: Callable[[int], str]) -> np.ndarray:
    """The column's weights with a mean of 1, float64.

    Args:
        values: of the training rows.
        column: its name.
        place: what messages call a training row, by its index.

    Raises:
        DataError: one is no number of at least 0.
    """
    import numpy as np

    if values.dtype.kind not in "iufb":
        first = next((index for index, text in enumerate(values) if not _is_number(str(text))), 0)
        raise _refused(f"the weight '{column}' is '{str(values[first])[:40]}'", place(first))
    weights = values.astype("float64")
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        first = int(bad.argmax())
        raise _refused(f"the weight '{column}' is {weights[first]:g}", place(first))
    return weights / weights.mean() if weights.any() else weights


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def _refused(text: str, place: str) -> DataError:
    return DataError(f"{place}: {text}; weights are finite numbers of at least 0")
