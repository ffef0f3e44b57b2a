"""YAML with positions."""

from pathlib import Path

import pytest

from dltrain.errors import ConfigError
from dltrain.spec.document import Document
from dltrain.spec.problems import Position, Problem, SpecError
from dltrain.spec.text import Text


def parse(text):
    data = text if isinstance(text, bytes) else text.encode()
    return Document.parse(data, source="c.yaml", folder=Path("/configs"))


def refusal(text):
    with pytest.raises(ConfigError) as raised:
        parse(text)
    return str(raised.value)


TEXT = """\
name: one
model:
  layers:
    - dense: {units: 8, 'activation': relu}
    - flatten
notes: |
  two
  lines
"""


def test_values_are_plain_python_objects():
    assert parse(TEXT).values == {
        "name": "one",
        "model": {"layers": [{"dense": {"units": 8, "activation": "relu"}}, "flatten"]},
        "notes": "two\nlines\n",
    }


def test_every_key_and_value_of_blocks_and_flows_has_a_position():
    document = parse(TEXT)
    layers = ("model", "layers")
    values = {path: (at.line, at.column) for path, at in document.values_at.items()}
    keys = {path: (at.line, at.column) for path, at in document.keys_at.items()}
    assert values == {
        (): (1, 1),
        ("name",): (1, 7),
        ("model",): (3, 3),
        layers: (4, 5),
        (*layers, 0): (4, 7),
        (*layers, 0, "dense"): (4, 14),
        (*layers, 0, "dense", "units"): (4, 22),
        (*layers, 0, "dense", "activation"): (4, 39),
        (*layers, 1): (5, 7),
        ("notes",): (6, 8),
    }
    assert keys == {
        ("name",): (1, 1),
        ("model",): (2, 1),
        layers: (3, 3),
        (*layers, 0, "dense"): (4, 7),
        (*layers, 0, "dense", "units"): (4, 15),
        (*layers, 0, "dense", "activation"): (4, 25),
        ("notes",): (6, 1),
    }


def test_the_position_of_what_is_not_written_is_that_of_its_nearest_parent():
    document = parse(TEXT)
    assert document.position(("model", "layers", 0, "dense", "use_bias")) == Position("c.yaml", 4, 14)
    assert document.position(("model", "layers", 7)) == Position("c.yaml", 4, 5)
    assert document.position(("loss",), key=True) == Position("c.yaml", 1, 1)


def test_a_path_may_leave_out_the_name_of_a_component():
    document = parse("optimizer:\n  adam:\n    learning_rate: {cosine: {alpha: 0.5, decay_epochs: 9}}\n")
    assert document.position(("optimizer", "learning_rate", "decay_epochs")) == Position("c.yaml", 3, 56)
    assert document.position(("optimizer", "learning_rate", "alpha"), key=True) == Position("c.yaml", 3, 30)
    assert document.position(("optimizer", "adam", "learning_rate")) == Position("c.yaml", 3, 20)


def test_problems_are_located_once_each_in_the_order_of_lines():
    document = parse("a: 1\nb: {c: 2}\n")
    problems = [Problem("late", ("b", "c")), Problem("key", ("b", "c"), key=True), Problem("early", ("a",))]
    with pytest.raises(ConfigError) as raised, document.locating():
        raise SpecError([*problems, problems[0]])
    assert str(raised.value).split("\n") == ["c.yaml:1:4: a: early", "c.yaml:2:5: b.c: key", "c.yaml:2:8: b.c: late"]


def test_quoted_text_is_text_whatever_it_looks_like():
    values = parse("""a: "no"\nb: '010'\nc: "1e-3"\nd: 'null'\ne: ".inf"\nf: "tab\\there"\ng: '#1'\n""").values
    assert values == {"a": "no", "b": "010", "c": "1e-3", "d": "null", "e": ".inf", "f": "tab\there", "g": "#1"}


def test_keys_are_text_even_where_values_are_not():
    assert parse("1: a\nyes: b\nnull: c\n").values == {"1": "a", "yes": "b", "null": "c"}


def test_text_remembers_the_folder_of_its_file():
    path = parse("path: data.csv\n").values["path"]
    assert isinstance(path, Text)
    assert path.folder == Path("/configs")


