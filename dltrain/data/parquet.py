"""Apache Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dltrain.data.table import TableSpec
from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


class Parquet(TableSpec):
    """A Parquet file."""

    type: Literal["parquet"] = "parquet"

    def read(self, path: Path) -> "pa.Table":
        """All columns."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(path)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            reason = str(error).split("\n")[0].rstrip(".")
            raise DataError(f"{path}: not readable as Parquet: {reason}; check that the file is complete") from None
