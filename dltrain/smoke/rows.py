"""A few rows of a dataset, read without the rest of a long file, in which no class is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dltrain.data.image_source import ImageSource
from dltrain.data.source import Dataset, Rows, Source
from dltrain.splits.base import Splits

if TYPE_CHECKING:
    import numpy as np

_OF_A_CLASS = 8
"""So many rows of each class, or of each value that splits go by, are looked for."""
_MOST_READ = 1 << 18
_MOST_VALUES = 1000
"""A column with more values is a measure, or names groups of which there are enough."""


def few_rows(dataset: Dataset, count: int) -> tuple[Dataset, list[FewRows]]:
    """The first rows of each part, and further ones of classes that are rare among them.

    Image files are chosen by their classes before any is decoded. The fingerprint is empty, since it would be of
    all rows.

    Returns:
        The dataset, and those of its sources that leave rows out where there are more, once they are read.
    """
    parts, cut = dict(dataset.parts), list[FewRows]()
    for name, source in parts.items():
        if isinstance(source, ImageSource):
            parts[name] = source.few(partial(_few_images, count))
        else:
            cut.append(FewRows(source, count))
            parts[name] = cut[-1]
    return replace(dataset, parts=parts, fingerprinted=""), cut


def _few_images(count: int, target: np.ndarray) -> np.ndarray:
    import numpy as np

    return (
        first_of_each(target, count)
        if target.ndim == 1 and target.dtype.kind != "f"
        else np.arange(len(target))[:count]
    )


class FewRows(Source):
    """The first rows of a source, and then single ones of classes that are rare so far.

    Attributes:
        cut: whether the source has more rows; known once all chunks were asked for.
    """

    def __init__(self, source: Source, count: int) -> None:
        self._source, self._count = source, count
        self.cut = False

    def chunks(self) -> Iterator[Rows]:
        """At most a quarter of a million rows are read."""
        read, rare = 0, _Rare()
        for rows in self._source.chunks():
            first = max(0, min(self._count - read, len(rows)))
            if first:
                yield _part(rows, 0, first)
            rare.saw(rows, first)
            for index in rare.among(rows, first):
                yield _part(rows, index, index + 1)
            self.cut = self.cut or first < len(rows)
            read += len(rows)
            if read >= max(_MOST_READ, self._count):
                self.cut = True
                break


class _Rare:
    """How many rows there are of each value of the target and of the columns that splits go by."""

    def __init__(self) -> None:
        self._seen: dict[str, Counter[object]] = {}

    def saw(self, rows: Rows, count: int) -> None:
        for name, column in _labels(rows).items():
            self._seen.setdefault(name, Counter()).update(column[:count].tolist())

    def among(self, rows: Rows, start: int) -> Iterator[int]:
        """Rows from `start` on that have a value of which there are few."""
        import numpy as np

        wanted: set[int] = set()
        for name, column in _labels(rows).items():
            seen, rest = self._seen[name], column[start:]
            values = np.unique(rest) if len(seen) <= _MOST_VALUES else rest[:0]
            for value in values[: _MOST_VALUES + 1].tolist():
                if (missing := _OF_A_CLASS - seen[value]) > 0:
                    found = np.flatnonzero(rest == value)[:missing]
                    seen[value] += len(found)
                    wanted.update((found + start).tolist())
        yield from sorted(wanted)


def _labels(rows: Rows) -> dict[str, np.ndarray]:
    """Columns of labels or whole numbers."""
    target = rows.target
    columns = {} if target is None else {"target": target} if target.ndim == 1 else _columns(target)
    columns |= {f"extra {name}": column for name, column in rows.extras.items() if column.ndim == 1}
    return {name: column for name, column in columns.items() if column.dtype.kind in "OUiub"}


def _columns(target: np.ndarray) -> dict[str, np.ndarray]:
    return {f"target {number}": target[:, number] for number in range(target.shape[1])} if target.ndim == 2 else {}


def _part(rows: Rows, start: int, stop: int) -> Rows:
    return replace(
        rows,
        features={name: values[start:stop] for name, values in rows.features.items()},
        target=None if rows.target is None else rows.target[start:stop],
        extras={name: values[start:stop] for name, values in rows.extras.items()},
        before=rows.before + start,
    )


def few_of_each(splits: Splits, classes: np.ndarray | None, count: int) -> Splits:
    """The same splits with at most `count` rows each, or as many as hold a row of each class.

    Args:
        splits: of all rows that were read.
        classes: the class of every row; None where rows have none.
        count: how many are enough.
    """
    chosen: Mapping[str, np.ndarray] = {
        name: ids[:count] if classes is None else ids[first_of_each(classes[ids], count)]
        for name, ids in splits.items()
    }
    return Splits.of(chosen)


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """The first rows of every class in turn, `count` or as many as there are classes, by their indices, ascending."""
    import numpy as np

    _, classes = np.unique(labels, return_inverse=True)
    order = np.argsort(classes, kind="stable")
    starts = np.flatnonzero(np.diff(classes[order], prepend=-1))
    turn = np.empty(len(labels), "int64")
    turn[order] = np.arange(len(labels)) - np.repeat(starts, np.diff([*starts, len(labels)]))
    ranked: np.ndarray = np.lexsort((np.arange(len(labels)), turn))
    return np.sort(ranked[: max(count, len(starts))])
