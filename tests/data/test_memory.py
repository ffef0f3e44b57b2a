"""Rows that a program holds, and tables in another format than that of training."""

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dltrain.data.base import DatasetSpec
from dltrain.errors import DataError

CSV = "age,color,on,seen,y\n39,red,true,2024-01-31,1\n,,false,,0\n"
COLUMNS = {"age": [39, None], "color": ["red", None], "on": [True, False], "seen": ["2024-01-31", None]}
RECORDS = [{"age": 39, "color": "red", "on": True, "seen": "2024-01-31"}, {"on": False}]


@pytest.fixture
def trained(tmp_path):
    """The dataset of a run on a CSV file, and its features."""
    (tmp_path / "train.csv").write_text(CSV)
    spec = DatasetSpec.choose({"path": str(tmp_path / "train.csv"), "target": "y", "missing_values": ["?"]})
    return spec, spec.load().features


def plain(source):
    """Features as lists, None where a value is missing, dates by their first three numbers."""
    (rows,) = source.chunks()
    found = {}
    for name, values in rows.features.items():
        values = values[:, :3] if values.ndim > 1 else values
        found[name] = [
            None if np.ndim(value) == 0 and value != value else np.asarray(value).tolist() for value in values
        ]
    return found, rows.target


def same(found):
    first, second = zip(*(found[name] for name in ("age", "color", "on", "seen")), strict=True)
    assert first == (39.0, "red", 1.0, [2024.0, 1.0, 31.0])
    assert second[:3] == (None, "", 0.0)
    assert all(math.isnan(number) for number in second[3])


@pytest.mark.parametrize(
    "rows",
    [COLUMNS, RECORDS, pa.table(COLUMNS), {name: np.array(values, object) for name, values in COLUMNS.items()}],
    ids=["columns", "records", "arrow", "numpy"],
)
def test_rows_of_a_program_are_read_as_rows_of_a_file(trained, rows):
    spec, features = trained
    found, target = plain(spec.open_rows(rows, features))
    same(found)
    assert target is None


def test_a_missing_value_may_be_nan_or_what_marks_it_in_the_file(trained):
    spec, features = trained
    rows = {"age": [39.0, float("nan")], "color": ["red", "?"], "on": ["yes", "no"], "seen": ["2024-01-31", "?"]}
    found, _ = plain(spec.open_rows(rows, features))
    same(found)


def test_the_values_of_a_single_column_can_stand_alone(tmp_path):
    (tmp_path / "t.csv").write_text("text,y\nthis is quite a good film,1\nand that one is not,0\n")
    spec = DatasetSpec.choose({"path": str(tmp_path / "t.csv"), "target": "y"})
    source = spec.open_rows(["a", "b"], spec.load().features)
    assert plain(source)[0] == {"text": ["a", "b"]}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"age": ["abc", "1"]}, "rows: row 1: column 'age' holds 'abc', and is read as numbers; mend it, write "),
        ({"seen": ["2024-01-31", "soon"]}, "rows: row 2: column 'seen' holds 'soon', which is no date like "),
        ({"age": [1, "x"]}, "rows: column 'age' holds values that do not go together: "),
        ({"age": [1]}, "rows: column 'age' has 1 rows and 'color' has 2; they must be equal"),
        ({"age": 39}, "rows: column 'age' is a single value; write a list of one"),
    ],
)
def test_what_is_wrong_with_rows_is_said_with_column_and_row(trained, change, error):
    spec, features = trained
    with pytest.raises(DataError) as raised:
        plain(spec.open_rows(COLUMNS | change, features))
    assert str(raised.value).startswith(error)


@pytest.mark.parametrize("rows", [5, "red", [1, 2], [RECORDS[0], None]])
def test_what_are_no_rows_is_refused(trained, rows):
    spec, features = trained
    with pytest.raises(DataError, match=r"^expected rows as a mapping of columns, a list of mappings, a data"):
        spec.open_rows(rows, features)


def test_a_column_that_is_not_there_is_named(trained):
    spec, features = trained
    with pytest.raises(DataError, match=r"^rows: has no column 'seen', which the model takes$"):
        spec.open_rows({name: values for name, values in COLUMNS.items() if name != "seen"}, features)


def test_a_run_on_csv_reads_a_table_in_any_format_by_its_columns_names(trained, tmp_path):
    spec, features = trained
    pq.write_table(pa.table({"more": [1, 2], **dict(reversed(COLUMNS.items()))}), tmp_path / "new.parquet")
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in RECORDS))
    (tmp_path / "new.tsv").write_text(CSV.replace(",", "\t"))
    for name in ("new.parquet", "new.jsonl", "new.tsv", "train.csv"):
        found, target = plain(spec.open_file(str(tmp_path / name), features, labelled=False))
        same(found)
        assert target is None


def test_other_labelled_data_may_have_another_format_too(trained, tmp_path):
    spec, features = trained
    pq.write_table(pa.table({**COLUMNS, "y": [1, 0]}), tmp_path / "new.parquet")
    _, target = plain(spec.open_file(str(tmp_path / "new.parquet"), features))
    assert target.tolist() == [1, 0]
    pq.write_table(pa.table(COLUMNS), tmp_path / "new.parquet")
    with pytest.raises(DataError, match=r"new\.parquet: has no column 'y', the target of the run$"):
        spec.open_file(str(tmp_path / "new.parquet"), features)


def test_a_file_that_is_no_table_is_refused_by_its_name(trained, tmp_path):
    spec, features = trained
    with pytest.raises(DataError, match=r"x\.npz: is no table; the run takes \.csv, \.tsv, \.jsonl and"):
        spec.open_file(str(tmp_path / "x.npz"), features, labelled=False)
