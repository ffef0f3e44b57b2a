"""The headers of the arrays in an ``.npz`` archive, and the values of small ones, read without NumPy."""

import ast
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import replace
from math import isfinite, prod
from pathlib import Path
from typing import IO, Any, NamedTuple

from dltrain.errors import DataError
from dltrain.signature import SeenTarget

_MOST_HEADER_BYTES = 1 << 16
_MOST_VALUE_BYTES = 1 << 20
_CODES = {"b1": "B", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q"} | {
    "f4": "f",
    "f8": "d",
}
"""How `memoryview` calls NumPy's types."""
_NAMES = {"i": "int", "u": "uint", "f": "float"}


class Header(NamedTuple):
    """An array without its values; its attributes are NumPy's.

    Attributes:
        type: as in ``<i8``.
        shape: of the array.
        member: its file in the archive.
    """

    type: str
    shape: tuple[int, ...]
    member: str

    @property
    def kind(self) -> str:
        """NumPy's letter for the kind of the values."""
        return self.type[1:2]

    @property
    def dtype_name(self) -> str:
        """NumPy's name of the type."""
        bits = 8 * int(self.type[2:] or 0)
        return "bool" if self.kind == "b" else f"{_NAMES[self.kind]}{bits}" if self.kind in _NAMES else self.type

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of values."""
        return prod(self.shape)

    def __len__(self) -> int:
        return self.shape[0]


def read_headers(path: Path, wanted: Iterable[str]) -> dict[str, Header]:
    """The headers of the arrays of these names, in their order; none where the archive cannot be understood.

    Raises:
        DataError: the file is no archive, or an array holds Python objects.
    """
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not an .npz archive; write it with numpy.savez")
    try:
        with zipfile.ZipFile(path) as archive:
            there = set(archive.namelist())
            found = {}
            for name in wanted:
                if (member := f"{name}.npy") in there:
                    with archive.open(member) as file:
                        found[name] = _header(file, member)
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error):
        return {}
    if any(header.kind == "O" for header in found.values()):
        text = "holds Python objects, which could be code"
        raise DataError(f"{path}: {text}; write arrays of numbers or text with numpy.savez")
    return found


def _header(file: IO[bytes], member: str) -> Header:
    """Of a file in NumPy's format 1 to 3."""
    start = file.read(8)
    if start[:6] != b"\x93NUMPY":
        raise ValueError("no array")
    length = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
    if length > _MOST_HEADER_BYTES:
        raise ValueError("no header")
    found = ast.literal_eval(file.read(length).decode("utf-8" if start[6] == 3 else "latin-1"))
    kind, shape = found["descr"], found["shape"]
    if not isinstance(kind, str) or not all(isinstance(axis, int) and axis >= 0 for axis in shape):
        raise ValueError("structured")
    return Header(kind, tuple(shape), member)


def seen_in(path: Path, headers: Iterable[Header], name: str, *, are_classes: bool = False) -> SeenTarget:
    """What the targets of all parts are, with their labels where the arrays are small."""
    found = list(headers)
    kinds = {header.kind for header in found}
    shape = found[0].shape[1:]
    seen = SeenTarget(name, shape=() if shape == (1,) else shape, are_classes=are_classes)
    if len(kinds) > 1 or not kinds <= {"i", "u", "f", "U"}:
        return seen
    values = _distinct(path, found) if seen.shape == () else None
    if kinds == {"U"}:
        if values is None:
            return SeenTarget(name, shape=seen.shape)
        return SeenTarget(name, shape=(), holds="text", distinct=len(values), labels=tuple(sorted(values)))
    if values is None:
        return replace(seen, holds="whole") if kinds <= {"i", "u"} else seen
    if not values or not all(map(isfinite, values)):
        return seen
    ordered = sorted(values)
    whole = all(value == int(value) for value in ordered)
    labels = tuple(str(int(value)) for value in ordered) if whole else None
    seen = replace(seen, distinct=len(ordered), labels=labels, lowest=float(ordered[0]))
    return replace(seen, holds="whole" if whole else "real")


def _distinct(path: Path, headers: Iterable[Header]) -> set[Any] | None:
    """All different values; None where they are too many, or of another type."""
    found: set[Any] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            for header in headers:
                size = int(header.type[2:]) * (4 if header.kind == "U" else 1)
                if header.type[0] == ">" or not 0 < header.size * size <= _MOST_VALUE_BYTES:
                    return None
                with archive.open(header.member) as file:
                    _header(file, header.member)
                    data = file.read(header.size * size)
                found.update(_values(data, header, size))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return found


def _values(data: bytes, header: Header, size: int) -> Iterable[Any]:
    if header.kind == "U":
        chunks = {data[start : start + size] for start in range(0, len(data), size)}
        return {chunk.decode("utf-32-le").rstrip("\0") for chunk in chunks}
    values: Iterable[Any] = memoryview(data).cast(_CODES[header.type[1:]])  # type: ignore[call-overload]
    return values
