"""Rows as a few numbers each, by which samples of them can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from dltrain.assemble import Assembly
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.signature import MASK_VALUE

if TYPE_CHECKING:
    import numpy as np

_MOST_COLUMNS = 300
_MOST_VALUES = 20_000_000
_MOST_CLASSES = 100


@dataclass(frozen=True)
class Summary:
    """A number of each row of a sample.

    Attributes:
        values: (rows,).
        independent: so many of the rows do not depend on others.
    """

    values: np.ndarray
    independent: float


def spread(rows: int, most: int) -> np.ndarray:
    """Up to so many indices, evenly spread."""
    import numpy as np

    return np.linspace(0, rows - 1, min(rows, most)).astype(int)


def summaries(preprocessing: Preprocessing, inputs: np.ndarray, most: int, overlap: int = 1) -> Mapping[str, Summary]:
    """Of prepared rows, by what messages call each number.

    The columns of a table, without dates; means over the steps of each column of a sequence; brightness and contrast
    of images; the length of texts; of vectors of very many columns, how many are not 0.

    Args:
        preprocessing: says what the columns are.
        inputs: prepared rows, maybe in a file.
        most: so many rows are looked at.
        overlap: neighbouring rows that depend on each other.
    """
    import numpy as np

    fitting = max(1, _MOST_VALUES // max(1, prod(inputs.shape[1:])))
    rows = np.asarray(inputs[spread(len(inputs), min(most, fitting))])
    independent = min(len(rows), len(inputs) / overlap)
    columns = _columns(preprocessing, rows)
    return {name: Summary(np.nan_to_num(values), independent) for name, values in columns.items()}


def _columns(preprocessing: Preprocessing, rows: np.ndarray) -> dict[str, np.ndarray]:

    prepared = preprocessing.prepared
    if prepared.kind == "ids":
        return {"the number of words": (rows != 0).reshape(len(rows), -1).sum(axis=1)}
    if prepared.kind == "image":
        flat = rows.reshape(len(rows), -1).astype("float32")
        return {"the brightness of images": flat.mean(axis=1), "the contrast of images": flat.std(axis=1)}
    if rows.ndim == 3:
        return _of_sequences(preprocessing.features[0].columns, rows)
    if rows.ndim != 2:
        return {}
    if rows.shape[1] > _MOST_COLUMNS:
        return {"the number of columns that are not 0": (rows != 0).sum(axis=1)}
    return _of_table(preprocessing, rows)


def _of_sequences(columns: Sequence[str], rows: np.ndarray) -> dict[str, np.ndarray]:
    """The mean over the steps of each column, without padding."""
    import numpy as np

    means = np.nanmean(np.where(rows <= MASK_VALUE, np.nan, rows), axis=1)
    names = columns if len(columns) == rows.shape[2] else list(map(str, range(rows.shape[2])))
    return {f"the mean of '{name}'": means[:, index] for index, name in enumerate(names)}


def _of_table(preprocessing: Preprocessing, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of each feature: ``'age'``, or ``'job' (column 3)`` where a feature has become several."""
    found, start = {}, 0
    for feature in preprocessing.features:
        spec, statistics = preprocessing.specs[feature.name], preprocessing.statistics[feature.name]
        width = prod(length or 1 for length in spec.prepared(feature, statistics).shape)
        if feature.kind != "datetime":
            for column in range(width):
                name = f"'{feature.name}'" + (f" (column {column + 1})" if width > 1 else "")
                found[name] = rows[:, start + column]
        start += width
    return found if start == rows.shape[1] else {}


def target_summaries(assembly: Assembly, values: np.ndarray, most: int, overlap: int = 1) -> Mapping[str, Summary]:
    """Of raw targets: for each class whether a row has it, or each number."""
    import numpy as np

    target = assembly.target
    chosen = np.asarray(values[spread(len(values), most)])
    independent = min(len(chosen), len(values) / overlap)
    if target.classes:
        if len(target.classes) > _MOST_CLASSES:
            return {}
        indices = assembly.task.encode(chosen, target, "index")
        marks = {f"the share of class '{name}'": indices == index for index, name in enumerate(target.classes)}
        return {name: Summary(found.astype("float32"), independent) for name, found in marks.items()}
    if target.labels or chosen.dtype.kind not in "iuf":
        return {}
    flat = chosen.reshape(len(chosen), -1)
    if flat.shape[1] > 1:
        return {"the mean of the target": Summary(flat.mean(axis=1), independent)}
    return {f"the target '{target.name}'": Summary(flat[:, 0], independent)}
