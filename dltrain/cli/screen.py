"""Lines at the bottom of a terminal that are drawn anew in place.

Nothing else of the terminal is changed: the cursor stays visible and no mode is set, so that a process may end at any
moment and leaves a terminal as it should be.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dltrain.cli.console import clean, columns, writable

Span = tuple[str, str]
"""A text, and how it looks: one of the styles below."""

PLAIN, STRONG, FAINT, ACCENT = "", "1", "2", "36"
"""Numbers of ECMA-48; no two things differ by colour alone."""

_ROOM = 3
"""Cells left free, so that the ^C that a terminal shows does not begin a line of its own."""


def is_live() -> bool:
    """Whether stderr is a terminal that can go up a line."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def can_show(text: str) -> bool:
    """Whether the encoding of stderr has these letters."""
    return writable(text, sys.stderr) == text


class Screen:
    """The lowest lines of the terminal behind stderr."""

    def __init__(self) -> None:
        self._widths: list[int] = []
        self._styled = not os.environ.get("NO_COLOR")

    @property
    def width(self) -> int:
        """Cells of a line that may be used; terminals change."""
        return max(columns() - _ROOM, 1)

    def show(self, lines: Sequence[Sequence[Span]]) -> None:
        """Draws these in the place of those that are there; each should fit `width`."""
        texts = ["".join(text for text, _ in line) for line in lines]
        drawn = "\n".join("".join(map(self._painted, line)) for line in lines)
        self._write(self._erased() + drawn)
        self._widths = [len(text) for text in texts]

    def say(self, text: str) -> None:
        """A line that stays, above all that is drawn later."""
        self._write(f"{self._erased()}{clean(text)}\n")

    def clear(self) -> None:
        """Takes away what is drawn."""
        if self._widths:
            self._write(self._erased())

    def _painted(self, span: Span) -> str:
        text, style = clean(span[0]), span[1]
        return f"\033[{style}m{text}\033[0m" if style and self._styled else text

    def _erased(self) -> str:
        """Up to the first line, and all below it; a terminal that became narrow has divided long lines."""
        across = columns()
        rows = sum(max(-(-width // across), 1) for width in self._widths)
        self._widths = []
        return "" if not rows else "\r" + (f"\033[{rows - 1}A" if rows > 1 else "") + "\033[J"

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(writable(text, sys.stderr))
            sys.stderr.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
