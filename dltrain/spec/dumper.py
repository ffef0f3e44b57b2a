"""Plain values as YAML that reads back as the same values, here and in programs that follow YAML 1.1."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import yaml

from dltrain.spec.environment import MARK, escaped
from dltrain.spec.scalars import resolve


def dump(values: Any) -> str:
    """The YAML text of mappings, lists and scalars, in block style."""
    return _visible(yaml.dump(values, Dumper=_dumper(), sort_keys=False, allow_unicode=True))


def dump_inline(value: Any) -> str:
    """The YAML text of a scalar, or of a list or mapping in brackets, on one line."""
    text = yaml.dump(
        value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, default_flow_style=True, width=float("inf")
    )
    return _visible(text.removesuffix("\n").removesuffix("\n..."))


@cache
def _dumper() -> type[yaml.SafeDumper]:
    class Dumper(yaml.SafeDumper):
        """Quotes what would not read back as text."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        written = escaped(text) if MARK in text else text
        return dumper.represent_scalar("tag:yaml.org,2002:str", written, style=_style(text))

    Dumper.add_representer(str, represent)
    return Dumper


def _style(text: str) -> str | None:
    """The quotes that a text needs; None to let PyYAML choose."""
    if not text.isprintable() or unicodedata.normalize("NFKC", text) != text:
        return '"'
    try:
        return None if isinstance(resolve(text), str) else "'"
    except ValueError:
        return "'"


def _visible(text: str) -> str:
    """With escapes for what cannot be seen, all of which stands in double quotes."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else _escape(ord(character)) for character in text
    )


def _escape(code: int) -> str:
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
