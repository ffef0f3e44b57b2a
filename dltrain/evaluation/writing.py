"""Files of predictions: CSV, Parquet and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

from dltrain.errors import UsageError, storing
from dltrain.evaluation.predictions import Predicted
from dltrain.runs.files import sync_folder
from dltrain.spec.problems import one_of

if TYPE_CHECKING:
    import numpy as np

_GROUP_ROWS = 65_536
_FORMULA = re.compile(r"[\t\r\n ]*[=+\-@].*[(|!]", re.DOTALL)
"""Only one that calls, or reaches out of its sheet, can do harm; others, such as the class +, stay as they are."""


class PredictionFile(ABC):
    """A file that tables of predictions are written to, one after the other.

    Attributes:
        suffix: of the names of such files.
    """

    suffix: ClassVar[str]

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._began = False

    @abstractmethod
    def write(self, predicted: Predicted) -> None:
        """Adds rows; the columns are the same each time."""

    def close(self) -> None:  # noqa: B027 (most formats hold nothing back)
        """Writes what is still held."""


class CsvFile(PredictionFile):
    """A line of names, then one for each row."""

    suffix = ".csv"

    def write(self, predicted: Predicted) -> None:
        """Lines."""
        self._file.write(csv_lines(predicted, header=not self._began).encode())
        self._began = True


class JsonLinesFile(PredictionFile):
    """A JSON object a line for each row."""

    suffix = ".jsonl"

    def write(self, predicted: Predicted) -> None:
        """Lines."""
        self._file.write("".join(f"{text}\n" for text in json_objects(predicted)).encode())


class ParquetFile(PredictionFile):
    """Apache Parquet, in groups of some ten thousand rows."""

    suffix = ".parquet"

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._writer: Any = None
        self._held: list[Any] = []

    def write(self, predicted: Predicted) -> None:
        """Holds the rows until they make a group."""
        import pyarrow as pa

        self._held.append(pa.table(predicted))
        if sum(table.num_rows for table in self._held) >= _GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Writes the last group and the footer."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._held:
            table = pa.concat_tables(self._held)
            self._writer = self._writer or pq.ParquetWriter(self._file, table.schema)
            self._writer.write_table(table)
            self._held.clear()


def check_output(path: Path, *, overwrite: bool) -> None:
    """Finds out whether predictions can be written to a file before any are made.

    Raises:
        UsageError: the format is not known, the file exists, or its folder does not.
    """
    if path.suffix.lower() not in _formats():
        text = f"the format of '{path}' is not known; call the file {one_of(f'*{suffix}' for suffix in _formats())}"
        raise UsageError(text)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; name another file, or write --overwrite to replace it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for {path.name}; make it first")


@contextmanager
def prediction_file(path: Path) -> Iterator[Callable[[Predicted], None]]:
    """What adds tables to a file, which appears under its name when all are written, and not at all otherwise.

    Raises:
        RunError: the disk is full or read-only.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        nameless = _nameless(path.parent)
        with _storing(path):
            stream = nameless or temporary.open("wb")
        with stream:
            file = _formats()[path.suffix.lower()](stream)

            def write(predicted: Predicted) -> None:
                with _storing(path):
                    file.write(predicted)

            yield write
            with _storing(path):
                file.close()
                stream.flush()
                os.fsync(stream.fileno())
                if nameless:
                    _give_name(stream, temporary)
        with _storing(path):
            temporary.replace(path)
            sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _storing(path: Path) -> AbstractContextManager[None]:
    return storing(f"write {path}", "name another file with -o")


def _nameless(folder: Path) -> IO[bytes] | None:
    """A file that vanishes with this process unless it gets a name; None where the system has no such files."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return open(os.open(folder, flag | os.O_WRONLY, 0o666), "wb")
    except OSError:
        return None


def _give_name(stream: IO[bytes], path: Path) -> None:
    """Lets a nameless file appear."""
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # With a folder, Python follows the link to the open file, as it must.
        os.link(f"/proc/self/fd/{stream.fileno()}", path.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _formats() -> dict[str, type[PredictionFile]]:
    return {member.suffix: member for member in PredictionFile.__subclasses__()}


def csv_lines(predicted: Predicted, *, header: bool) -> str:
    """Rows as CSV with the fewest digits that keep every number exact; `header` puts the names first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(predicted)
    writer.writerows(zip(*map(_cells, predicted.values()), strict=True))
    return text.getvalue()


def _cells(array: np.ndarray) -> list[str]:
    """As text; what a spreadsheet would run as a formula, such as the name of a class, gets a ' before it."""
    cells: list[str] = array.astype(str).tolist()
    if array.dtype.kind not in "OUS":
        return cells
    return [f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells]


def json_objects(predicted: Predicted) -> Iterator[str]:
    """Each row as a JSON object; a number that is not finite as null."""
    names = list(predicted)
    for row in zip(*(_plain(array) for array in predicted.values()), strict=True):
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)


def _plain(array: np.ndarray) -> list[Any]:
    """Python's values; 32-bit numbers by their own shortest text, not by that of the same 64-bit number."""
    values: list[Any] = (array.astype(str).astype("float64") if array.dtype.kind == "f" else array).tolist()
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
