"""Text with separators."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dltrain.data.columns import FALSE, TRUE
from dltrain.data.reader import HEAD_BYTES, TableReader
from dltrain.data.table import TableSpec
from dltrain.errors import DataError
from dltrain.spec import fields

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 8 << 20


class Csv(TableSpec):
    """Text with a header line and separators; compressed with gzip, bzip2 or zstd where the name ends so.

    Attributes:
        delimiter: what separates columns, one character; by default a comma, in a .tsv a tab.
        encoding: of the text, such as ``latin-1``.
        decimal: the decimal mark.
        missing_values: texts that stand for a missing value, besides the empty one.
    """

    type: Literal["csv"] = "csv"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Annotated[str, Field(max_length=40)] = "utf-8"
    decimal: Literal[".", ","] = "."
    missing_values: Annotated[tuple[str, ...], fields.Sequence, Field(max_length=100)] = ()

    def open_table(self, path: Path) -> "CsvReader":
        """The file, after a look at its header."""
        return CsvReader(path, self)

    @property
    def decimal_mark(self) -> str:
        """As `decimal` says."""
        return self.decimal


class CsvReader(TableReader):
    """One CSV file."""

    untyped = True

    def __init__(self, path: Path, settings: Csv) -> None:
        self._settings = settings
        tabbed = any(suffix.lower() == ".tsv" for suffix in path.suffixes)
        self.delimiter = settings.delimiter or ("\t" if tabbed else ",")
        super().__init__(path, self._header(path))

    def head(self) -> "pa.Table":
        """Texts."""
        import pyarrow as pa

        batches, size = [], 0
        for batch in self.batches(dict.fromkeys(self.names, pa.string())):
            batches.append(batch)
            size += batch.nbytes
            if size > HEAD_BYTES:
                break
        return (
            pa.Table.from_batches(batches)
            if batches
            else pa.table({name: pa.array([], "string") for name in self.names})
        )

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """Blocks of some megabytes, decoded on several threads."""
        import pyarrow as pa
        import pyarrow.csv as pacsv

        settings = self._settings
        try:
            with pa.input_stream(str(self.path), compression="detect") as stream:
                yield from pacsv.open_csv(
                    stream,
                    pacsv.ReadOptions(encoding=settings.encoding, block_size=_BLOCK_BYTES),
                    pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                    pacsv.ConvertOptions(
                        column_types=dict(types),
                        include_columns=list(types),
                        null_values=["", *settings.missing_values],
                        strings_can_be_null=True,
                        true_values=list(TRUE),
                        false_values=list(FALSE),
                        decimal_point=settings.decimal,
                    ),
                )
        except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, UnicodeError) as error:
            raise self._located(types, error) from None

    def _located(self, types: "Mapping[str, pa.DataType]", error: Exception) -> DataError:
        from dltrain.data.csv_faults import find_fault

        found = find_fault(self.path, types, self._settings, self.delimiter)
        reason = str(error).split("\n")[0]
        return DataError(f"{self.path}: {found or f'not readable as CSV: {reason}; check `delimiter` and quotes'}")

    def _header(self, path: Path) -> list[str]:
        import csv

        if not path.stat().st_size:
            raise DataError(f"{path}: is empty; it needs a line of column names, and rows")
        try:
            with open_text(path, self._settings.encoding) as text:
                return next(csv.reader(text, delimiter=self.delimiter), [])
        except LookupError:
            raise DataError(f"{path}: there is no encoding '{self._settings.encoding}'; write e.g. latin-1") from None
        except UnicodeError:
            from dltrain.data.csv_faults import find_fault

            raise DataError(f"{path}: {find_fault(path, {}, self._settings, self.delimiter)}") from None
        except (OSError, csv.Error) as error:
            raise DataError(f"{path}: not readable as CSV: {error}; check that the file is complete") from None


def open_text(path: Path, encoding: str) -> Any:
    """The decompressed text of a file, a byte order mark left out."""
    import io

    import pyarrow as pa

    stream = pa.input_stream(str(path), compression="detect")
    return io.TextIOWrapper(stream, "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, newline="")