@pytest.mark.parametrize(
    "text",
    [b"\xef\xbb\xbfa: 1\n", "a: 1\r\n", "---\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n", "# note: for\u3000later\na: 1"],
)
def test_a_mark_of_byte_order_and_other_harmless_things_are_accepted(text):
    assert parse(text).values == {"a": 1}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 1\nb: {a: 2, a: 3}\n", "c.yaml:2:11: duplicate key 'a', first at 2:5; keep one of the two"),
        ("a: 1\n'a': 2\n", "c.yaml:2:1: duplicate key 'a', first at 1:1; keep one of the two"),
        ("a: [1, &x 2]\n", "c.yaml:1:8: the anchor &x is not supported; write the value out where it is used"),
        ("a: &x {b: 1}\n", "c.yaml:1:4: the anchor &x is not supported; write the value out where it is used"),
        ("a: *x\n", "c.yaml:1:4: the alias *x is not supported; write the value out"),
        ("*x : 1\n", "c.yaml:1:1: the alias *x is not supported; write the value out"),
        ("a: !!int 5\n", "c.yaml:1:4: the tag !!int is not supported; write a plain value"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "c.yaml:1:4: the tag !!python/object/apply:os.system is not supported; write a plain value",
        ),
        ("a:\n  <<: {b: 1}\n", "c.yaml:2:3: the merge key << is not supported; write the keys out"),
        ("? [a]\n: 1\n", "c.yaml:1:3: a key must be text; write `key: value`"),
        ("a:\n\tb: 1\n", "c.yaml:2:1: a tab is used for indentation; use spaces"),
        ("a: [1,\n \t2]\n", "c.yaml:2:2: a tab is used for indentation; use spaces"),
        ("a: x\ty\n", "c.yaml:1:5: a tab stands here; use spaces"),
        ("a: 'x\ty' z: 1\n", "c.yaml:1:10: not valid YAML: expected <block end>, but found '<scalar>'; "
         "check indentation, colons and quotes"),
        ("a: \x07\n", "c.yaml:1:4: invisible or control character U+0007; delete it"),
        ("# \x1b[2J\n", "c.yaml:1:3: invisible or control character U+001B; delete it"),
        ("a: 'left\u202eright'\n", "c.yaml:1:9: invisible or control character U+202E; delete it"),
        ("a\u200b: 1\n", "c.yaml:1:2: invisible or control character U+200B; delete it"),
        ("a: 1\n\ufeffb: 1\n", "c.yaml:2:1: invisible or control character U+FEFF; delete it"),
        ("a:\u00a01\n", "c.yaml:1:3: U+00A0 looks like a space and is none; write a space, or quote the text"),
        ("\uff41: 1\n", "c.yaml:1:1: the key '\uff41' has look-alike characters; write 'a'"),
        (b"a: caf\xe9\n", "c.yaml:1:7: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "c.yaml:1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("a: 1\n---\nb: 2\n", "c.yaml:2:1: a second YAML document begins here; keep one per file"),
        ("", "c.yaml:1:1: the config is empty; begin with `dataset:` and `model:`"),
        ("# a comment\n", "c.yaml:1:1: the config is empty; begin with `dataset:` and `model:`"),
        ("- a\n", "c.yaml:1:1: a config is a mapping of keys to values; begin with `dataset:` and `model:`"),
        ("a\n", "c.yaml:1:1: a config is a mapping of keys to values; begin with `dataset:` and `model:`"),
        ("a: 'b\nc: 1\n", "c.yaml:1:4: the quote that opens here is not closed, or its text has a backslash; "
         "close it, or use '...'"),
        ('a: "C:\\data"\n', "c.yaml:1:4: the quote that opens here is not closed, or its text has a backslash; "
         "close it, or use '...'"),
        ("a: [1\nb: 2\n", "c.yaml:2:2: the bracket opened at 1:4 is not closed, or lacks a comma; add it"),
        ("a: {b: 1\n", "c.yaml:2:1: the bracket opened at 1:4 is not closed, or lacks a comma; add it"),
        ("a: 1\r\r\r\rb: }\r", "c.yaml:5:4: not valid YAML: expected the node content, but found '}'; "
         "check indentation, colons and quotes"),
        ("a: b: c\n", "c.yaml:1:5: a key cannot stand here; indent keys of one mapping alike, "
         "with a space after each colon"),
        ("a: @b\n", "c.yaml:1:4: not valid YAML: found character '@' that cannot start any token; "
         "check indentation, colons and quotes"),
    ],
)  # fmt: skip
def test_what_a_config_must_not_hold_is_refused_at_its_place(text, error):
    assert refusal(text) == error


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    for path, reason in [(tmp_path / "none.yaml", "no such file or directory"), (tmp_path, "is a directory")]:
        with pytest.raises(ConfigError) as raised:
            Document.read(path)
        assert str(raised.value) == f"{path}: {reason}; give the path of a YAML config"


def test_the_text_is_kept_verbatim(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(TEXT + "# end\n")
    assert Document.read(path).text == TEXT + "# end\n"
