"""Files of predictions: CSV, Parquet and JSON lines."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

from dltrain.errors import RunError, UsageError
from dltrain.evaluation.predictions import Predicted
from dltrain.runs.files import sync_folder
from dltrain.spec.problems import one_of

if TYPE_CHECKING:
    import numpy as np

_GROUP_ROWS = 65_536


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
        with _storing(path):
            stream = temporary.open("wb")
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
        with _storing(path):
            temporary.replace(path)
            sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = "free space, or name" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "name"
        raise RunError(f"cannot write {path}: {reason}; {remedy} another file with -o") from None


def _formats() -> dict[str, type[PredictionFile]]:
    return {member.suffix: member for member in PredictionFile.__subclasses__()}


def csv_lines(predicted: Predicted, *, header: bool) -> str:
    """Rows as CSV with the fewest digits that keep every number exact; `header` puts the names first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(predicted)
    writer.writerows(zip(*(array.astype(str).tolist() for array in predicted.values()), strict=True))
    return text.getvalue()


def json_objects(predicted: Predicted) -> Iterator[str]:
    """Each row as a JSON object; a number that is not finite as null."""
    names = list(predicted)
    for row in zip(*(_plain(array) for array in predicted.values()), strict=True):
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)


def _plain(array: np.ndarray) -> list[Any]:
    """Python's values; 32-bit numbers by their own shortest text, not by that of the same 64-bit number."""
    values: list[Any] = (array.astype(str).astype("float64") if array.dtype.kind == "f" else array).tolist()
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
