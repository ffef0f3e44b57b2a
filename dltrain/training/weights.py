"""What training rows count in the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.data.row_weights import own_weights, train_places
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
        origin, parts, ids = materials.dataset.origin, materials.dataset.parts, materials.splits.train
        weights = own_weights(train.extras[column], column, train_places(origin, parts, ids))
    if table is not None and table.weights:
        of_class = np.asarray(table.weights)[assembly.task.encode(train.values, assembly.target, "index")]
        weights = of_class if weights is None else weights * of_class
    if weights is None:
        return None
    if not weights.any():
        raise DataError(f"{materials.dataset.origin}: every training row has the weight 0, so nothing would be learned")
    return weights.astype("float32")
