"""JSON lines: an object for each row."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dltrain.data.convert import converted, without_marks
from dltrain.data.json_faults import find_fault
from dltrain.data.reader import HEAD_BYTES, Place, TableReader
from dltrain.data.table import TableSpec
from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 8 << 20


class JsonLines(TableSpec):
    """A file with a JSON object in each line, its keys being the columns; compressed as a CSV file may be.

    A key that an object lacks, or that is null, is a missing value. A key that only later objects have
    than the first 32 megabytes is left out.
    """

    type: Literal["json_lines"] = "json_lines"

    def open_table(self, path: Path) -> "JsonLinesReader":
        """The file, after a look at its first rows."""
        return JsonLinesReader(path, self.missing_values)


class JsonLinesReader(TableReader):
    """One file of JSON lines."""

    def __init__(self, path: Path, missing_values: Sequence[str] = ()) -> None:
        if not path.stat().st_size:
            raise DataError(f"{path}: is empty; it needs a JSON object in each line")
        self.path = path
        self._types = {field.name: _untimed(field.type) for field in self._first().schema}
        super().__init__(path, list(self._types), missing_values)

    def head(self, names: Sequence[str]) -> "pa.Table":
        """With the types that JSON knows; texts that look like times are texts."""
        import pyarrow as pa

        first = self._first(names)
        return pa.table({name: pa.chunked_array([without_marks(first[name], self.missing_values)]) for name in names})

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """Blocks of some megabytes, decoded on several threads."""
        import pyarrow as pa

        schema = {name: self._parsed(name, kind) for name, kind in types.items()}
        place = Place(self.path.name)
        for batch in self._read(schema, _BLOCK_BYTES):
            columns = [
                converted(without_marks(batch.column(name), self.missing_values), kind, name, place)
                for name, kind in types.items()
            ]
            yield pa.RecordBatch.from_arrays(columns, list(types))
            place = Place(place.file, place.before + batch.num_rows)

    def _parsed(self, name: str, kind: "pa.DataType") -> "pa.DataType":
        """What the parser is told: it takes a number, text or truth value only as such."""
        import pyarrow as pa

        seen = self._types[name]
        if pa.types.is_null(seen):
            return pa.string() if pa.types.is_timestamp(kind) else kind
        number = pa.types.is_integer(seen) or pa.types.is_floating(seen)
        if number and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            return kind
        return pa.float64() if number and pa.types.is_boolean(kind) else seen

    def _first(self, names: Sequence[str] | None = None) -> "pa.RecordBatch":
        """The first rows, of all columns or of some."""
        schema = None if names is None else {name: self._types[name] for name in names}
        return next(self._read(schema, HEAD_BYTES))

    def _read(self, schema: "dict[str, pa.DataType] | None", size: int) -> "Iterator[pa.RecordBatch]":
        """Blocks of `size` bytes; without `schema` all columns as they are seen."""
        import pyarrow as pa
        import pyarrow.json as pajson

        options = pajson.ParseOptions()
        if schema is not None:
            options = pajson.ParseOptions(
                explicit_schema=pa.schema(list(schema.items())), unexpected_field_behavior="ignore"
            )
        with self._reading(schema or {}), pa.input_stream(str(self.path), compression="detect") as stream:
            yield from pajson.open_json(stream, pajson.ReadOptions(block_size=size), options)

    @contextmanager
    def _reading(self, schema: "Mapping[str, pa.DataType]") -> Iterator[None]:
        """Whatever PyArrow says of a broken file, in one line that names file and line."""
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            found = find_fault(self.path, schema)
            # Arrow counts rows from the start of a block, not of the file.
            reason = str(error).split("\n")[0].partition(" in row ")[0].rstrip(".")
            raise DataError(f"{self.path}: {found or f'not readable as JSON lines: {reason}'}") from None


def _untimed(kind: "pa.DataType") -> "pa.DataType":
    """PyArrow takes a text for a time where it looks like one."""
    import pyarrow as pa

    return pa.string() if pa.types.is_timestamp(kind) else kind
