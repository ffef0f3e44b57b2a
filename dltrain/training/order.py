"""The order of rows in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_BATCHES_SORTED = 32
"""Rows of about one length are looked for among those of so many batches."""


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


def by_length(order: np.ndarray, lengths: np.ndarray, batch_size: int, *, seed: int, epoch: int) -> np.ndarray:
    """The same rows, batches of which are about equally long; those too few for a batch stay the last.

    Rows of some batches after one another are sorted by length; then all batches are shuffled.

    Args:
        order: from `epoch_order`.
        lengths: int (rows,), of the rows by their numbers.
        batch_size: rows of a batch.
        seed: of the run.
        epoch: from 0.
    """
    import numpy as np

    full = len(order) - len(order) % batch_size
    size = batch_size * _BATCHES_SORTED
    pools = (order[start : min(start + size, full)] for start in range(0, full, size))
    rows = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    batches = np.concatenate([*rows, order[:0]]).reshape(-1, batch_size)
    np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 1, epoch])).shuffle(batches)
    return np.concatenate([batches.ravel(), order[full:]])
