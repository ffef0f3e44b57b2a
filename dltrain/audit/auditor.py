"""What is suspicious about data and its splits, looked for on every fit: known rows, split groups, leaks.

It takes 8 bytes per row and a sample of at most `_MOST_ROWS` rows and `_MOST_VALUES` values, both from a
pass over the rows that is made anyway. It says what it finds and stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dltrain.audit.finding import Finding
from dltrain.audit.known import chance_of_equality, divided_groups, future_targets, identical_rows
from dltrain.audit.leaks import Sample, leaks
from dltrain.data.source import Rows
from dltrain.scratch import Scratch
from dltrain.splits.base import Population, Splits, SplitsSpec
from dltrain.splits.digest import digest, mixed

if TYPE_CHECKING:
    import numpy as np

_MOST_ROWS = 20_000
_MOST_VALUES = 5_000_000
_MOST_COLUMNS = 10_000
_LONGEST_LABEL = 200
_SAMPLED = 0x5DEECE66D


class Auditor:
    """Looks at rows as they are read for the first time, in order.

    Args of the constructor: where the hashes lie.
    """

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._digests: list[np.ndarray] = []
        self._rows = 0
        self._bound = (1 << 64) - 1
        self._kept: list[tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]] = []
        self._covered = True

    def see(self, rows: Rows) -> None:
        """Remembers a hash of each row, and the values of some rows.

        Rows are sampled by a hash of their number: those up to a bound, which is halved when there
        are too many.
        """
        import numpy as np

        self._digests.append(digest(rows.features))
        ids = np.arange(self._rows, self._rows + len(rows))
        self._rows += len(rows)
        columns, covered = _columns(rows.features)
        self._covered = self._covered and covered
        if not columns:
            return
        self._kept.append((ids, mixed(ids.astype("uint64") ^ np.uint64(_SAMPLED)), columns))
        self._drop(len(self._kept) - 1)
        while sum(len(kept[0]) for kept in self._kept) > min(_MOST_ROWS, _MOST_VALUES // len(columns)):
            self._bound //= 2
            for index in range(len(self._kept)):
                self._drop(index)

    def _drop(self, index: int) -> None:
        """Forgets rows above the bound; what stays is copied, so that the others can be freed."""
        import numpy as np

        ids, keys, columns = self._kept[index]
        within = np.flatnonzero(keys <= np.uint64(self._bound))
        self._kept[index] = (ids[within], keys[within], {name: rows[within] for name, rows in columns.items()})

    @property
    def digests(self) -> np.ndarray:
        """The hash of every row, uint64 (rows,)."""
        if len(self._digests) > 1:
            self._digests = [self._scratch.joined(self._digests)]
        return self._digests[0]

    def findings(
        self, spec: SplitsSpec, splits: Splits, *, population: Population, target: np.ndarray, classes: Sequence[str]
    ) -> tuple[Finding, ...]:
        """What is suspicious.

        Args:
            spec: how the splits were drawn.
            splits: the splits.
            population: the rows that they were drawn from.
            target: of every row, raw.
            classes: the names of the classes; none for numbers.
        """
        import numpy as np

        ids = np.concatenate([kept[0] for kept in self._kept]) if self._kept else np.empty(0, int)
        names = set.intersection(*(set(kept[2]) for kept in self._kept)) if self._kept else ()
        columns = {name: np.concatenate([kept[2][name] for kept in self._kept]) for name in sorted(names)}
        chance = chance_of_equality(columns) if columns and self._covered else 0.0
        found = [*identical_rows(spec, splits, population, chance)]
        found += [*divided_groups(spec, splits, population), *future_targets(splits, population)]
        values = target if population.classes is None else population.classes
        if values.ndim == 1 and values.dtype.kind in "iuf":
            held_out = np.isin(ids, np.concatenate([splits.validation, splits.test]))
            labels = () if population.classes is None else classes
            found += leaks(Sample(columns, values[ids], labels, np.isin(ids, splits.train), held_out))
        return tuple(found)


def _columns(features: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], bool]:
    """What has one value per row, or the columns of a lone array of vectors; and whether that is all."""
    found = {name: values for name, values in features.items() if values.ndim == 1 and not _is_long(values)}
    if len(features) == 1 and not found:
        ((name, values),) = features.items()
        if values.ndim == 2 and values.dtype.kind in "iuf" and values.shape[1] <= _MOST_COLUMNS:
            found = {f"{name}[{index}]": values[:, index] for index in range(values.shape[1])}
            return found, True
    return found, len(found) == len(features)


def _is_long(values: np.ndarray) -> bool:
    """Whether these are texts, of which a sample would take much memory, or no plain values at all."""
    if values.dtype.kind == "U":
        return values.dtype.itemsize > 4 * _LONGEST_LABEL
    if values.dtype.kind != "O" or not len(values):
        return False
    if not isinstance(values[0], str):
        return True
    import pyarrow as pa
    import pyarrow.compute as pc

    return bool(pc.max(pc.utf8_length(pa.array(values, pa.large_string()))).as_py() > _LONGEST_LABEL)
