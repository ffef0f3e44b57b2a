"""What is printed: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any, TextIO

from dltrain.digits import digits
from dltrain.errors import DltrainError

_APART = ("confusion_matrix",)
"""Scores that are tables of their own."""


def say(text: str = "") -> None:
    """A line on stderr."""
    _print(clean(text), sys.stderr)


def show(text: str = "") -> None:
    """A line of a result, on stdout."""
    _print(clean(text), sys.stdout)


def emit(text: str) -> bool:
    """Text of a result on stdout, as it is where no terminal shows it; False once its reader has gone away."""
    try:
        sys.stdout.write(writable(clean(text) if sys.stdout.isatty() else text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _print(text: str, stream: TextIO) -> None:
    """A reader that has gone away, such as `head`, is no reason to stop a training."""
    try:
        print(writable(text, stream), file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def writable(text: str, stream: TextIO) -> str:
    """The text with marks in the place of what the stream's encoding does not have."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def wrapped(text: str, *, indent: int = 0) -> str:
    """The text with lines divided between words where stderr is a terminal; paths and other long words stay whole.

    Args:
        text: to be shown on stderr.
        indent: of all parts of a line but the first.
    """
    if not sys.stderr.isatty():
        return text
    width = columns()
    hanging = " " * min(indent, width // 2)
    parts = (
        wrap(line, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join("\n".join(part) for part in parts)


def columns() -> int:
    """Cells of a line of the terminal behind stderr; 80 where there is none."""
    try:
        # Not `shutil`'s, which asks stdout and believes a variable that does not change with the terminal.
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


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
    """A score, or a count; ``-`` for none."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else digits(value)


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
    scores: Mapping[str, Mapping[str, Any]],
    deviation: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    intervals: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    shown: Sequence[str] = (),
) -> list[str]:
    """A line for each score, a column for each split, and what is known of it.

    Args:
        scores: of each split by name.
        deviation: of folds, as in ``0.9500 ± 0.0100``.
        intervals: of 95 %, as in ``0.9500 [0.9300, 0.9700]``.
        shown: the names of the scores to show; all where there are none.
    """

    names = [
        name for name in dict.fromkeys(name for values in scores.values() for name in values) if name not in _APART
    ]
    names = [name for name in names if name in shown or not shown]
    around = {split: _ends((intervals or {}).get(split, {}), names) for split in scores}

    def cell(split: str, name: str) -> str:
        spread = (deviation or {}).get(split, {}).get(name)
        return (
            number(scores[split].get(name)) + ("" if spread is None else f" ± {number(spread)}") + around[split][name]
        )

    return table(["", *scores], ([name, *(cell(split, name) for split in scores)] for name in names))


def undefined_lines(undefined: Mapping[str, Mapping[str, str]], shown: Sequence[str] = ()) -> list[str]:
    """Why scores are not defined, a line for each reason.

    Args:
        undefined: reasons by split and score.
        shown: the names of the scores that are shown; all where there are none.
    """
    names: dict[tuple[str, str], list[str]] = {}
    for split, reasons in undefined.items():
        for name, reason in reasons.items():
            if name in shown or not shown:
                names.setdefault((split, reason), []).append(name)
    return [f"not defined in {split}: {', '.join(found)}: {reason}" for (split, reason), found in names.items()]


def _ends(intervals: Mapping[str, Sequence[float]], names: Iterable[str]) -> dict[str, str]:
    """`` [0.9300, 0.9700]`` for each name, or as many blanks, so that scores stand below one another."""
    found = {name: " [" + ", ".join(map(number, intervals[name])) + "]" if name in intervals else "" for name in names}
    width = max(map(len, found.values()), default=0)
    return {name: text.ljust(width) for name, text in found.items()}


def confusion_table(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> list[str]:
    """Counts, true classes down and predicted classes across; nothing for more classes than fit."""
    if len(classes) > 12:
        return []
    names = [name if len(name) <= 12 else f"{name[:11]}…" for name in classes]
    rows = ([name, *(str(count) for count in counts)] for name, counts in zip(names, matrix, strict=True))
    return table(["true \\ predicted", *names], rows)
