"""Annotations of GitHub Actions: commands in the log that point at lines of files.

Their format is that of github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dltrain.cli.outcomes import Outcome


def annotate(outcomes: Sequence[Outcome]) -> None:
    """Writes an error for each problem, and a warning for each config that was not tried, to stderr."""
    for line in lines_of(outcomes):
        print(line, file=sys.stderr, flush=True)


def lines_of(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines."""
    for outcome in outcomes:
        if outcome.status == "skipped":
            yield command("warning", {"file": _path(outcome.config)}, f"skipped: {outcome.text}")
        elif outcome.status == "failed" and not outcome.places:
            yield command("error", {"file": _path(outcome.config)}, outcome.text)
        for place in outcome.places if outcome.status == "failed" else ():
            at = {"line": place["line"], "col": place["column"]} if place["line"] else {}
            message = f"{place['path']}: {place['message']}" if place["path"] else place["message"]
            file = place["file"] if place["line"] else outcome.config
            yield command("error", {"file": _path(file), **at}, message)


def command(name: str, properties: Mapping[str, object], message: str) -> str:
    """``::error file=a.yaml,line=3,col=5::what is wrong``, in which no text can begin another command."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return _printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _printable(text: str) -> str:
    """Other characters that end a line for some reader, or steer a terminal, are none of a message."""
    return "".join(mark if mark.isprintable() or mark in "\r\n" else "\N{REPLACEMENT CHARACTER}" for mark in text)


def _path(file: str) -> str:
    """Relative to the repository, as GitHub wants it, where the file lies in it."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace:
        path, root = Path(os.path.abspath(file)), Path(workspace)
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return file
