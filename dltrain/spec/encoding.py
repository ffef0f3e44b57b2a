"""From the bytes of a config to text that shows everything it holds."""

from __future__ import annotations

import re
import unicodedata

from dltrain.spec.problems import Position, Problem, SpecError

MAX_BYTES = 128 * 1024

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_ALLOWED = "\n\r\t\u200c\u200d"
_ODD_SPACE = re.compile("^[^#'\"\n]*([\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])", re.MULTILINE)
"""What looks like a space but separates nothing, outside of quotes and comments."""


def decode(data: bytes, source: str) -> str:
    """The text of a config.

    Raises:
        SpecError: it is too large, not UTF-8, or holds characters that cannot be seen.
    """
    if len(data) > MAX_BYTES:
        raise problem_at(
            f"the file is larger than {MAX_BYTES // 1024} KiB; a config holds settings, not data", source, 1, 1
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise problem_at(message, source, *line_and_column(before)) from None
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    if odd := _ODD_SPACE.search(text):
        message = f"U+{ord(odd[1]):04X} looks like a space and is none; write a space, or quote the text"
        raise problem_at(message, source, *line_and_column(text[: odd.start(1)]))
    for index, character in enumerate(text):
        if unicodedata.category(character) in _HIDDEN and character not in _ALLOWED:
            message = f"invisible or control character U+{ord(character):04X}; delete it"
            raise problem_at(message, source, *line_and_column(text[:index]))
    return text


def line_and_column(before: str) -> tuple[int, int]:
    """The place, from 1, of what follows the text `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def problem_at(message: str, source: str, line: int, column: int) -> SpecError:
    """One problem at a place in a file."""
    return SpecError([Problem(message, (), Position(source, line, column))])
