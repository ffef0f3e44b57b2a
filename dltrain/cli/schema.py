"""`dltrain schema`."""

from __future__ import annotations

import json
from pathlib import Path

from dltrain.cli.console import emit, say
from dltrain.errors import UsageError
from dltrain.schema import TITLE, as_text, json_schema


def write_schema(output: Path | None) -> None:
    """Prints the schema, or writes it to a file.

    Raises:
        UsageError: the file holds something else, or cannot be written.
    """
    if output is None:
        emit(as_text(json_schema()))
        return
    try:
        if output.exists() and not _is_schema(output):
            raise UsageError(f"{output} holds something else; name another file")
        output.write_text(as_text(json_schema()), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{output}: {reason}; name a file that can be written") from None
    say(f"wrote {output}; a config beside it begins with the line\n# yaml-language-server: $schema={output.name}")


def _is_schema(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_bytes())["title"] == TITLE)
    except (ValueError, TypeError, LookupError, RecursionError):
        return False
