"""Parquet: types of its own, and what is wrong with a file."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.conftest import columns, kinds, refusal, spec
from dltrain.data import parquet


@pytest.fixture
def save(tmp_path):
    def write_table(name="t.parquet", **arrays):
        pq.write_table(pa.table(arrays), tmp_path / name)
        return str(tmp_path / name)

    return write_table


def test_types_are_taken_as_they_are_and_nothing_is_parsed(save):
    path = save(
        a=[1, None, 3],
        b=pa.array([0.5, np.nan, None]),
        c=[True, None, False],
        d=["1", "", None],
        e=[datetime(2024, 12, 31, 23, 59, 58), None, datetime(2025, 1, 1)],
        y=["p", "q", "p"],
    )
    dataset = spec(path=path, target="y").load()
    assert kinds(dataset) == {"a": "numeric", "b": "numeric", "c": "boolean", "d": "categorical", "e": "datetime"}
    found, target = columns(dataset)
    assert (found["a"], found["b"], found["c"], found["d"], target) == (
        [1, None, 3],
        [0.5, None, None],
        [1, None, 0],
        ["1", None, None],
        ["p", "q", "p"],
    )
    assert found["e"] == [[2024, 12, 31, 1, 23, 59, 58], [None] * 7, [2025, 1, 1, 2, 0, 0, 0]]


def test_what_a_column_holds_may_be_said(save):
    path = save(
        zip=[123, 4],
        share=[1.0, np.nan],
        flag=["yes", "no"],
        on=[1, 0],
        age=["41", "?"],
        when=["31/12/2024", "1/1/2025"],
        truth=[True, False],
        y=[0, 1],
    )
    features = {
        **dict.fromkeys(("zip", "share", "truth"), "categorical"),
        **dict.fromkeys(("flag", "on"), "boolean"),
        "age": "numeric",
        "when": {"datetime": {"format": "%d/%m/%Y"}},
    }
    found, _ = columns(spec(path=path, target="y", features=features, missing_values=["?"]).load())
    assert found == {
        "zip": ["123", "4"],
        "share": ["1", None],
        "flag": [1, 0],
        "on": [1, 0],
        "age": [41, None],
        "when": [[2024, 12, 31, 1, 0, 0, 0], [2025, 1, 1, 2, 0, 0, 0]],
        "truth": ["true", "false"],
    }


def test_times_with_a_zone_are_in_utc_and_parts_of_a_microsecond_are_dropped(save):
    zoned = pa.array([datetime(2024, 1, 1, 0, 30)], pa.timestamp("us")).cast(pa.timestamp("us", "Europe/Oslo"))
    found, _ = columns(
        spec(path=save(a=pa.array([1_700_000_000_000_000_001], "timestamp[ns]"), b=zoned, y=[0]), target="y").load()
    )
    assert found == {"a": [[2023, 11, 14, 1, 22, 13, 20]], "b": [[2024, 1, 1, 0, 0, 30, 0]]}


def test_marks_for_missing_values_are_found_in_texts_labels_and_numbers(save):
    path = save(a=["?", "x"], b=pa.array(["x", "?"]).dictionary_encode(), c=[-999, 1], d=[-999.0, 1.5], y=[0, 1])
    found, _ = columns(spec(path=path, target="y", missing_values=["?", -999]).load())
    assert found == {"a": [None, "x"], "b": ["x", None], "c": [None, 1], "d": [None, 1.5]}


@pytest.mark.parametrize(
    ("values", "noun"),
    [
        (pa.array([[1.0], [2.0]]), "lists"),
        (pa.array([{"u": 1}, {"u": 2}]), "mappings"),
        (pa.array([b"\x00", b"\x01"]), "bytes"),
        (pa.array([1, 2], pa.duration("s")), "duration[s]"),
    ],
)
def test_what_is_neither_number_text_nor_date_is_refused_by_its_column(save, values, noun):
    path = save(a=values, b=[1, 2], y=[0, 1])
    assert refusal(path=path, target="y") == (
        f"t.parquet: column 'a' holds {noun}, and neither numbers, texts nor dates; "
        'leave it out with `dataset.ignore: ["a"]`'
    )
    assert kinds(spec(path=path, target="y", ignore="a").load()) == {"b": "numeric"}


@pytest.mark.parametrize(
    ("values", "feature", "text"),
    [
        (
            ["1", "2", "x 3"],
            "numeric",
            "row 3: column 'a' holds 'x 3', and is read as numbers; mend it, "
            'write `dataset.missing_values: ["x 3"]`, or `dataset.features: {a: categorical}`',
        ),
        (
            ["yes", None, "maybe"],
            "boolean",
            "row 3: column 'a' holds 'maybe', and is read as true and false; mend it, "
            'write `dataset.missing_values: ["maybe"]`, or `dataset.features: {a: categorical}`',
        ),
        (
            [0, 1, 2],
            "boolean",
            "row 3: column 'a' holds 2, and is read as true and false; mend it, "
            "or write `dataset.features: {a: categorical}`",
        ),
        ([0, 1, 2], "datetime", "column 'a' holds numbers, and no dates; write another kind"),
        (
            ["2024-01-01", None, "2024-02-30"],
            "datetime",
            "row 3: column 'a' holds '2024-02-30', which is no date like 2024-12-31 or 2024-12-31 23:59; "
            "mend it, or write `dataset.features: {a: {datetime: {format: ...}}}`",
        ),
        (
            pa.array([b"ok", b"fine", b"\xff"]),
            "categorical",
            "row 3: column 'a' holds bytes that are no text in UTF-8",
        ),
    ],
)
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_a_value_that_does_not_fit_is_refused_with_its_row(save, monkeypatch, values, feature, text, rows):
    monkeypatch.setattr(parquet, "CHUNK_ROWS", rows)
    path = save(a=values, y=[0, 1, 2])
    assert refusal(path=path, target="y", features={"a": feature}) == f"t.parquet: {text}"


def test_a_file_that_is_cut_off_or_overwritten_is_refused(save, tmp_path):
    path = save(a=list(range(1000)), y=list(range(1000)))
    whole = (tmp_path / "t.parquet").read_bytes()
    for broken in (b"", b"PAR1 is not enough", whole[: len(whole) // 2], b"\0" * 100 + whole[100:]):
        (tmp_path / "t.parquet").write_bytes(broken)
        said = refusal(path=path, target="y")
        assert said.startswith(f"{path}: not readable as Parquet: ")
        assert said.endswith("; check that the file is complete")
        assert "\n" not in said


def test_a_file_without_rows_is_refused(save):
    path = save(a=pa.array([], "float32"), y=pa.array([], "int64"))
    assert refusal(path=path, target="y") == f"{path}: has no rows"


def test_rows_are_read_row_group_by_row_group(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "CHUNK_ROWS", 7)
    table = pa.table({"a": np.arange(100), "y": np.arange(100) / 2})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=30)
    found, target = columns(spec(path=str(tmp_path / "t.parquet"), target="y").load())
    assert (found["a"], target) == (list(range(100)), [index / 2 for index in range(100)])
