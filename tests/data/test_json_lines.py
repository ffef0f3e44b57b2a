"""JSON lines: an object for each row."""

import gzip
import json

import pytest

from data.conftest import columns, kinds, refusal, spec
from dltrain.data import json_lines

ROWS = [
    {"a": 1, "b": 0.5, "c": True, "d": "x", "e": "2024-12-31", "y": "p"},
    {"a": None, "b": 2, "c": False, "d": "", "e": None, "y": "q"},
    {"b": -1e3, "d": "x", "e": "2025-01-01", "y": "p"},
]


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (lines(ROWS), "t.jsonl"),
        (lines(ROWS).replace("\n", "\n\n").rstrip(), "t.ndjson"),
        (lines(ROWS).replace("\n", "\r\n"), "t.jsonl"),
        ("\ufeff" + lines(ROWS), "t.jsonl"),
        (gzip.compress(lines(ROWS).encode(), mtime=0), "t.jsonl.gz"),
    ],
)
def test_types_are_those_of_json_and_a_key_may_be_absent(write, content, name):
    dataset = spec(path=write(content, name), target="y").load()
    assert kinds(dataset) == {"a": "numeric", "b": "numeric", "c": "boolean", "d": "categorical", "e": "datetime"}
    assert columns(dataset) == (
        {
            "a": [1, None, None],
            "b": [0.5, 2, -1000],
            "c": [1, 0, None],
            "d": ["x", None, "x"],
            "e": [[2024, 12, 31, 1, 0, 0, 0], [None] * 7, [2025, 1, 1, 2, 0, 0, 0]],
        },
        ["p", "q", "p"],
    )


def test_what_a_column_holds_may_be_said(write):
    rows = [
        {"zip": 123, "age": "41", "when": "31/12/2024", "time": "2024-12-31 10:00:00", "on": 1, "none": None, "y": 0},
        {"zip": 4, "age": "?", "when": "1/1/2025", "time": "2025-01-01 11:00:00", "on": 0, "none": None, "y": 1.5},
    ]
    features = {
        "zip": "categorical",
        "age": "numeric",
        "when": {"datetime": {"format": "%d/%m/%Y"}},
        "time": "categorical",
        "on": "boolean",
        "none": "numeric",
    }
    dataset = spec(path=write(lines(rows), "t.jsonl"), target="y", features=features, missing_values=["?"]).load()
    assert columns(dataset) == (
        {
            "zip": ["123", "4"],
            "age": [41, None],
            "when": [[2024, 12, 31, 1, 0, 0, 0], [2025, 1, 1, 2, 0, 0, 0]],
            "time": ["2024-12-31 10:00:00", "2025-01-01 11:00:00"],
            "on": [1, 0],
            "none": [None, None],
        },
        [0, 1.5],
    )


def test_rows_are_read_block_by_block(write, monkeypatch):
    monkeypatch.setattr(json_lines, "_BLOCK_BYTES", 64)
    rows = [{"a": index, "b": f"l{index % 3}", "y": index / 2} for index in range(100)]
    found, target = columns(spec(path=write(lines(rows), "t.jsonl"), target="y").load())
    assert found == {"a": list(range(100)), "b": [f"l{index % 3}" for index in range(100)]}
    assert target == [index / 2 for index in range(100)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "is empty; it needs a JSON object in each line"),
        ("\n \n", "has no rows; it needs a JSON object in each line"),
        (
            '{"a": 1, "y": 0}\n{"a": 2, "y": 1\n',
            "line 2: is no JSON (Expecting ',' delimiter at character 17); "
            'each line must be one object such as {"age": 39}',
        ),
        ('{"a": 1, "y": 0}\n\n[1, 2]\n', 'line 3: is no object; each line must be one, such as {"age": 39}'),
        (
            '[\n{"a": 1, "y": 0}\n]\n',
            'line 1: is no JSON (Expecting value at character 3); each line must be one object such as {"age": 39}',
        ),
        (
            '{"a": 1, "y": 0}\n{"a": "old", "y": 1}\n',
            "line 2: column 'a' holds \"old\", and the rows before hold numbers; mend it",
        ),
        (
            '{"a": [1], "y": 0}\n{"a": {"u": 2}, "y": 1}\n',
            "line 2: column 'a' holds a mapping, and the rows before hold lists; mend it",
        ),
        ('{"a": 1, "y": 0}\n{"a": 1e400, "y": 0}\n', "line 2: column 'a' holds a number above 1e308; mend it"),
        (
            '{"a": "x", "y": 0}\n{"a": "\\ud800", "y": 0}\n',
            "line 2: column 'a' holds half of a pair of characters (\\ud800 to \\udfff); mend it",
        ),
        ('{"a": 1, "a": 2, "y": 0}\n', "line 1: has the key 'a' twice; keep one"),
        (b'{"a": 1, "y": 0}\n{"a": 2, "y": "\xff"}\n', "line 2: is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(write, content, text):
    path = write(content, "t.jsonl")
    assert refusal(path=path, target="y") == f"{path}: {text}"


@pytest.mark.parametrize(("value", "noun"), [([1, 2], "lists"), ({"u": 1}, "mappings")])
def test_nested_values_are_refused_by_their_column(write, value, noun):
    path = write(lines([{"a": value, "b": 1, "y": 0}]), "t.jsonl")
    assert refusal(path=path, target="y") == (
        f"t.jsonl: column 'a' holds {noun}, and neither numbers, texts nor dates; "
        'leave it out with `dataset.ignore: ["a"]`'
    )
    assert columns(spec(path=path, target="y", ignore="a").load())[0] == {"b": [1]}


def test_a_value_of_another_type_below_the_first_rows_is_refused_with_its_line(write, monkeypatch):
    monkeypatch.setattr(json_lines, "HEAD_BYTES", 64)
    monkeypatch.setattr(json_lines, "_BLOCK_BYTES", 64)
    rows = [{"a": index, "b": "x", "y": index} for index in range(50)]
    rows[40]["a"] = "old"
    path = write(lines(rows), "t.jsonl")
    assert refusal(path=path, target="y") == (
        f"{path}: line 41: column 'a' holds \"old\", and the rows before hold numbers; mend it"
    )
    rows[40] = {"a": 1, "y": 2.5}
    path = write(lines(rows), "t.jsonl")
    assert refusal(path=path, target="y") == (
        f"{path}: line 41: column 'y' holds 2.5, and is read as integers, as the first rows are; "
        "mend it, or write them with a fraction, such as 1.0"
    )


def test_a_compressed_file_that_is_cut_in_half_is_refused(write):
    whole = gzip.compress(lines([{"a": index * 7919 % 10007, "y": index} for index in range(20_000)]).encode())
    path = write(whole[: len(whole) // 2], "t.jsonl.gz")
    said = refusal(path=path, target="y")
    assert said.startswith(f"{path}: is damaged or cut off after line ")
    assert said.endswith("; copy it again")
