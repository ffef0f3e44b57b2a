"""The rows of tables, read in chunks."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dltrain.data.columns import Column, as_text
from dltrain.data.dates import datetime_parts, parsed
from dltrain.data.reader import Place, TableReader
from dltrain.data.source import CHUNK_ROWS, Rows, Source
from dltrain.errors import DataError
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class TableSource(Source):
    """The rows of one file or several.

    Args of the constructor: the files, how the columns are read, and which of them are features, the
    target, or extras; without targets, rows have none.
    """

    def __init__(
        self,
        readers: Sequence[TableReader],
        columns: Sequence[Column],
        *,
        features: Sequence[Feature],
        targets: Sequence[str],
        extras: Sequence[str] = (),
    ) -> None:
        self._readers = readers
        self._columns = {column.name: column for column in columns}
        self._features = features
        self._targets = targets
        self._extras = extras

    def chunks(self) -> Iterator[Rows]:
        """Features by their kind, targets as numbers or text."""
        for reader in self._readers:
            before = 0
            for batch in reader.batches(self._types(reader)):
                for offset in range(0, batch.num_rows, CHUNK_ROWS):
                    part = batch.slice(offset, CHUNK_ROWS)
                    yield self._rows(part, Place(reader.path.name, before))
                    before += part.num_rows

    def _types(self, reader: TableReader) -> "dict[str, pa.DataType]":
        """What a file is asked for."""
        import pyarrow as pa

        kinds = {"numeric": pa.float32(), "boolean": pa.bool_(), "ids": pa.int32(), "datetime": pa.timestamp("us")}
        types = {name: kinds.get(column.kind, pa.string()) for name, column in self._columns.items()}
        for name in (*self._targets, *self._extras):
            if self._columns[name].kind == "numeric":
                types[name] = pa.int64() if self._columns[name].whole else pa.float64()
        return {name: kind for name, kind in types.items() if name in reader.names}

    def _rows(self, batch: "pa.RecordBatch", place: Place) -> Rows:
        import numpy as np

        features = {
            feature.name: _feature(batch.column(feature.name), self._columns[feature.name], place)
            for feature in self._features
        }
        targets = [_target(batch.column(name), name, place) for name in self._targets]
        extras = {name: self._extra(name, batch, place) for name in self._extras}
        joined = targets[0] if len(targets) == 1 else np.stack(targets, axis=1) if targets else None
        return Rows(features, joined, extras, place.file, place.before)

    def _extra(self, name: str, batch: "pa.RecordBatch", place: Place) -> "np.ndarray":
        """A column that was asked for; NaN where a file does without it, as it may without weights."""
        import numpy as np

        if name not in batch.schema.names:
            return np.full(batch.num_rows, np.nan)
        return _extra(batch.column(name), self._columns[name], place)


def _feature(values: "pa.Array", column: Column, place: Place) -> "np.ndarray":
    """Float32 with NaN, or texts with "", where a value is missing; ids must be there."""
    import pyarrow as pa

    if column.kind == "datetime":
        dates = values if pa.types.is_timestamp(values.type) else parsed(values, column.format, column.name, place)
        return datetime_parts(dates)
    if column.kind == "ids":
        _refuse_missing(values, f"column '{column.name}'", place)
    elif pa.types.is_string(values.type):
        values = values.fill_null("")
    else:
        values = values.cast(pa.float32())
    return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _target(values: "pa.Array", name: str, place: Place) -> "np.ndarray":
    """In its own precision, or as text; a missing text is "", which only rows without labels may have."""
    import pyarrow as pa

    return _exact(values.fill_null("") if pa.types.is_string(values.type) else values, f"the target '{name}'", place)


def _exact(values: "pa.Array", what: str, place: Place) -> "np.ndarray":
    """A target or an extra in its own precision, or as text."""
    _refuse_missing(values, what, place)
    texts = as_text(values)
    if texts is None:
        return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
    labels: np.ndarray = texts.to_numpy(zero_copy_only=False).astype(str)
    return labels


def _extra(values: "pa.Array", column: Column, place: Place) -> "np.ndarray":
    """In its own precision, as text, or as datetime64[us]."""
    import pyarrow as pa

    what = f"column '{column.name}'"
    if column.kind == "datetime" and not pa.types.is_timestamp(values.type):
        _refuse_missing(values, what, place)
        values = parsed(values, column.format, column.name, place, remedy='`window: {format: "%d/%m/%Y %H:%M"}`')
    return _exact(values, what, place)


def _refuse_missing(values: "pa.Array", what: str, place: Place) -> None:
    if values.null_count:
        row = place.row(values.is_null().index(True).as_py())
        more = f" ({values.null_count} such rows near it)" if values.null_count > 1 else ""
        raise DataError(f"{row}: {what} has no value{more}; fill or drop these rows")
