"""What is printed: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from dltrain.errors import DltrainError


def say(text: str = "") -> None:
    """A line on stderr."""
    _print(clean(text), sys.stderr)


def show(text: str = "") -> None:
    """A line of a result, on stdout."""
    _print(clean(text), sys.stdout)


def emit(text: str) -> bool:
    """Text of a result on stdout, as it is where no terminal shows it; False once its reader has gone away."""
    try:
        sys.stdout.write(_writable(clean(text) if sys.stdout.isatty() else text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _print(text: str, stream: TextIO) -> None:
    """A reader that has gone away, such as `head`, is no reason to stop a training."""
    try:
        print(_writable(text, stream), file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _writable(text: str, stream: TextIO) -> str:
    """With marks in the place of what the stream's encoding does not have."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def clean(text: str) -> str:
    """Without control characters and marks of direction, which a name in a data file could carry to the terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def fail(error: DltrainError | str, *, code: int | None = None) -> int:
    """Shows an error and returns its exit code."""
    text = str(error)
    if text:
        say(text)
    return code if code is not None else getattr(error, "exit_code", 1)


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    _print(clean(text) if sys.stdout.isatty() else text, sys.stdout)


def number(value: Any) -> str:
    """A score to four digits after the point, or to four significant ones where it is large or tiny."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.4g}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Aligned lines: the first column to the left, the others to the right."""
    # A cell is one line, or a name of others could put lines of its own below the table.
    cells = [[" ".join(cell.split("\n")) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    return [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def score_table(
    scores: Mapping[str, Mapping[str, Any]], deviation: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """A line for each score, a column for each split; with a deviation, ``0.9500 ± 0.0100``."""

    def cell(split: str, name: str) -> str:
        spread = (deviation or {}).get(split, {}).get(name)
        return number(scores[split].get(name)) + ("" if spread is None else f" ± {number(spread)}")

    names = dict.fromkeys(name for values in scores.values() for name in values if name != "confusion_matrix")
    return table(["", *scores], ([name, *(cell(split, name) for split in scores)] for name in names))


def confusion_table(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> list[str]:
    """Counts, true classes down and predicted classes across; nothing for more classes than fit."""
    if len(classes) > 12:
        return []
    names = [name if len(name) <= 12 else f"{name[:11]}…" for name in classes]
    rows = ([name, *(str(count) for count in counts)] for name, counts in zip(names, matrix, strict=True))
    return table(["true \\ predicted", *names], rows)
