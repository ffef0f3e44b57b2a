"""Apache Parquet."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dltrain.data.convert import converted, without_marks
from dltrain.data.reader import HEAD_BYTES, Place, TableReader
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
        return ParquetReader(path, self.missing_values)


class ParquetReader(TableReader):
    """One Parquet file."""

    def __init__(self, path: Path, missing_values: Sequence[str] = ()) -> None:
        with _reading(path):
            import pyarrow.parquet as pq

            names = pq.read_schema(path).names
        super().__init__(path, names, missing_values)

    def head(self, names: Sequence[str]) -> "pa.Table":
        """With the types of the file."""
        import pyarrow as pa

        columns: dict[str, list[pa.Array]] = {name: [] for name in names}
        size = 0
        for batch in self._read(names):
            for name in names:
                columns[name].append(without_marks(batch.column(name), self.missing_values))
            size += batch.nbytes
            if size > HEAD_BYTES:
                break
        return pa.table({name: pa.chunked_array(found or [pa.array([])]) for name, found in columns.items()})

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """One at a time; row groups are decoded on several threads."""
        import pyarrow as pa

        place = Place(self.path.name)
        for batch in self._read(list(types)):
            columns = [
                converted(without_marks(batch.column(name), self.missing_values), kind, name, place)
                for name, kind in types.items()
            ]
            yield pa.RecordBatch.from_arrays(columns, list(types))
            place = Place(place.file, place.before + batch.num_rows)

    def _read(self, names: Sequence[str]) -> "Iterator[pa.RecordBatch]":
        with _reading(self.path):
            import pyarrow.parquet as pq

            with pq.ParquetFile(self.path, memory_map=True) as file:
                yield from file.iter_batches(CHUNK_ROWS, columns=list(names))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever PyArrow says of a broken file, in one line that names it."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise DataError(f"{path}: not readable as Parquet: {reason}; check that the file is complete") from None
