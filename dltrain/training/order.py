"""The order of rows in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def epoch_order(seed: int, epoch: int, rows: int) -> np.ndarray:
    """A permutation of range(rows), int32 (rows,), that depends on nothing but its arguments.

    Drawn with the counter-based generator Philox (Salmon et al. 2011), so that every epoch has a
    stream of its own and a run can begin at any of them.

    Args:
        seed: of the run.
        epoch: from 0.
        rows: the number of training rows.
    """
    import numpy as np

    order = np.arange(rows, dtype="int32")
    # The same order as `permutation`, which would take three times the memory.
    np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, epoch])).shuffle(order)
    return order
