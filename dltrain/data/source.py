"""Rows in the order of their source, in chunks, so that a dataset need not fit in memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dltrain.data.reader import yaml_key
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.padding import as_zeros
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np

    from dltrain.scratch import Scratch

CHUNK_ROWS = 65_536

NAIVE = "last value of the target"
"""What rows that are forecasts call the column with the target's value before them, float64 (rows, targets)."""


@dataclass(frozen=True)
class Rows:
    """Consecutive rows.

    Attributes:
        features: for each feature an array (rows, ...).
        target: (rows, ...), or None where the data has no target.
        extras: columns that are no features but were asked for, such as the one that splits go by,
            (rows,) each.
        file: what messages call the file that they come from; empty where there is none.
        before: the number of rows before them in this file.
    """

    features: "Mapping[str, np.ndarray]"
    target: "np.ndarray | None"
    extras: "Mapping[str, np.ndarray]" = field(default_factory=dict)
    file: str = ""
    before: int = 0

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

    def hold(self, scratch: "Scratch") -> None:  # noqa: B027 (most have no need)
        """Says where rows may be remembered when they are first read."""

    def release(self) -> None:  # noqa: B027
        """Forgets the rows that are remembered; they are read again if they are asked for."""

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
        fingerprinted: what `fingerprint` is, or a function that gives it, at work meanwhile.
        origin: what the user calls this data: a file or a name.
        has_labels: whether whole numbers in the target are known to be classes.
        target_columns: the columns of the target, where it is several.
        notes: what the user should know about the rows, such as how many were left out.
    """

    parts: Mapping[str, Source]
    features: tuple[Feature, ...]
    target_name: str
    fingerprinted: str | Callable[[], str]
    origin: str
    has_labels: bool = False
    target_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when any value changes."""
        return self.fingerprinted if isinstance(self.fingerprinted, str) else self.fingerprinted()


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


def take_census(
    dataset: Dataset,
    specs: Mapping[str, FeatureSpec],
    see: Callable[[Rows], None] | None = None,
    *,
    scratch: "Scratch",
    empty_text: bool = False,
) -> Census:
    """Counts the rows, collects the targets, and checks every value.

    Args:
        dataset: whose rows are read once.
        specs: how each feature is prepared, which decides whether a value may be missing.
        see: is shown all rows, in order.
        scratch: where what is collected lies.
        empty_text: whether an empty text is a target.

    Raises:
        DataError: there are no rows, no target, or a value is missing or infinite.
    """
    from dltrain.ahead import ahead

    counts: dict[str, int] = {}
    targets: list[np.ndarray] = []
    extras: list[Mapping[str, np.ndarray]] = []
    for part, source in dataset.parts.items():
        counts[part] = 0
        for rows in ahead(source.chunks()):
            check_values(rows, dataset, specs, place_of(rows, dataset, part, counts[part]))
            if rows.target is None:
                raise DataError(f"{dataset.origin}: has no target; name it with `dataset.target`")
            if not empty_text:
                _refuse_empty(rows, dataset.target_name, place_of(rows, dataset, part, counts[part]))
            if see is not None:
                see(rows)
            targets.append(rows.target)
            extras.append(rows.extras)
            counts[part] += len(rows)
        if not counts[part]:
            raise DataError(f"{dataset.origin}: the {part} part has no rows")
    names = extras[0]
    return Census(
        counts, scratch.joined(targets), {name: scratch.joined([found[name] for found in extras]) for name in names}
    )


def place_of(rows: Rows, dataset: Dataset, part: str, before: int) -> Callable[[int], str]:
    """What messages call a row, by its index."""
    if rows.file:
        return lambda index: f"{rows.file}: row {rows.before + index + 1}"
    prefix = f"{dataset.origin}: {part} row" if len(dataset.parts) > 1 else f"{dataset.origin}: row"
    return lambda index: f"{prefix} {before + index + 1}"


def check_values(rows: Rows, dataset: Dataset, specs: Mapping[str, FeatureSpec], place: Callable[[int], str]) -> None:
    """Raises DataError for the first value that is missing where none may be, or infinite."""
    for feature in dataset.features:
        array = as_zeros(rows.features[feature.name]) if feature.padded else rows.features[feature.name]
        refused = specs[feature.name].refuses(array)
        if refused is not None and refused.any():
            first = int(refused.argmax())
            missing = _is_missing(array[first])
            policy = policy_for(feature, specs[feature.name])
            remedy = f"; fill or drop these rows, or write `dataset.{policy}`" if missing else ""
            raise _refused(feature.name, refused, place(first), missing, remedy)
    if rows.target is not None and rows.target.dtype.kind == "f":
        import numpy as np

        values = rows.target.reshape(len(rows), -1)
        refused = ~(np.abs(values) <= np.finfo("float32").max).all(axis=1)
        if refused.any():
            first = int(refused.argmax())
            raise _refused(dataset.target_name, refused, place(first), bool(np.isnan(values[first]).any()))


def policy_for(feature: Feature, spec: FeatureSpec) -> str:
    """What to write so that missing values of a feature are replaced."""
    if spec.forbids_missing:
        filled = {"text": "constant", "categorical": "most_frequent"}.get(feature.kind, "mean")
        return f"features: {{{yaml_key(feature.name)}: {{missing: {filled}}}}}"
    # Only tables have a policy for all columns.
    alone = feature.kind == "numeric" and feature.shape and not feature.columns
    return f"features: {{{feature.name}: {{numeric: {{missing: mean}}}}}}" if alone else "missing: mean"


def _refuse_empty(rows: Rows, name: str, place: Callable[[int], str]) -> None:
    empty = rows.target == "" if rows.target is not None and rows.target.dtype.kind in "OU" else None
    if empty is not None and empty.any():
        more = f" ({int(empty.sum())} such rows near it)" if empty.sum() > 1 else ""
        first = place(int(empty.argmax()) if empty.ndim == 1 else int(empty.any(axis=1).argmax()))
        raise DataError(f"{first}: the target '{name}' has no value{more}; fill or drop these rows")


def _refused(name: str, refused: "np.ndarray", place: str, missing: bool, remedy: str = "") -> DataError:
    wrong = "missing" if missing else "infinite or above 3e38"
    more = f" ({int(refused.sum())} such rows so far)" if refused.sum() > 1 else ""
    return DataError(f"{place}: '{name}' is {wrong}{more}{remedy or '; fill or drop these rows'}")


def _is_missing(value: object) -> bool:
    import numpy as np

    return value == "" if isinstance(value, str) else bool(np.isnan(np.asarray(value)).any())
