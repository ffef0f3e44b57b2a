"""The text of a config: what YAML needs quotes for, and where comments stand."""

from __future__ import annotations

import pytest

from dltrain.proposal.writing import Line, entry, flow, listed, mapped, shown, written
from dltrain.spec.document import Document


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "no",
        "on",
        "null",
        "~",
        "1",
        "1e-3",
        "012",
        "12:30",
        "a: b",
        "#c",
        'ta"r',
        "it's",
        "{x}",
        "[y]",
        "*z",
        "&a",
        "",
        " a",
        "a ",
        "-",
        "- a",
        "? b",
        ">50K",
        "<=50K",
        "!t",
        "%d/%m",
        "@x",
        "`y`",
        "a,b",
        "größe",
        "\t",
        "\u2028",
        "=",
        "|",
    ],
)
def test_any_text_is_read_back_as_it_was_written(name, tmp_path):
    lines = [Line("top:"), entry("value", name, depth=1), entry("several", [name, {name or "k": [name]}], depth=1)]
    lines += mapped("mapping", [(name, 1, "said")], depth=1) + listed("items", [(name, "why")], depth=1)
    values = Document.parse(written(lines).encode(), source="a.yaml", folder=tmp_path).values["top"]
    assert values["value"] == name
    assert values["several"] == [name, {name or "k": [name]}]
    assert values["mapping"] == {name: 1}
    assert values["items"] == [name]


def test_comments_stand_beside_their_line_and_long_ones_above_it():
    lines = [Line("model:"), entry("type", "mlp", "dense layers", depth=1), entry("units", [8], "w" * 70, depth=1)]
    assert written(lines).splitlines() == [
        "model:",
        "  type: mlp                     # dense layers",
        f"  # {'w' * 70}",
        "  units: [8]",
    ]


def test_no_line_is_longer_than_a_hundred_characters():
    long = entry("key", "value", "word " * 60)
    assert max(map(len, written([long, Line("", "word " * 60)]).splitlines())) <= 100


def test_values_are_written_as_yaml_has_them():
    assert flow({"a": True, "b": None, "c": [1, 0.25], "d": ">50K"}) == '{a: true, b: null, c: [1, 0.25], d: ">50K"}'


def test_names_of_others_are_shown_short_and_in_one_line():
    assert shown("a\nb\x1b[2Jc") == "a\ufffdb\ufffd[2Jc"
    assert shown("x" * 50) == "x" * 39 + "…"
