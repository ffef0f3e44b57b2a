"""Rows in the order of their source, in chunks, so that a dataset need not fit in memory."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.errors import DataError
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Rows:
    """Consecutive rows.

    Attributes:
        features: for each feature an array (rows, ...).
        target: (rows, ...), or None where the data has no target.
    """

    features: "Mapping[str, np.ndarray]"
    target: "np.ndarray | None"

    def __len__(self) -> int:
        return len(next(iter(self.features.values())))


class Source(ABC):
    """One part of a dataset. It may be read any number of times, always in the same order."""

    @abstractmethod
    def chunks(self) -> Iterator[Rows]:
        """All rows, in order.

        Raises:
            DataError: what is read cannot be trained on; the message names file and row.
        """


class ArraySource(Source):
    """Rows that lie in memory."""

    def __init__(self, features: "Mapping[str, np.ndarray]", target: "np.ndarray | None") -> None:
        self.features = dict(features)
        self.target = target

    def chunks(self) -> Iterator[Rows]:
        """Views, not copies."""
        rows = len(next(iter(self.features.values())))
        for start in range(0, rows, CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            features = {name: array[part] for name, array in self.features.items()}
            yield Rows(features, None if self.target is None else self.target[part])


@dataclass(frozen=True)
class Dataset:
    """Rows in named parts.

    Rows are numbered through all parts, in the order of `parts`; these ids stay the same as
    long as the data does.

    Attributes:
        parts: ``train``, and ``validation`` and ``test`` where the data itself provides them.
        features: what the rows hold.
        target_name: the column or array that is predicted.
        fingerprint: changes when any value changes.
        origin: what the user calls this data: a file or a name.
        has_labels: whether whole numbers in the target are known to be classes.
    """

    parts: Mapping[str, Source]
    features: tuple[Feature, ...]
    target_name: str
    fingerprint: str
    origin: str
    has_labels: bool = False


@dataclass(frozen=True)
class Census:
    """What one pass over a dataset finds.

    Attributes:
        rows: the number of rows of each part.
        target: the raw target of every row, by id.
    """

    rows: Mapping[str, int]
    target: "np.ndarray"

    @property
    def total(self) -> int:
        """The number of rows of all parts."""
        return sum(self.rows.values())


def take_census(dataset: Dataset) -> Census:
    """Counts the rows, collects the targets, and checks that every number is finite.

    Raises:
        DataError: there are no rows, no target, or a value is missing or infinite.
    """
    import numpy as np

    counts: dict[str, int] = {}
    targets: list[np.ndarray] = []
    for part, source in dataset.parts.items():
        counts[part] = 0
        for rows in source.chunks():
            place = f"{part} row" if len(dataset.parts) > 1 else "row"
            _check_finite(rows, dataset, place, counts[part])
            if rows.target is None:
                raise DataError(f"{dataset.origin}: has no target; name it with `dataset.target`")
            targets.append(rows.target)
            counts[part] += len(rows)
        if not counts[part]:
            raise DataError(f"{dataset.origin}: the {part} part has no rows")
    return Census(counts, np.concatenate(targets))


def _check_finite(rows: Rows, dataset: Dataset, place: str, start: int) -> None:
    import numpy as np

    columns = {**rows.features, dataset.target_name: rows.target}
    for name, array in columns.items():
        if array is None or array.dtype.kind != "f":
            continue
        # What is larger than a 32-bit number becomes infinite in the model.
        bad = ~(np.abs(array.reshape(len(array), -1)) <= np.finfo("float32").max).all(axis=1)
        if bad.any():
            where = f"{dataset.origin}: {place} {start + int(bad.argmax()) + 1}"
            count = f"{int(bad.sum())} such rows so far"
            raise DataError(f"{where}: '{name}' is missing, infinite or above 3e38 ({count}); fill or drop these rows")
