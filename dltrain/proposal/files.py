"""The file or folder that `dltrain init` is given, and those that belong to it."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dltrain.data.base import format_of
from dltrain.errors import UsageError
from dltrain.spec.problems import one_of, suggestion

_TRAIN = re.compile(r"(?<![a-z])train(ing)?(?![a-z])", re.IGNORECASE)
_OTHERS = {"test": ("test",), "validation": ("validation", "valid", "val", "dev")}
TABLES = ("csv", "parquet", "json_lines")
"""The formats of tables."""
_SNIFFED = 4 << 20


def find(data: str) -> Path:
    """The file, folder or pattern as a config would find it: here, or in $DLTRAIN_DATA.

    Raises:
        UsageError: there is none.
    """
    if "://" in data or "\0" in data or not data:
        raise UsageError(f"{data or 'nothing'} is no file or folder on this machine; download the data, and name it")
    here, shared = Path(os.path.expanduser(data)), os.environ.get("DLTRAIN_DATA")
    for place in [here, *([Path(shared, data)] if shared else [])]:
        if place.is_file() or place.is_dir() or ("*" in place.name and any(place.parent.glob(place.name))):
            return place
        if place.exists():
            raise UsageError(f"{data} is no regular file; copy what it gives into a file, and name that")
    names = [child.name for child in here.parent.iterdir()] if here.parent.is_dir() else []
    text = f"no such file or folder: {data}{suggestion(here.name, names)}"
    raise UsageError(f"{text}; give a table, an .npz file, or a folder of images or texts")


def path_from(folder: Path, found: Path, data: str) -> str:
    """How a config in `folder` names what was found: relative to itself, or as $DLTRAIN_DATA has it."""
    inside_shared = not os.path.exists(os.path.expanduser(data)) and not Path(data).is_absolute()
    if inside_shared and not (folder / data).exists() and "*" not in data:
        return data
    relative = os.path.relpath(found, folder)
    return os.path.abspath(found) if relative.startswith(os.path.join("..", "..", "..")) else relative


def table_in(folder: Path) -> Path | None:
    """The one table of a folder, or its training rows; None where there are none.

    Raises:
        UsageError: there are several, and nothing says which.
    """
    with reading(folder):
        children = list(folder.iterdir())
    tables = sorted(child for child in children if child.is_file() and format_of(child.name) in TABLES)
    training = [table for table in tables if _TRAIN.search(table.stem)]
    if len(tables) > 1 and len(training) != 1:
        names = one_of([table.name for table in tables], limit=8)
        raise UsageError(f"{folder} holds several tables; give one of them: {names}")
    return next(iter(training or tables), None)


def parts_beside(table: Path) -> dict[str, Path]:
    """Tables beside one of training rows that are called alike: ``a_test.csv`` beside ``a_train.csv``."""
    if not (found := _TRAIN.search(table.name)) or "*" in table.name:
        return {}
    before, after = table.name[: found.start()], table.name[found.end() :]
    parts: dict[str, Path] = {}
    for part, words in _OTHERS.items():
        places = [table.with_name(f"{before}{_cased(word, found[0])}{after}") for word in words]
        if there := [place for place in places if place.is_file()]:
            parts[part] = there[0]
    return parts


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns an error of the file system into a line that names the file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize() if like[0].isupper() else word


def dialect(path: Path) -> Mapping[str, Any]:
    """The settings of a CSV file that are not the usual ones: `delimiter`, `encoding` and `decimal`."""
    import pyarrow as pa

    found: dict[str, Any] = {}
    try:
        with reading(path), pa.input_stream(str(path), compression="detect") as stream:
            start = stream.read(_SNIFFED)
    except pa.ArrowInvalid:
        return found
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
    except UnicodeDecodeError:
        found["encoding"], text = "latin-1", start.decode("latin-1")
    lines = text.splitlines()
    header = re.sub(r'"[^"]*"', "", lines[0] if lines else "")
    usual = "\t" if ".tsv" in path.name.lower() else ","
    mark = max((usual, ",", ";", "\t", "|"), key=header.count)
    if mark != usual:
        found["delimiter"] = mark
    if mark == ";" and _commas_are_decimal(lines[1:200]):
        found["decimal"] = ","
    return found


def _commas_are_decimal(lines: list[str]) -> bool:
    cells = [cell.strip() for line in lines for cell in line.split(";")]
    commas = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", cell)) for cell in cells)
    return commas > sum(bool(re.fullmatch(r"[+-]?\d+\.\d+", cell)) for cell in cells)
