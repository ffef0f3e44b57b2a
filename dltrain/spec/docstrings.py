"""What the docstrings of sections say: the source of the schema's descriptions and of docs/reference.md.

They are read on demand only, since reading them while sections are made doubles the time that takes.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from dltrain.spec.document import Document
from dltrain.spec.section import Section

_SETTING = re.compile(r" {4}(\w+): (.*)\Z")
_EXAMPLES = re.compile(r"such as ((?:(?:, | or |, or )?`[^`]+`)+)")
_CODE = re.compile(r"`([^`]+)`")
_LITERAL = re.compile(r"``(.+?)``", re.DOTALL)


def text_of(section: type[Section]) -> str:
    """What a section is, in Markdown: its docstring without the settings."""
    lines = _lines(section)
    heading = next((index for index, line in enumerate(lines) if line == "Attributes:"), len(lines))
    after = next((index for index in range(heading + 1, len(lines)) if lines[index][:1].strip()), len(lines))
    return _markdown([*lines[:heading], *lines[after:]])


def summary_of(section: type[Section]) -> str:
    """The first paragraph of `text_of`, in one line."""
    return " ".join(text_of(section).split("\n\n")[0].split())


def settings_of(section: type[Section]) -> dict[str, str]:
    """What each setting does, in one paragraph of Markdown: as the nearest class says that documents it."""
    texts: dict[str, str] = {}
    for base in reversed(section.__mro__):
        if issubclass(base, Section):
            texts |= _own_settings(base)
    return {name: texts[name] for name in section.model_fields if name in texts}


def _own_settings(section: type[Section]) -> dict[str, str]:
    lines = _lines(section)
    found: dict[str, list[str]] = {}
    if "Attributes:" not in lines:
        return {}
    for line in lines[lines.index("Attributes:") + 1 :]:
        if line[:1].strip():
            break
        if setting := _SETTING.match(line):
            found[setting[1]] = [setting[2]]
        elif found:
            found[next(reversed(found))].append(line.strip())
    return {name: _markdown([" ".join(line for line in lines if line)]) for name, lines in found.items()}


def _lines(section: type[Section]) -> list[str]:
    # Of the class itself: pydantic's own docstring is none of a section's.
    return inspect.cleandoc(section.__dict__.get("__doc__") or "").splitlines()


def _markdown(lines: list[str]) -> str:
    """``code`` as `code`; a block after a line that ends in two colons stays one."""
    text = "\n".join(line.removesuffix(":") if line.endswith("::") else line for line in lines)
    return _LITERAL.sub(r"`\1`", text).strip()


def examples_in(text: str) -> list[Any]:
    """The values that a setting's text gives as examples: ``such as `2GB```, or several with commas and `or`."""
    found = [written for match in _EXAMPLES.finditer(text) for written in _CODE.findall(match[1])]
    return [
        Document.parse(f"value:\n- {written}".encode(), source="", folder=Path()).values["value"][0]
        for written in found
    ]
