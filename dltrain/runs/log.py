"""`log.txt`: what was said about a run, with times."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dltrain.runs.files import storing


class RunLog:
    """Appends lines, each with the local time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, text: str) -> None:
        """Adds a line."""
        stamp = datetime.now().astimezone().isoformat(timespec="milliseconds")
        with storing(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {text}\n")
