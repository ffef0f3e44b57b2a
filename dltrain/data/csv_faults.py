"""Where a CSV file is broken: read again slowly, only once it has failed."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.data.reader import misfit

if TYPE_CHECKING:
    import pyarrow as pa


_OTHER_FORMATS = {
    b"\xff\xfe": "is UTF-16; save it as UTF-8, or write `dataset.encoding: utf-16`",
    b"\xfe\xff": "is UTF-16; save it as UTF-8, or write `dataset.encoding: utf-16`",
    b"PK": "is no CSV, but a workbook or a .zip archive; save the table as CSV",
    b"PAR1": "is no CSV, but Parquet; write `dataset.type: parquet`, which all files must be",
    b"\x1f\x8b": "is compressed by gzip; give it a name that ends in .gz",
}
"""What is wrong with files that begin with these bytes."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written: its separator, encoding, decimal mark, and texts for missing values."""

    delimiter: str
    encoding: str
    decimal: str
    missing_values: tuple[str, ...]


def open_text(path: Path, encoding: str, errors: str = "strict") -> Any:
    """The decompressed text of a file, a byte order mark left out."""
    unmarked = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    return io.TextIOWrapper(_decompressed(path), unmarked, errors, newline="")


def _decompressed(path: Path) -> Any:
    """As PyArrow tells compression: by the name of the file."""
    if path.suffix not in (".gz", ".bz2", ".zst", ".lz4", ".br"):
        return path.open("rb")
    import pyarrow as pa

    return pa.input_stream(str(path), compression="detect")


def find_fault(path: Path, types: "Mapping[str, pa.DataType]", dialect: Dialect) -> str | None:
    """``line 17: what is wrong; what to do`` for the first fault; None where none is found."""
    csv.field_size_limit(1 << 30)
    lines = _Lines(path, dialect)
    reader = csv.reader(lines, delimiter=dialect.delimiter)
    names: list[str] = []
    try:
        for row in reader:
            lines.begin(reader.line_num)
            if row and names and (fault := _fault(row, names, types, dialect)):
                return lines.open_quote() or f"line {reader.line_num}: {fault}"
            names = names or row
    except UnicodeError as error:
        return _encoding_fault(path, dialect, error)
    except csv.Error as error:
        return f"line {reader.line_num + 1}: {error}; mend the line"
    except OSError as error:
        reason = str(error).split("\n")[0].rstrip(".")
        return f"is damaged or cut off after line {reader.line_num} ({reason}); copy it again"
    return lines.open_quote()


def find_open_quote(path: Path, dialect: Dialect) -> str | None:
    """The same for a quote that is never closed and so swallows all lines after it."""
    return find_fault(path, {}, dialect)


class _Lines:
    """The lines of a file, of which it remembers those of the latest row."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self._path = path
        self._dialect = dialect
        self._row: list[str] = []
        self._kept: list[str] = []
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        with open_text(self._path, self._dialect.encoding) as text:
            for line in text:
                self._row.append(line)
                yield line

    def begin(self, last: int) -> None:
        """Called after each row with the number of its last line."""
        self._kept, self._row = self._row, []
        self._number = last - len(self._kept) + 1

    def open_quote(self) -> str | None:
        """What is wrong where the latest row begins a quote that nothing ends."""
        if len(self._kept) < 2 or not _is_open(self._kept, self._dialect.delimiter):
            return None
        return f"line {self._number}: a quote is opened and never closed, up to the end of the file; close or remove it"


def _is_open(lines: Iterable[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _fault(row: list[str], names: list[str], types: "Mapping[str, pa.DataType]", dialect: Dialect) -> str | None:
    if len(row) != len(names):
        columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
        remedy = "mend the line, or check `dataset.delimiter` and quotes"
        return f"has {columns}, and the header has {len(names)}; {remedy}"
    for name, text in zip(names, row, strict=True):
        if name in types and text not in ("", *dialect.missing_values) and not _reads(text, types[name], dialect):
            return misfit(name, text, types[name])
    return None


def _reads(text: str, kind: Any, dialect: Dialect) -> bool:
    from dltrain.data.columns import FALSE, TRUE

    try:
        if str(kind) == "bool":
            return text in TRUE or text in FALSE
        if str(kind).startswith("int"):
            bits = int(str(kind).removeprefix("int"))
            return "_" not in text and -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1)
        if str(kind).startswith(("float", "double")):
            return "_" not in text and float(text.replace(dialect.decimal, ".")) is not None
    except ValueError:
        return False
    return True


def _encoding_fault(path: Path, dialect: Dialect, error: UnicodeError) -> str:
    import pyarrow as pa

    wrong = getattr(error, "reason", str(error))
    with pa.input_stream(str(path), compression="detect") as stream:
        start = stream.read(4)
    if other := next((text for mark, text in _OTHER_FORMATS.items() if start.startswith(mark)), None):
        return other
    with pa.input_stream(str(path), compression="detect") as stream:
        lines = enumerate(io.BufferedReader(stream), start=1)
        line = next((number for number, raw in lines if not _decodes(raw, dialect.encoding)), 0)
    place = f"line {line}: " if line else ""
    remedy = "save it as UTF-8, or write `dataset.encoding: latin-1` if that is what it is"
    return f"{place}is not {dialect.encoding.upper()} ({wrong}); {remedy}"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeError:
        return False
    return True
