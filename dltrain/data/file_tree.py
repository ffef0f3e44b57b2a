"""The files in a folder or in an archive, which is read where it lies and never unpacked."""

import os
import posixpath
import stat
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from dltrain.errors import DataError

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")
"""What the name of an archive ends with."""
MOST_BYTES = 256 << 20
"""A larger file is no photo and no text to learn from."""
_JUNK = ("thumbs.db", "desktop.ini", "__macosx", "icon\r")
"""What file managers leave behind, and everything whose name begins with a dot."""
_IN_MEMORY = 256 << 20
"""Of a compressed archive, what is more goes to a temporary file that has no name."""


@dataclass(frozen=True, slots=True)  # of which there may be millions
class StoredFile:
    """A file in a folder or an archive.

    Attributes:
        name: its path there, with slashes.
        read: gives all its bytes; raises OSError or ValueError where it cannot.
    """

    name: str
    read: Callable[[], bytes]

    @classmethod
    def at(cls, path: str | Path, name: str = "") -> "StoredFile":
        """A file on this machine, by its own name unless it gets another."""
        return cls(name or os.path.basename(path), partial(_read, os.fspath(path)))


@dataclass(frozen=True)
class Contents:
    """What kind of files is wanted.

    Attributes:
        noun: what messages call one.
        suffixes: what their names end with.
    """

    noun: str
    suffixes: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """Files and folders.

    Attributes:
        origin: what messages call it.
        files: all files but junk, in the order of their names.
        folders: the paths of all folders, also of empty ones.
        contents: what kind of files is wanted.
    """

    origin: str
    files: tuple[StoredFile, ...]
    folders: frozenset[str]
    contents: Contents

    @property
    def top(self) -> list[str]:
        """The names of the folders that lie in no other, sorted."""
        return sorted({folder.partition("/")[0] for folder in self.folders})

    def below(self, folder: str) -> "Tree":
        """What lies in one of the folders, by shorter paths."""
        prefix = f"{folder}/"
        files = [StoredFile(cut, file.read) for file in self.files if (cut := _without(file.name, prefix))]
        return Tree(
            f"{self.origin}/{folder}",
            tuple(files),
            frozenset(cut for name in self.folders if (cut := _without(name, prefix))),
            self.contents,
        )


def open_tree(path: Path, contents: Contents) -> Tree:
    """The files of a folder or an archive.

    Args:
        path: of it.
        contents: what kind of files is wanted.

    Raises:
        DataError: there is neither, or the archive is damaged.
    """
    if path.is_dir():
        return _folder(path, contents)
    if not path.is_file():
        raise DataError(f"no such folder or archive: {path}; set $DLTRAIN_DATA to what holds it, or give its path")
    try:
        files, folders = _zipped(path) if zipfile.is_zipfile(path) else _tarred(path, contents.suffixes)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read as an archive: {error}; check that it is complete") from None
    folders |= {parent for name in files for parent in _parents(name)}
    listed = tuple(StoredFile(name, files[name]) for name in sorted(files) if not is_junk(name))
    return Tree(path.name, listed, frozenset(name for name in folders if not is_junk(name)), contents)


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive."""
    return name.lower().endswith(ARCHIVES)


def _read(path: str) -> bytes:
    # Without O_NONBLOCK, opening a FIFO would wait for a writer.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        # Room for the most would be asked for, and given back, with every file.
        data = os.read(file, wanted := min(status.st_size, MOST_BYTES) + 1)
        while len(data) < wanted and (more := os.read(file, wanted - len(data))):
            data += more
        return data
    finally:
        os.close(file)


def _without(name: str, prefix: str) -> str:
    return name[len(prefix) :] if name.startswith(prefix) else ""


def _parents(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name


def is_junk(name: str) -> bool:
    """Whether a path is that of a file that nobody means, or below such a folder."""
    return any(part.startswith(".") or part.lower() in _JUNK for part in name.split("/"))


def _folder(path: Path, contents: Contents) -> Tree:
    files: dict[str, str] = {}
    folders: set[str] = set()
    seen: set[str] = set()
    for folder, inner, names in os.walk(path, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:  # a link back to a folder above
            inner.clear()
            continue
        seen.add(real)
        inner[:] = [name for name in inner if not is_junk(name)]
        below = Path(folder).relative_to(path).as_posix()
        place = "" if below == "." else f"{below}/"
        folders.update(f"{place}{name}" for name in inner)
        files.update({f"{place}{name}": os.path.join(folder, name) for name in names if not is_junk(name)})
    listed = tuple(StoredFile.at(files[name], name) for name in sorted(files))
    return Tree(path.name, listed, frozenset(folders), contents)


Members = tuple[dict[str, Callable[[], bytes]], set[str]]


def _zipped(path: Path) -> Members:
    archive, lock = zipfile.ZipFile(path), threading.Lock()

    def read(member: zipfile.ZipInfo) -> bytes:
        try:
            with lock, archive.open(member) as file:
                return file.read(MOST_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise ValueError(str(error)) from None

    members = {posixpath.normpath(member.filename).lstrip("/"): member for member in archive.infolist()}
    files = {name: partial(read, member) for name, member in members.items() if not member.is_dir()}
    return dict(files), {name for name, member in members.items() if member.is_dir()}


def _tarred(path: Path, suffixes: tuple[str, ...]) -> Members:
    """Reads the archive once. Of a compressed one, which cannot be entered in the middle, keeps what is wanted."""
    import tempfile

    plain = not _is_compressed(path)
    # Not closed here: the members are read when they are asked for.
    store: IO[bytes] = path.open("rb") if plain else tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    read = partial(_stored, store, threading.Lock())
    files: dict[str, Callable[[], bytes]] = {}
    folders: set[str] = set()
    with tarfile.open(path, "r:" if plain else "r|*") as archive:
        for member in archive:
            name = posixpath.normpath(member.name).lstrip("/")
            if member.isdir():
                folders.add(name)
            elif not member.isreg() or member.issparse() or not name.lower().endswith(suffixes):
                files[name] = _no_file
            elif plain:
                files[name] = partial(read, member.offset_data, min(member.size, MOST_BYTES + 1))
            else:
                files[name] = partial(read, store.tell(), _copied(archive.extractfile(member), store))
    return files, folders


def _is_compressed(path: Path) -> bool:
    try:
        with tarfile.open(path, "r:"):
            return False
    except tarfile.ReadError:
        return True


def _stored(store: IO[bytes], lock: threading.Lock, start: int, size: int) -> bytes:
    """Some bytes of a file that several threads read; it is closed when nothing refers to it."""
    with lock:
        store.seek(start)
        return store.read(size)


def _copied(member: Any, store: IO[bytes]) -> int:
    """The number of bytes of a member that were kept, at most one more than a photo may have."""
    size = 0
    while size <= MOST_BYTES and (block := member.read(min(1 << 20, MOST_BYTES + 1 - size))):
        size += store.write(block)
    return size


def _no_file() -> bytes:
    raise OSError("it is a link or a device in the archive")
