"""Files that are either the old one or the new one, never half of it."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain import errors
from dltrain.errors import RunError
from dltrain.runs.array_file import views

if TYPE_CHECKING:
    import numpy as np

MOST_JSON_BYTES = 64 << 20
"""A vocabulary of a million words with their weights takes 50 megabytes."""
_MOST_JSON_VALUES = 4_000_000
"""Each takes up to a hundred bytes of memory, and as few as two in the file."""
MOST_ARRAY_BYTES = 1 << 29
"""The ids of 128 million rows."""
_MOST_HEADER_BYTES = 8 << 20
_HALF_CHARACTER = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
"""Of those, Python's texts can hold, and no file or terminal can; nothing that is written here has such escapes."""


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns an error of the file system into one that names the file.

    Raises:
        RunError: the disk is full, read-only or broken.
    """
    with errors.storing(f"write {path}", "choose another folder with --runs-dir"):
        yield


def write(path: Path, data: bytes) -> None:
    """Replaces a file durably: a temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storing(path):
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any) -> None:
    """Writes indented JSON; numbers keep every digit."""
    write(path, (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Reads JSON that a stranger may have written.

    Raises:
        RunError: the file is missing, broken, or larger than any that is written here.
    """
    try:
        text = read_bytes(path, MOST_JSON_BYTES).decode()
        _refuse_crowd(text)
        return json.loads(text, parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"cannot read {path}: {error}; this run directory is damaged or from another program") from None


def _refuse_crowd(text: str) -> None:
    """Refuses JSON of which the objects would take far more memory than the text, and halves of characters."""
    values = sum(map(text.count, ",[{"))
    if values > _MOST_JSON_VALUES:
        raise ValueError(f"it holds {values:,} values, and at most {_MOST_JSON_VALUES:,} are read")
    if _HALF_CHARACTER.search(text):
        raise ValueError("it holds half of a character")


def _no_number(name: str) -> Any:
    raise ValueError(f"it holds {name}, which is no number")


def read_bytes(path: Path, most: int) -> bytes:
    """All bytes of a file of a run directory: a regular file that is reached through no link.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file, or has more than `most` bytes.
    """
    if os.path.realpath(path.parent) != os.path.abspath(path.parent):
        raise ValueError(f"{path.parent.name} is a link, and what it points to is not read")
    if path.is_symlink():
        raise ValueError("it is a link, and what it points to is not read")
    # Without O_NONBLOCK, opening a FIFO would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is no regular file")
        if status.st_size > most:
            raise ValueError(f"it has {status.st_size:,} bytes, and at most {most:,} are read")
        content = file.read(status.st_size)
        while len(content) < status.st_size and (more := file.read(status.st_size - len(content))):
            content += more
        return content


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays as safetensors."""
    import numpy as np
    from safetensors.numpy import save

    write(path, save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def read_arrays(path: Path, most_bytes: int = MOST_ARRAY_BYTES) -> dict[str, np.ndarray]:
    """Reads arrays from safetensors, which cannot hold code; they cannot be written to.

    Args:
        path: the file, which a stranger may have written.
        most_bytes: that its arrays may take.

    Raises:
        RunError: the file is missing, broken, or larger.
    """
    import numpy as np

    try:
        content = read_bytes(path, most_bytes + _MOST_HEADER_BYTES)
        size = int.from_bytes(content[:8], "little")
        if size > _MOST_HEADER_BYTES:
            raise ValueError(f"its header has {size:,} bytes, and at most {_MOST_HEADER_BYTES:,} are read")
        _refuse_crowd(content[8 : 8 + size].decode())
        return views(np.frombuffer(content, np.uint8))[0]
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"cannot read {path}: {error}; this run directory is damaged") from None
