"""The rows of tables, read in chunks."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dltrain.data.columns import Column, as_text, datetime_parts
from dltrain.data.reader import TableReader
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
            start = 0
            for batch in reader.batches(self._types(reader)):
                for offset in range(0, batch.num_rows, CHUNK_ROWS):
                    part = batch.slice(offset, CHUNK_ROWS)
                    yield self._rows(part, reader, start)
                    start += part.num_rows

    def _types(self, reader: TableReader) -> "dict[str, pa.DataType]":
        """What the file is asked for; dates are read as they stand, and parsed here."""
        import pyarrow as pa

        types = {}
        for name, column in self._columns.items():
            if column.kind in ("numeric", "boolean"):
                exact = name in self._targets or name in self._extras
                number = (pa.int64() if column.whole else pa.float64()) if exact else pa.float32()
                types[name] = pa.bool_() if column.kind == "boolean" and reader.untyped else number
            elif column.kind == "ids":
                types[name] = pa.int32()
            elif column.kind == "datetime" and not reader.untyped:
                types[name] = pa.timestamp("us")
            else:
                types[name] = pa.string()
        return types

    def _rows(self, batch: "pa.RecordBatch", reader: TableReader, start: int) -> Rows:
        import numpy as np

        place = _Place(reader, start)
        features = {
            feature.name: self._feature(batch.column(feature.name), self._columns[feature.name], place)
            for feature in self._features
        }
        targets = [_exact(batch.column(name), f"the target '{name}'", place) for name in self._targets]
        extras = {name: _exact(batch.column(name), f"column '{name}'", place) for name in self._extras}
        joined = targets[0] if len(targets) == 1 else np.stack(targets, axis=1) if targets else None
        return Rows(features, joined, extras)

    def _feature(self, values: "pa.Array", column: Column, place: "_Place") -> "np.ndarray":
        import pyarrow as pa

        if column.kind in ("categorical", "text"):
            texts: np.ndarray = values.fill_null("").to_numpy(zero_copy_only=False)
            return texts
        if column.kind == "datetime":
            return datetime_parts(_timestamps(values, column, place))
        if column.kind == "ids":
            place.refuse_missing(values, f"column '{column.name}'")
            return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
        return values.cast(pa.float32()).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


class _Place:
    """Where the rows of a batch stand, for messages."""

    def __init__(self, reader: TableReader, start: int) -> None:
        self._name = reader.path.name
        self._start = start

    def refuse_missing(self, values: "pa.Array", what: str) -> None:
        if values.null_count:
            row = self._start + values.is_null().to_pylist().index(True) + 1
            many = f" ({values.null_count} such rows near it)" if values.null_count > 1 else ""
            raise DataError(f"{self._name}: row {row}: {what} has no value{many}; fill or drop these rows")

    def error(self, index: int, text: str) -> DataError:
        return DataError(f"{self._name}: row {self._start + index + 1}: {text}")


def _exact(values: "pa.Array", what: str, place: _Place) -> "np.ndarray":
    """A target or an extra in its own precision, or as text."""
    place.refuse_missing(values, what)
    texts = as_text(values)
    if texts is None:
        return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
    labels: np.ndarray = texts.to_numpy(zero_copy_only=False).astype(str)
    return labels


def _timestamps(values: "pa.Array", column: Column, place: _Place) -> Any:
    """Texts as timestamps."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        return values
    kind = pa.timestamp("us")
    if column.format:
        parsed = pc.strptime(values, format=column.format, unit="us", error_is_null=True)
    else:
        parsed = _iso(values, kind)
    if parsed.null_count > values.null_count:
        index = pc.and_(parsed.is_null(), values.is_valid()).to_pylist().index(True)
        wanted = column.format or "2024-12-31 or 2024-12-31 23:59:00"
        text = f"column '{column.name}' holds {values[index].as_py()[:40]!r}, which is no date like {wanted}"
        remedy = f"`dataset.features: {{{column.name}: {{datetime: {{format: ...}}}}}}`"
        raise place.error(index, f"{text}; mend it, or write {remedy}")
    return parsed


def _iso(values: "pa.Array", kind: Any) -> "pa.Array":
    """ISO 8601 dates and times, null where a text is none; a zone is dropped after conversion to UTC."""
    import pyarrow as pa

    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        found = []
        for text in values.to_pylist():
            try:
                found.append(None if text is None else pa.scalar(text).cast(kind))
            except pa.ArrowInvalid:
                found.append(None)
        return pa.array([value and value.as_py() for value in found], kind)
