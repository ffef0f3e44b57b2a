"""Plain values as YAML."""

from pathlib import Path

import pytest
import yaml

from dltrain.spec.document import Document
from dltrain.spec.dumper import dump, dump_inline

VALUES = [
    "plain",
    "",
    " ",
    "1e-3",
    "0x1F",
    "0o17",
    "010",
    "no",
    "null",
    "~",
    "1:30",
    "2024-01-01",
    ".inf",
    "a: b",
    "# a",
    "a\nb",
    "'",
    '"',
    "\\",
    "tab\t",
    "é",
    "½",
    "\uff41",
    "a\u00a0b",
    "\u200b",
    "\u202e",
    "\u2028",
    "\U000e0001",
    "\x07",
    "x" * 300,
    "${env:HOME}",
    "$${",
    "a ${b",
    0,
    -1,
    10**30,
    0.001,
    1e-05,
    1e22,
    -0.5,
    True,
    False,
    None,
    [],
    {},
    ["a", ["1e3"]],
    {"b": {"c": [1]}},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_written_reads_back_as_the_same(value):
    values = {"key": value, "list": [value, value]}
    values |= {value: 1} if isinstance(value, str) and "${" not in value else {}
    for text in (dump(values), f"{dump_inline(values)}\n"):
        assert Document.parse(text.encode(), source="c.yaml", folder=Path()).values == values


@pytest.mark.parametrize("value", [value for value in VALUES if "${" not in str(value)], ids=repr)
def test_programs_that_follow_yaml_1_1_read_the_same(value):
    assert yaml.safe_load(dump({"key": value})) == {"key": value}


def test_settings_keep_their_order_in_a_block_or_on_a_line():
    values = {"b": [1, 0.5, "x"], "a": {"c": "1", "d": None}}
    assert dump(values) == "b:\n- 1\n- 0.5\n- x\na:\n  c: '1'\n  d: null\n"
    assert dump_inline(values) == "{b: [1, 0.5, x], a: {c: '1', d: null}}"
    assert dump_inline("x") == "x"
