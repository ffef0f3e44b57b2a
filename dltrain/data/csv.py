"""Text with separators."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.data.columns import FALSE, TRUE
from dltrain.data.csv_faults import Dialect, find_fault, find_open_quote, open_text
from dltrain.data.first_rows import FirstRows
from dltrain.data.reader import HEAD_BYTES, TableReader
from dltrain.data.table import TableSpec
from dltrain.errors import DataError
from dltrain.spec.problems import SpecError

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 2 << 20
"""PyArrow reads some thirty blocks ahead, so that larger ones take hundreds of megabytes."""

_FIRST_CHARACTERS = 1 << 16

_ROWS_TOGETHER, _BYTES_TOGETHER = 1 << 14, 1 << 25


def _separating(mark: str) -> str:
    """Refuses what cannot separate columns."""
    if len(mark) != 1 or not mark.isascii() or mark.isalnum() or mark in '"\r\n\0':
        text = f"expected one character such as ; or |, and no letter, digit or quote; got {mark!r}"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return mark


class Csv(TableSpec):
    """Text with a header line and separators; compressed with gzip, bzip2 or zstd where the name ends so.

    Attributes:
        delimiter: what separates columns, one character; by default a comma, in a .tsv a tab.
        encoding: of the text, such as ``latin-1``.
        decimal: the decimal mark.
    """

    type: Literal["csv"] = "csv"
    delimiter: Annotated[str, AfterValidator(_separating)] | None = None
    encoding: Annotated[str, Field(max_length=40)] = "utf-8"
    decimal: Literal[".", ","] = "."

    def open_table(self, path: Path) -> "CsvReader":
        """The file, after a look at its header."""
        tabbed = any(suffix.lower() == ".tsv" for suffix in path.suffixes)
        delimiter = self.delimiter or ("\t" if tabbed else ",")
        if delimiter == self.decimal:
            text = f"'{delimiter}' separates columns too; write `delimiter:` with what separates them, such as ';'"
            raise SpecError.at("dataset.decimal", text)
        return CsvReader(path, Dialect(delimiter, self.encoding, self.decimal, self.missing_values))

    @property
    def decimal_mark(self) -> str:
        """As `decimal` says."""
        return self.decimal


class CsvReader(TableReader):
    """One CSV file."""

    untyped = True

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.dialect = dialect
        super().__init__(path, _header(path, dialect), dialect.missing_values)

    def first_rows(self, names: Sequence[str]) -> FirstRows | None:
        """Those of the first 64 kilobytes, read by Python; None where they cannot be told apart."""
        import csv
        import io

        with open_text(self.path, self.dialect.encoding, errors="replace") as text:
            start = text.read(_FIRST_CHARACTERS + 1)
        are_all = len(start) <= _FIRST_CHARACTERS
        try:
            rows = [row for row in csv.reader(io.StringIO(start, ""), delimiter=self.dialect.delimiter) if row]
        except csv.Error:
            return None
        rows = rows[1:] if are_all else rows[1:-1]
        if any(len(row) != len(self.names) for row in rows) or (are_all and start.count('"') % 2):
            if fault := find_fault(self.path, {}, self.dialect):
                raise DataError(f"{self.path}: {fault}")
            return None
        columns = dict(zip(self.names, zip(*rows, strict=True), strict=True)) if rows else {}
        missing = {"", *self.missing_values}
        values = {name: [None if text in missing else text for text in columns.get(name, ())] for name in names}
        return FirstRows(values, are_all, True, self.dialect.decimal, len(rows) if are_all else None)

    def head(self, names: Sequence[str]) -> "pa.Table":
        """Texts."""
        import pyarrow as pa

        batches, size = [], 0
        for batch in self.batches(dict.fromkeys(names, pa.string())):
            batches.append(batch)
            size += batch.nbytes
            if size > HEAD_BYTES:
                break
        return pa.Table.from_batches(batches, pa.schema([(name, pa.string()) for name in names]))

    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """Blocks of some megabytes, decoded on several threads."""
        import pyarrow as pa
        import pyarrow.csv as pacsv

        # Dates are parsed by whoever knows their format.
        asked = {name: pa.string() if pa.types.is_timestamp(kind) else kind for name, kind in types.items()}
        parsing = pacsv.ParseOptions(delimiter=self.dialect.delimiter, newlines_in_values=True)
        reading = pacsv.ReadOptions(encoding=self.dialect.encoding, block_size=_BLOCK_BYTES)
        try:
            with pa.input_stream(str(self.path), compression="detect") as stream:
                counted = _CountingQuotes(stream)
                blocks = pacsv.open_csv(pa.PythonFile(counted, "r"), reading, parsing, self._conversion(asked))
                yield from _together(blocks)
        except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, UnicodeError) as error:
            found = find_fault(self.path, asked, self.dialect)
            straddling = f"a row is longer than {_BLOCK_BYTES:,} bytes"
            reason = straddling if "straddl" in str(error) else str(error).split("\n")[0]
            text = found or f"not readable as CSV: {reason}; check `dataset.delimiter` and quotes"
            raise DataError(f"{self.path}: {text}") from None
        if counted.quotes % 2 and (fault := find_open_quote(self.path, self.dialect)):
            raise DataError(f"{self.path}: {fault}")

    def _conversion(self, types: "Mapping[str, pa.DataType]") -> Any:
        import pyarrow.csv as pacsv

        return pacsv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=["", *self.missing_values],
            strings_can_be_null=True,
            true_values=list(TRUE),
            false_values=list(FALSE),
            decimal_point=self.dialect.decimal,
        )


class _CountingQuotes(io.RawIOBase):
    """Passes bytes on and counts the quotes among them: an odd number may be one that swallows the rest of the file."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.quotes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._stream.read(None if size < 0 else size)
        self.quotes += block.count(b'"')
        return block


def _together(blocks: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Neighbouring blocks as one: each chunk of rows costs some work for every column."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    for block in blocks:
        held.append(block)
        if (
            sum(part.num_rows for part in held) >= _ROWS_TOGETHER
            or sum(part.nbytes for part in held) >= _BYTES_TOGETHER
        ):
            yield pa.concat_batches(held)
            held.clear()
    if held:
        yield pa.concat_batches(held)


def _header(path: Path, dialect: Dialect) -> list[str]:
    """The names of the columns."""
    import csv

    if not path.stat().st_size:
        raise DataError(f"{path}: is empty; it needs a line of column names, and rows")
    try:
        # What lies behind the header is decoded with it, and may be in a column that is left out.
        with open_text(path, dialect.encoding, errors="replace") as text:
            names = next((row for row in csv.reader(text, delimiter=dialect.delimiter) if row), [])
    except (OSError, UnicodeError, csv.Error):
        names = []
    except (LookupError, ValueError):
        raise DataError(f"{path}: there is no encoding {dialect.encoding!r}; write e.g. latin-1") from None
    if not names or any("\ufffd" in name for name in names):
        raise DataError(f"{path}: {find_fault(path, {}, dialect) or 'has no line of column names'}")
    _check_names(names, path)
    return names


def _check_names(names: Sequence[str], path: Path) -> None:
    """Refuses a first line that is a row of numbers; 0, 1, 2 ... may be names."""
    numbers = [name for name in names if name and set(name.strip()) <= set("0123456789.+-eE")]
    unlikely = len(set(names)) < len(names) or any("." in name for name in numbers)
    if len(numbers) == len(names) and unlikely:
        shown = ", ".join(names[:4]) + ", ..." * (len(names) > 4)
        raise DataError(f"{path}: line 1: holds numbers ({shown}) and no column names; put a line of names above it")
