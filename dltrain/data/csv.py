"""Comma-separated text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dltrain.data.table import TableSpec
from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


class Csv(TableSpec):
    """A CSV file with a header line.

    Attributes:
        delimiter: what separates columns, one character.
    """

    type: Literal["csv"] = "csv"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","

    def read(self, path: Path) -> "pa.Table":
        """All columns, with the types that all their values have."""
        import pyarrow as pa
        import pyarrow.csv as pacsv

        if not path.stat().st_size:
            raise DataError(f"{path}: is empty; it needs a line of column names, and rows")
        try:
            return pacsv.read_csv(path, parse_options=pacsv.ParseOptions(delimiter=self.delimiter))
        except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
            reason = str(error).split("\n")[0]
            raise DataError(f"{path}: not readable as CSV: {reason}; check `delimiter`, quotes and UTF-8") from None
