"""Rows in the order of their source, in chunks, so that a dataset need not fit in memory."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
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
        extras: columns that are no features but were asked for, such as the one that splits go by,
            (rows,) each.
    """

    features: "Mapping[str, np.ndarray]"
    target: "np.ndarray | None"
    extras: "Mapping[str, np.ndarray]" = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.features.values())))


class Source(ABC):
    """One part of a dataset. It may be read any number of times, always in the same order.

    Attributes:
        held: whether its rows lie in memory anyway, so that reading them again costs nothing.
    """

    held = False

    @abstractmethod
    def chunks(self) -> Iterator[Rows]:
        """All rows, in order.

        Raises:
            DataError: what is read cannot be trained on; the message names file and row.
        """

    def column(self, name: str) -> "Iterator[np.ndarray]":
        """One feature of all rows, in order, in the same chunks."""
        for rows in self.chunks():
            yield rows.features[name]


class ArraySource(Source):
    """Rows that lie in memory."""

    held = True

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
        extras: the columns that were asked for besides, a value for every row.
    """

    rows: Mapping[str, int]
    target: "np.ndarray"
    extras: "Mapping[str, np.ndarray]"

    @property
    def total(self) -> int:
        """The number of rows of all parts."""
        return sum(self.rows.values())


def take_census(dataset: Dataset, specs: Mapping[str, FeatureSpec]) -> Census:
    """Counts the rows, collects the targets, and checks every value.

    Args:
        dataset: whose rows are read once.
        specs: how each feature is prepared, which decides whether a value may be missing.

    Raises:
        DataError: there are no rows, no target, or a value is missing or infinite.
    """
    import numpy as np

    counts: dict[str, int] = {}
    targets: list[np.ndarray] = []
    extras: list[Mapping[str, np.ndarray]] = []
    for part, source in dataset.parts.items():
        counts[part] = 0
        for rows in source.chunks():
            place = f"{part} row" if len(dataset.parts) > 1 else "row"
            _check_values(rows, dataset, specs, f"{dataset.origin}: {place}", counts[part])
            if rows.target is None:
                raise DataError(f"{dataset.origin}: has no target; name it with `dataset.target`")
            targets.append(rows.target)
            extras.append(rows.extras)
            counts[part] += len(rows)
        if not counts[part]:
            raise DataError(f"{dataset.origin}: the {part} part has no rows")
    names = extras[0]
    return Census(
        counts, np.concatenate(targets), {name: np.concatenate([found[name] for found in extras]) for name in names}
    )


def _check_values(rows: Rows, dataset: Dataset, specs: Mapping[str, FeatureSpec], place: str, start: int) -> None:
    for feature in dataset.features:
        array = rows.features[feature.name]
        refused = specs[feature.name].refuses(array)
        if refused is not None and refused.any():
            first = int(refused.argmax())
            wrong = "missing" if _is_missing(array[first]) else "infinite or above 3e38"
            remedy = f", or say `missing:` for {feature.name}" if wrong == "missing" else ""
            raise DataError(
                f"{place} {start + first + 1}: '{feature.name}' is {wrong} "
                f"({int(refused.sum())} such rows so far); fill or drop these rows{remedy}"
            )
    if rows.target is not None and rows.target.dtype.kind == "f":
        import numpy as np

        bad = ~(np.abs(rows.target.reshape(len(rows), -1)) <= np.finfo("float32").max).all(axis=1)
        if bad.any():
            text = f"'{dataset.target_name}' is missing, infinite or above 3e38 ({int(bad.sum())} such rows so far)"
            raise DataError(f"{place} {start + int(bad.argmax()) + 1}: {text}; fill or drop these rows")


def _is_missing(value: object) -> bool:
    import numpy as np

    return value == "" if isinstance(value, str) else bool(np.isnan(np.asarray(value)).any())
