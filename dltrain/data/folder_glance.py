"""A glance at folders of files: their names, but for very many, and nothing of what is in them."""

import os
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from pathlib import Path

from dltrain.data.file_tree import Contents, StoredFile, Tree, is_junk

MOST_ENTRIES = 20_000
"""Of more files and folders, whose names alone take some 30 ms to list, nothing is told."""
HEAD_BYTES = 1 << 16
"""So much of a file is read, where anything is."""
_MOST_KEPT = 50


@dataclass
class FolderGlance:
    """Lists folders as long as there are not too many files.

    Attributes:
        contents: what kind of files is wanted.
        complete: whether the trees that were given out have all files, or of large folders only some of each kind.
    """

    contents: Contents
    complete: bool = True
    _left: int = field(default_factory=lambda: MOST_ENTRIES)

    def tree(self, path: Path) -> Tree:
        """All folders, and of each folder the first files by name, of which `read` gives the first bytes.

        Raises:
            OverflowError: there are too many files, or links, which might lead back to a folder above.
            OSError: a folder cannot be listed.
        """
        files: list[str] = []
        folders: list[str] = []
        opened = [""]
        while opened:
            below = opened.pop()
            inner, names = self._entries(path / below)
            prefix = f"{below}/" if below else ""
            opened += [f"{prefix}{name}" for name in inner]
            folders += [f"{prefix}{name}" for name in inner]
            files += [f"{prefix}{name}" for name in self._first(names)]
        stored = tuple(StoredFile(name, partial(_head, path / name)) for name in sorted(files))
        return Tree(path.name, stored, frozenset(folders), self.contents)

    def _entries(self, folder: Path) -> tuple[list[str], list[str]]:
        """The names of its folders and of its files."""
        inner: list[str] = []
        names: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                self._left -= 1
                if self._left < 0 or (entry.is_symlink() and entry.is_dir()):
                    raise OverflowError
                if not is_junk(entry.name):
                    (inner if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
        return inner, names

    def _first(self, names: list[str]) -> list[str]:
        if len(names) <= _MOST_KEPT:
            return names
        self.complete = False
        wanted = [name for name in names if name.lower().endswith(self.contents.suffixes)]
        return nsmallest(_MOST_KEPT, wanted) + nsmallest(_MOST_KEPT, set(names).difference(wanted))


def _head(path: Path) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return file.read(HEAD_BYTES)
