"""Files that are small and would cost much."""

import time
from pathlib import Path

import pytest

from dltrain.errors import ConfigError
from dltrain.spec.builder import MAX_DEPTH, MAX_VALUES
from dltrain.spec.document import Document
from dltrain.spec.encoding import MAX_BYTES

LAUGHS = "a: &a [lol]\n" + "".join(f"b{i}: &b{i} [{', '.join(['*a'] * 9)}]\n" for i in range(9))

EMPTY = "1:1: the config is empty; begin with `dataset:` and `model:`"
LIST = "1:1: a config is a mapping of keys to values; begin with `dataset:` and `model:`"
QUOTE = "1:4: the quote that opens here is not closed, or its text has a backslash; close it, or use '...'"
STAIRS = "a:\n" + "".join(" " * step + "b:\n" for step in range(1, 200))

BOMBS = {
    "billion laughs": (LAUGHS, "1:4: the anchor &a is not supported; write the value out where it is used"),
    "open brackets": ("a: " + "[" * 100_000, "1:35: nested deeper than 32 levels; flatten it"),
    "open braces": ("{" * 100_000, "1:2: a key must be text; write `key: value`"),
    "dashes": ("- " * 50_000, "1:65: nested deeper than 32 levels; flatten it"),
    "explicit keys": ("? " * 50_000, "1:3: a key must be text; write `key: value`"),
    "indentation": (STAIRS, "33:33: nested deeper than 32 levels; flatten it"),
    "many values": ("a: [" + "1," * MAX_VALUES, "1:39999: more than 20000 values; a config holds settings, not data"),
    "many keys": (
        "".join(f"{i:x}:\n" for i in range(MAX_VALUES)),
        "10000:6: more than 20000 values; a config holds settings, not data",
    ),
    "a large file": ("#" * (MAX_BYTES + 1), "1:1: the file is larger than 128 KiB; a config holds settings, not data"),
    "an open quote": ("a: '" + "x" * 100_000, QUOTE),
    "escapes": ('a: "' + '\\"' * 60_000, QUOTE),
    "empty lines": ("\n" * 120_000, EMPTY),
    "comments": ("# x\n" * 30_000, EMPTY),
    "odd spaces": ("é " * 30_000 + "#", LIST),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_seconds(name):
    text, error = BOMBS[name]
    began = time.process_time()
    with pytest.raises(ConfigError) as raised:
        Document.parse(text.encode(), source="c.yaml", folder=Path())
    assert str(raised.value) == f"c.yaml:{error}"
    assert time.process_time() - began < 5


def test_the_deepest_allowed_nesting_is_read():
    depth = MAX_DEPTH - 1
    document = Document.parse(f"a: {'[' * depth}{']' * depth}".encode(), source="c.yaml", folder=Path())
    assert str(document.values["a"]) == "[" * depth + "]" * depth


def test_the_largest_allowed_file_is_read():
    text = "a: 1\n".ljust(MAX_BYTES, "#")
    assert Document.parse(text.encode(), source="c.yaml", folder=Path()).values == {"a": 1}
