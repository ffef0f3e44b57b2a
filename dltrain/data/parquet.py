"""Apache Parquet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dltrain.data.reader import HEAD_BYTES, TableReader
from dltrain.data.source import CHUNK_ROWS
from dltrain.data.table import TableSpec
from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


class Parquet(TableSpec):
    """A Parquet file."""

    type: Literal["parquet"] = "parquet"

    def open_table(self, path: Path) -> "ParquetReader":
        """The file, after a look at its schema."""
        return ParquetReader(path)


class ParquetReader(TableReader):
    """One Parquet file."""

    def __init__(self, path: Path) -> None:
        with _reading(path):
            import pyarrow.parquet as pq

            names = pq.read_schema(path).names
        super().__init__(path, names)

    def head(self) -> "pa.Table":
        """With the types of the file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with _reading(self.path), pq.ParquetFile(self.path) as file:
            batches, size = [], 0
            for batch in file.iter_batches(CHUNK_ROWS):
                batches.append(batch)
                size += batch.nbytes
                if size > HEAD_BYTES:
                    break
            return pa.Table.from_batches(batches, file.schema_arrow)

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """One at a time; row groups are decoded on several threads."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        start = 0
        with _reading(self.path), pq.ParquetFile(self.path, memory_map=True) as file:
            for batch in file.iter_batches(CHUNK_ROWS, columns=list(types)):
                columns = [_cast(batch.column(name), kind, name, self.path, start) for name, kind in types.items()]
                yield pa.RecordBatch.from_arrays(columns, list(types))
                start += batch.num_rows


def _cast(values: "pa.Array", kind: "pa.DataType", name: str, path: Path, start: int) -> "pa.Array":
    import pyarrow as pa

    if values.type == kind:
        return values
    try:
        return values.cast(kind, safe=not pa.types.is_floating(kind))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        reason = str(error).split("\n")[0]
        place = f"{path.name}: rows {start + 1} to {start + len(values)}"
        raise DataError(f"{place}: column '{name}' holds {values.type}, not {kind}: {reason}") from None


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever PyArrow says of a broken file, in one line that names it."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise DataError(f"{path}: not readable as Parquet: {reason}; check that the file is complete") from None
