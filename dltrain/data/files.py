"""Fingerprints of data, and files that must exist."""

import os
from collections.abc import Iterator, Sequence
from glob import glob
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dltrain.errors import DataError
from dltrain.spec.fields import locate
from dltrain.spec.problems import Problem, suggestion

if TYPE_CHECKING:
    import numpy as np


_MOST_NAMES = 1000
_MOST_FOLDERS = 50
_MOST_ARCHIVED, _MOST_UNPACKED = 200, 32 << 20


def fingerprint_of(*arrays: "np.ndarray") -> str:
    """SHA-256 over the types, shapes and values of arrays."""
    import hashlib

    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.kind} {array.shape}".encode())
        digest.update(array.astype(str if array.dtype.kind == "O" else array.dtype).tobytes())
    return digest.hexdigest()


def fingerprint_of_files(*paths: Path) -> str:
    """SHA-256 over the contents of files, in order."""
    import hashlib

    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def identity_of(files: Sequence[Path]) -> tuple[str, str]:
    """What messages call files, and their fingerprint."""
    return origin_of(files), fingerprint_of_files(*files)


def origin_of(files: Sequence[Path]) -> str:
    """What messages call files."""
    return ", ".join(dict.fromkeys(file.name for file in files))


def missing_file(path: str, key: str) -> list[Problem]:
    """A problem at `key` where there is no such file, else nothing."""
    if "*" in path:
        text = f"no file is called {path}; paths are relative to the config, then to $DLTRAIN_DATA"
        return [] if _matching(path) else [Problem(text, (key,), absent=True)]
    found = locate(path)
    if found.is_file():
        return []
    if found.exists():
        what = "a folder, not a file; name a file in it" if found.is_dir() else "no regular file; name one"
        return [Problem(f"{path} is {what}", (key,))]
    hint = suggestion(found.name, [name for name in _names_in(found.parent) if name.endswith(found.suffix)])
    text = f"no such file: {path}; paths are relative to the config, then to $DLTRAIN_DATA{hint}"
    return [Problem(text, (key,), absent=True)]


def _names_in(folder: Path) -> list[str]:
    """Names of files to compare a misspelt one with."""
    try:
        return [child.name for child in islice(folder.iterdir(), _MOST_NAMES) if child.is_file()]
    except OSError:
        return []


def holds_mostly(folder: Path, suffix: str) -> bool:
    """Whether at least half of the files below a folder have this suffix, as far as a short look shows."""
    names = [name for _, _, found in islice(os.walk(folder), _MOST_FOLDERS) for name in found[:_MOST_NAMES]]
    return 2 * sum(name.lower().endswith(suffix) for name in names) >= max(len(names), 1)


def archive_holds_mostly(path: Path, suffix: str) -> bool:
    """The same for an archive, of which only the beginning is looked at."""
    import tarfile
    import zipfile
    import zlib

    if not path.is_file():
        return False
    try:
        names = [name for name in islice(_archived(path), _MOST_ARCHIVED) if not name.endswith("/")]
    except (OSError, EOFError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error):
        return False
    return bool(names) and 2 * sum(name.lower().endswith(suffix) for name in names) >= len(names)


def _archived(path: Path) -> Iterator[str]:
    """The names of files in an archive, from the first on."""
    import tarfile
    import zipfile

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from archive.namelist()
        return
    with tarfile.open(path, "r|*") as members:
        for member in members:
            if member.isfile():
                yield member.name
            if member.offset_data > _MOST_UNPACKED:
                return


def existing_files(path: str) -> list[Path]:
    """The file on this machine, or with `*` in its name all files of such names, sorted.

    Raises:
        DataError: there is none.
    """
    if "*" not in path:
        return [existing(path)]
    if found := _matching(path):
        return found
    text = f"no file is called {path}; set $DLTRAIN_DATA to the folder that holds such files, or give their path"
    raise DataError(text)


def _matching(path: str) -> list[Path]:
    pattern = locate(path)
    return sorted(Path(name) for name in glob(str(pattern)) if Path(name).is_file())


def existing(path: str) -> Path:
    """The file on this machine.

    Raises:
        DataError: it is not there.
    """
    found = locate(path)
    if found.is_dir():
        raise DataError(f"{found} is a folder; name a file in it")
    if not found.is_file():
        raise DataError(f"no such file: {found}; set $DLTRAIN_DATA to the folder that holds it, or give its path")
    return found
