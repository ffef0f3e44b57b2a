"""Predictions of a split as arrays on disk, so that runs can be compared row by row without predicting again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, Target

if TYPE_CHECKING:
    import numpy as np

MOST_OUTPUT_BYTES = 1 << 28
"""Larger outputs, such as of ten thousand classes, are left out; what is predicted is kept."""


def arrays_of(predictions: Predictions, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What ``predictions/<split>.safetensors`` holds.

    Args:
        predictions: of the kept weights.
        rows: the id of each row in the dataset, (rows,).

    Returns:
        ``row``, int64 (rows,); ``outputs``, float32 (rows, units), in the unit of the metrics; ``truth`` and
        ``predicted``: class indices int64 (rows,), labels uint8 (rows, labels), or values float64 (rows, values);
        ``group``, int64 (rows,), where rows depend on each other.
    """
    import numpy as np

    outputs = predictions.predicted if predictions.probabilities is None else predictions.probabilities
    if predictions.classes and outputs.ndim == 1:
        outputs = outputs[:, None]
    elif len(predictions.classes) == 2:
        outputs = outputs[:, 1:]
    dtype = "int64" if predictions.classes else "uint8" if predictions.labels else "float64"
    found = {name: getattr(predictions, name).astype(dtype) for name in ("truth", "predicted")}
    if outputs.size * 4 <= MOST_OUTPUT_BYTES:
        # A value beyond 32 bits is infinite there, and is in `predicted` as it is.
        with np.errstate(over="ignore"):
            found["outputs"] = outputs.astype("float32")
    if predictions.groups is not None:
        found["group"] = np.asarray(predictions.groups, "int64")
    return {"row": np.asarray(rows, "int64"), **found}


def read_stored(arrays: Mapping[str, np.ndarray], target: Target, head: Head) -> tuple[np.ndarray, Predictions]:
    """The ids of the rows, in their order, and the predictions; a stranger may have written the arrays.

    Raises:
        ValueError: they are not predictions of this target.
    """
    import numpy as np

    rows = _array(arrays, "row", "iu", (len(arrays.get("row", ())),))
    if len(rows) == 0 or rows[0] < 0 or not (rows[1:] > rows[:-1]).all():
        raise ValueError("its row ids are not in order")
    kinds = len(target.classes or target.labels)
    shape = (len(rows),) if target.classes else (len(rows), kinds or len(target.names))
    truth, predicted = (_array(arrays, name, "iuf", shape) for name in ("truth", "predicted"))
    groups = _array(arrays, "group", "iu", (len(rows),)) if "group" in arrays else None
    if not kinds:
        if not np.isfinite(truth).all():
            raise ValueError("its truth holds what is no number")
        return rows, Predictions(truth.astype("float64"), predicted.astype("float64"), None, (), groups=groups)
    for values in (truth, predicted):
        if values.dtype.kind == "f" or values.min() < 0 or values.max() >= (kinds if target.classes else 2):
            raise ValueError("it holds classes that are not there")
    found = _probabilities(arrays, (len(rows), head.units), target, head)
    return rows, Predictions(truth.astype(int), predicted.astype(int), found, target.classes, target.labels, groups)


def _probabilities(
    arrays: Mapping[str, np.ndarray], shape: tuple[int, ...], target: Target, head: Head
) -> np.ndarray | None:
    """As metrics take them; None where they were too large to be kept."""
    import numpy as np

    if "outputs" not in arrays:
        return None
    if len(target.classes) == 2:
        shape = (shape[0], 1)
    outputs = _array(arrays, "outputs", "f", shape).astype("float64")
    if not np.isfinite(outputs).all():
        raise ValueError("its outputs hold what is no number")
    if len(target.classes) != 2:
        return outputs
    second = outputs[:, 0]
    is_margin = head.units == 1 and head.activation != "sigmoid"
    return second if is_margin else np.stack([1 - second, second], axis=1)


def _array(arrays: Mapping[str, np.ndarray], name: str, kinds: str, shape: tuple[int, ...]) -> np.ndarray:
    found = arrays.get(name)
    if found is None or found.dtype.kind not in kinds or found.shape != shape:
        raise ValueError(f"it has no array '{name}' of shape {shape}")
    return found
