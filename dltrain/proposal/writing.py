"""Config text: values as YAML, and comments that stand in a column of their own."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dltrain.data.reader import yaml_key
from dltrain.spec.scalars import resolve

WIDTH = 100
_MOST_SHOWN = 40
_COMMENTS_FROM, _COMMENTS_TO = 30, 48
_MARKS = frozenset("{}[]#,&*!|>'\"%@`:?-")


@dataclass(frozen=True)
class Line:
    """A line of a config.

    Attributes:
        text: YAML, with its indentation.
        comment: what it means; empty for none. Without `text` it stands alone.
    """

    text: str
    comment: str = ""


def entry(key: str, value: Any, comment: str = "", *, depth: int = 0) -> Line:
    """A setting with its value, in one line.

    Args:
        key: of the setting.
        value: plain: texts, numbers, lists and mappings of them.
        comment: what it means.
        depth: how many mappings it lies in.
    """
    return Line(f"{'  ' * depth}{key}: {flow(value)}", comment)


def listed(key: str, items: Sequence[tuple[str, str]], comment: str = "", *, depth: int = 0) -> list[Line]:
    """A list of texts, each in a line of its own with a comment."""
    space = "  " * depth
    return [Line(f"{space}{key}:", comment), *(Line(f"{space}  - {flow(item)}", said) for item, said in items)]


def mapped(key: str, items: Sequence[tuple[str, Any, str]], comment: str = "", *, depth: int = 0) -> list[Line]:
    """A mapping, each name in a line of its own with its value and a comment."""
    lines = [entry(_key(name), value, said, depth=depth + 1) for name, value, said in items]
    return [Line(f"{'  ' * depth}{key}:", comment), *lines]


def flow(value: Any) -> str:
    """A value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return _quoted(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def shown(text: str, most: int = _MOST_SHOWN) -> str:
    """A name of others as a comment or a line may hold it: printable, in one line, and short."""
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def written(lines: Sequence[Line]) -> str:
    """All lines, with comments beside those that are short enough, and above the others."""
    found: list[str] = []
    for _, section in groupby(enumerate(lines), key=_Sections()):
        found += _aligned([line for _, line in section])
    return "\n".join(found) + "\n"


class _Sections:
    """Gives lines of one section the same number."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, placed: tuple[int, Line]) -> int:
        self.number += not placed[1].text.startswith(" ")
        return self.number


def _aligned(section: Sequence[Line]) -> Iterator[str]:
    lengths = [len(line.text) for line in section if line.comment and len(line.text) <= _COMMENTS_TO]
    column = max([_COMMENTS_FROM, *lengths]) + 2
    for line in section:
        beside = f"{line.text:<{column}}# {line.comment}"
        if not line.comment:
            yield line.text
        elif line.text and len(line.text) < column and len(beside) <= WIDTH:
            yield beside
        else:
            space = " " * (len(line.text) - len(line.text.lstrip()))
            wrapped = textwrap.wrap(line.comment, WIDTH - len(space) - 2) or [""]
            yield from (f"{space}# {part}".rstrip() for part in wrapped)
            yield from [line.text] * bool(line.text)


def _key(name: str) -> str:
    key = yaml_key(name)
    return json.dumps(name) if not name.isprintable() else key


def _quoted(text: str) -> str:
    """A text, in quotes where YAML would take it for something else."""
    try:
        plain = isinstance(resolve(text), str)
    except ValueError:
        plain = False
    safe = text.isprintable() and text == text.strip() and not (set(text) & (_MARKS - {"-", "?", ">"}))
    if plain and safe and text[:1] not in ("-", "?", ">", "="):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
