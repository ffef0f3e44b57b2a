"""Text that remembers where it was written."""

from __future__ import annotations

from pathlib import Path as FilePath


class Text(str):
    """A string from a config, which remembers the folder that paths in it are relative to."""

    __slots__ = ("folder",)
    folder: FilePath

    @classmethod
    def of(cls, text: str, folder: FilePath) -> Text:
        """Text written in a file of `folder`."""
        made = cls(text)
        made.folder = folder
        return made
