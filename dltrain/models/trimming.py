"""Where the padding behind the end of sequences need not be computed: batches are as long as their longest row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.models.base import PlannedLayer
from dltrain.runtime.settings import Backend
from dltrain.signature import MASK_VALUE, Feature

if TYPE_CHECKING:
    import numpy as np

_ROWS_AT_ONCE = 1 << 14

_VARIANTS: dict[Backend, int] = {"tensorflow": 64, "jax": 8, "torch": 64}
"""So many lengths batches have at most: JAX compiles its step for each."""


def is_trimmed(prepared: Feature, layers: Sequence[PlannedLayer]) -> bool:
    """Whether outputs are the same, but for rounding, with fewer steps of padding, as long as there is one.

    Every layer must pass the mask on until one takes the steps away. That one must either not count masked steps, or
    take the largest, to which the outputs of several masked steps add no more than those of one.
    """
    masked, repeated = False, True
    for layer in layers:
        spec, begins = layer.spec, layer.spec.begins_mask(prepared)
        masked = masked or begins
        if not masked or not spec.takes_mask or _is_penalized(spec) or not _takes_any_length(layer):
            return False
        if len(layer.output_shape) < 2:
            return spec.needs_mask or (spec.takes_largest and repeated)
        if not (begins or spec.keeps_mask):
            return False
        repeated = repeated and spec.repeats
    return False


def _is_penalized(spec: LayerSpec) -> bool:
    """Whether every output adds to the loss, masked or not."""
    return getattr(getattr(spec, "layer", spec), "activity_regularizer", None) is not None


def _takes_any_length(layer: PlannedLayer) -> bool:
    try:
        layer.spec.output_shape((None, *layer.shape[1:]))
    except ShapeError:
        return False
    return True


@dataclass(frozen=True)
class Lengths:
    """How many steps rows have until nothing but padding follows.

    Attributes:
        of_rows: int32 (rows,).
        longest: the steps of a row with its padding.
        quantum: of what the lengths of batches are multiples, unless they are the longest.
    """

    of_rows: np.ndarray
    longest: int
    quantum: int

    @property
    def ascending(self) -> np.ndarray:
        """The rows by length, int32 (rows,)."""
        import numpy as np

        return np.argsort(self.of_rows, kind="stable").astype("int32")

    def of_batch(self, rows: np.ndarray) -> int:
        """The steps that a batch of these rows keeps: a step of padding for each row, where it has one."""
        return min(self.longest, (int(self.of_rows[rows].max()) // self.quantum + 1) * self.quantum)


def lengths_of(rows: np.ndarray, backend: Backend) -> Lengths:
    """The lengths of prepared rows: ids (rows, steps), padded with 0, or numbers (rows, steps, columns)."""
    import numpy as np

    found, longest = np.empty(len(rows), "int32"), rows.shape[1]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        steps = part != 0 if part.ndim == 2 else (part != MASK_VALUE).any(axis=2)
        behind = steps[:, ::-1].argmax(axis=1)
        found[start : start + len(part)] = np.where(steps.any(axis=1), longest - behind, 0)
    return Lengths(found, longest, quantum=-(-longest // _VARIANTS[backend]))
