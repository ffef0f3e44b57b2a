"""Rows that a program holds: columns, records, or a data frame."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.data.convert import converted, without_marks
from dltrain.data.reader import Place, TableReader
from dltrain.data.source import CHUNK_ROWS
from dltrain.errors import DataError
from dltrain.signature import Feature

if TYPE_CHECKING:
    import pyarrow as pa

ORIGIN = "rows"
"""What messages call them."""


class MemoryReader(TableReader):
    """Rows as a table.

    Args of the constructor: the rows, as `table_of` takes them, what the model takes, and the texts
    that stand for a missing value.
    """

    def __init__(self, rows: Any, features: Sequence[Feature], missing_values: Sequence[str] = ()) -> None:
        self._table = table_of(rows, features)
        super().__init__(Path(ORIGIN), self._table.column_names, missing_values)

    def head(self, names: Sequence[str]) -> "pa.Table":
        """All rows."""
        return self._table.select(list(names))

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """Pieces of the table."""
        import pyarrow as pa

        before = 0
        for batch in self._table.select(list(types)).to_batches(max_chunksize=CHUNK_ROWS):
            place = Place(ORIGIN, before)
            columns = [
                converted(without_marks(batch.column(name), self.missing_values), kind, name, place)
                for name, kind in types.items()
            ]
            yield pa.RecordBatch.from_arrays(columns, list(types))
            before += batch.num_rows


def table_of(rows: Any, features: Sequence[Feature]) -> "pa.Table":
    """Rows as an Arrow table.

    Args:
        rows: a mapping from columns to their values; a sequence of mappings, one for each row; a data
            frame of pandas, Polars or Arrow; or, for a model of one column, its values alone.
        features: what the model takes.

    Raises:
        DataError: they are nothing of this, or a column mixes values that do not go together.
    """
    import pyarrow as pa

    if hasattr(rows, "__arrow_c_stream__") or type(rows).__name__ == "DataFrame":
        return _combined(pa.table(rows))
    if isinstance(rows, Mapping):
        return pa.table({str(name): _column(str(name), values) for name, values in _equal(rows).items()})
    rows = list(rows) if hasattr(rows, "__iter__") and not isinstance(rows, str | bytes) else [None]
    if rows and all(isinstance(row, Mapping) for row in rows):
        names = dict.fromkeys(name for row in rows for name in row)
        return pa.table({str(name): _column(str(name), [row.get(name) for row in rows]) for name in names})
    if len(features) == 1 and not any(row is None or isinstance(row, Mapping) for row in rows):
        return pa.table({features[0].name: _column(features[0].name, rows)})
    raise DataError("expected rows as a mapping of columns, a list of mappings, a data frame, or the path of a file")


def _equal(columns: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The columns; refuses those of different lengths, and values that are no columns."""
    lengths = {}
    for name, values in columns.items():
        if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
            raise DataError(f"{ORIGIN}: column '{name}' is a single value; write a list of one")
        lengths[name] = len(values)
    if len(set(lengths.values())) > 1:
        (first, count), *others = lengths.items()
        name, other = next((name, found) for name, found in others if found != count)
        raise DataError(f"{ORIGIN}: column '{first}' has {count} rows and '{name}' has {other}; they must be equal")
    return columns


def _column(name: str, values: Any) -> "pa.Array":
    import pyarrow as pa

    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        reason = str(error).split("\n")[0]
        raise DataError(f"{ORIGIN}: column '{name}' holds values that do not go together: {reason}") from None


def _combined(table: "pa.Table") -> "pa.Table":
    """Without the extension types of data frames."""
    return table.combine_chunks()
