"""What training rows count in the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.errors import DataError
from dltrain.preparation import Materials

if TYPE_CHECKING:
    import numpy as np


def row_weights(materials: Materials) -> np.ndarray | None:
    """By what the loss of each training row is multiplied, float32 (rows,); None where by nothing.

    A row's own weight, divided by the mean of these over the training rows, times that of its class.

    Raises:
        SpecError: `trainer.class_weight` does not fit the classes.
        DataError: a row's own weight is no number of at least 0, or every product is 0.
    """
    import numpy as np

    assembly, train, table = materials.assembly, materials.prepared["train"], materials.classes
    weights = None
    if (column := assembly.experiment.dataset.weight_column) is not None:
        weights = _own(train.extras[column], column, materials)
    if table is not None and table.weights:
        of_class = np.asarray(table.weights)[assembly.task.encode(train.values, assembly.target, "index")]
        weights = of_class if weights is None else weights * of_class
    if weights is None:
        return None
    if not weights.any():
        raise DataError(f"{materials.dataset.origin}: every training row has the weight 0, so nothing would be learned")
    return weights.astype("float32")


def _own(values: np.ndarray, column: str, materials: Materials) -> np.ndarray:
    """The column's weights with a mean of 1, float64."""
    import numpy as np

    if values.dtype.kind not in "iufb":
        first = next((index for index, text in enumerate(values) if not _is_number(str(text))), 0)
        raise _refused(f"the weight '{column}' is '{str(values[first])[:40]}'", first, materials)
    weights = values.astype("float64")
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        first = int(bad.argmax())
        raise _refused(f"the weight '{column}' is {weights[first]:g}", first, materials)
    return weights / weights.mean() if weights.any() else weights


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def _refused(text: str, index: int, materials: Materials) -> DataError:
    part = "train row" if len(materials.dataset.parts) > 1 else "row"
    place = f"{materials.dataset.origin}: {part} {materials.splits.train[index] + 1}"
    return DataError(f"{place}: {text}; weights are finite numbers of at least 0")
