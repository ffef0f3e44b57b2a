"""`dltrain predict`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dltrain.cli.console import emit, print_json, say
from dltrain.cli.progress import observer
from dltrain.errors import DataError, RunError, UsageError
from dltrain.runs.directory import RunDirectory, find
from dltrain.training.observer import Observer

if TYPE_CHECKING:
    from dltrain.evaluation.predictions import Predicted

_SNIFFED_BYTES = 65_536
_MARKS = {b"PAR1": ".parquet", b"PK": ".npz", b"\x93NUMPY": ".npy", b"\x89PNG": ".png", b"\xff\xd8": ".jpg"}
"""What files of these formats begin with."""


@dataclass(frozen=True)
class Destination:
    """Where predictions go.

    Attributes:
        file: that is written; None for stdout.
        overwrite: whether it may exist.
        json: whether stdout gets one JSON object.
    """

    file: Path | None
    overwrite: bool
    json: bool


def predict_rows(run: Path, data: str, to: Destination) -> None:
    """Predicts the rows of a file, or of stdin where `data` is ``-``."""
    from dltrain.evaluation.writing import check_output
    from dltrain.scoring import predict

    directory = find(run)
    if to.file is not None:
        check_output(to.file, overwrite=to.overwrite)
    listener = observer(quiet=to.json)
    try:
        with _file(data, directory, listener) as path:
            listener.phase(f"opening {directory}")
            tables = predict(directory, path)
            if to.file is not None:
                _write(directory, tables, to, listener)
            else:
                (_show_json if to.json else _show)(directory, tables, listener)
    finally:
        listener.close()


def _write(run: RunDirectory, tables: Iterator[Predicted], to: Destination, listener: Observer) -> None:
    from dltrain.evaluation.writing import prediction_file

    assert to.file is not None
    count = 0
    with prediction_file(to.file) as write:
        for table in tables:
            write(table)
            count += _rows(table)
            listener.phase(f"{count:,} rows predicted")
    listener.close()
    if to.json:
        print_json({"run": str(run), "rows": count, "output": str(to.file)})
    else:
        say(f"{count:,} rows are in {to.file}")


def _show(_: RunDirectory, tables: Iterator[Predicted], listener: Observer) -> None:
    from dltrain.evaluation.writing import csv_lines

    first = True
    for table in tables:
        listener.close()
        if not emit(csv_lines(table, header=first)):
            return
        first = False


def _show_json(run: RunDirectory, tables: Iterator[Predicted], listener: Observer) -> None:
    """One object, written as the rows are predicted."""
    from dltrain.evaluation.writing import json_objects

    count = 0
    for table in tables:
        listener.close()
        begun = ", " if count else f'{{"run": {json.dumps(str(run))}, "predictions": ['
        if not emit(begun + ", ".join(json_objects(table))):
            return
        count += _rows(table)
    emit(f'], "rows": {count}}}\n')


def _rows(table: Predicted) -> int:
    return len(next(iter(table.values())))


@contextmanager
def _file(data: str, run: RunDirectory, listener: Observer) -> Iterator[Path]:
    """The file; rows from stdin are copied to one, since its first rows are read twice."""
    if data != "-":
        yield Path(data)
        return
    from dltrain.opening import open_assembly

    plain_suffix = open_assembly(run).experiment.dataset.plain_suffix
    listener.phase("reading stdin")
    with tempfile.TemporaryDirectory(prefix="dltrain-") as folder:
        try:
            yield _copied(Path(folder), plain_suffix)
        except (DataError, UsageError) as error:
            raise type(error)(str(error).replace(f"{folder}/", "").replace(folder, "stdin")) from None


def _copied(folder: Path, plain_suffix: str) -> Path:
    """Stdin as a file whose suffix says the format that its first bytes show."""
    start = sys.stdin.buffer.read(_SNIFFED_BYTES)
    if not start:
        raise DataError("stdin is empty; it needs rows, as CSV with a header or as JSON lines")
    path = folder / f"stdin{_suffix(start, plain_suffix)}"
    try:
        with path.open("wb") as file:
            file.write(start)
            shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        raise RunError(f"cannot keep stdin in {folder}: {(error.strerror or str(error)).lower()}") from None
    return path


def _suffix(start: bytes, plain: str) -> str:
    for mark, suffix in _MARKS.items():
        if start.startswith(mark):
            return suffix
    if plain != ".csv":
        return plain
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return ".jsonl"
    header = text.split(b"\n", 1)[0]
    return ".tsv" if b"\t" in header and b"," not in header else ".csv"
