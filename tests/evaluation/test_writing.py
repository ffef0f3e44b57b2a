"""Files of predictions."""

import errno
import json
import os

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from dltrain.errors import RunError, UsageError
from dltrain.evaluation.writing import check_output, csv_lines, json_objects, prediction_file

TABLE = {
    "row": np.array([1, 2]),
    "prediction": np.array(['a "b", c', "ü"]),
    "probability": np.array([0.1, 1 / 3], "float32"),
    "value": np.array([0.1, 0.1 + 0.2]),
}


def test_csv_quotes_where_it_must_and_keeps_every_number_exact():
    text = csv_lines(TABLE, header=True)
    assert text == (
        "row,prediction,probability,value\n"
        '1,"a ""b"", c",0.1,0.1\n'
        "2,ü,0.33333334,0.30000000000000004\n"
    )  # fmt: skip
    lines = [line.rsplit(",", 2)[1:] for line in text.splitlines()[1:]]
    assert np.array([np.float32(line[0]) for line in lines]).tobytes() == TABLE["probability"].tobytes()
    assert np.array([float(line[1]) for line in lines]).tobytes() == TABLE["value"].tobytes()


def test_json_has_the_shortest_numbers_and_null_for_what_is_none():
    table = TABLE | {"value": np.array([np.inf, np.nan])}
    assert list(json_objects(table)) == [
        '{"row": 1, "prediction": "a \\"b\\", c", "probability": 0.1, "value": null}',
        '{"row": 2, "prediction": "ü", "probability": 0.33333334, "value": null}',
    ]


def written(path, *tables):
    with prediction_file(path) as write:
        for table in tables:
            write(table)


def test_each_format_holds_all_tables_in_order(tmp_path):
    for suffix in ("csv", "jsonl", "parquet"):
        written(tmp_path / f"p.{suffix}", TABLE, TABLE)
    records = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [record["row"] for record in records] == [1, 2, 1, 2]
    assert pacsv.read_csv(tmp_path / "p.csv").to_pylist() == records
    table = pq.read_table(tmp_path / "p.parquet")
    assert table["prediction"].to_pylist() == [record["prediction"] for record in records]
    assert table["probability"].to_numpy().tobytes() == np.tile(TABLE["probability"], 2).tobytes()
    assert [str(field.type) for field in table.schema] == ["int64", "string", "float", "double"]


def test_parquet_has_large_groups_however_small_the_tables_are(tmp_path):
    table = {"row": np.arange(1000)}
    written(tmp_path / "p.parquet", *[table] * 70)
    file = pq.ParquetFile(tmp_path / "p.parquet")
    assert [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)] == [66_000, 4_000]


def test_a_file_appears_when_it_is_complete_and_only_then(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("old")

    def interrupted():
        with prediction_file(path) as write:
            write(TABLE)
            assert path.read_text() == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [child.name for child in tmp_path.iterdir()] == ["p.csv"]
    assert path.read_text() == "old"
    written(path, {"row": np.array([7])})
    assert path.read_text() == "row\n7\n"
    assert [child.name for child in tmp_path.iterdir()] == ["p.csv"]


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    from dltrain.evaluation.writing import CsvFile

    def fail(self, table):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CsvFile, "write", fail)
    with pytest.raises(RunError) as raised:
        written(tmp_path / "p.csv", TABLE)
    reason = "no space left on device; free space, or name another file with -o"
    assert str(raised.value) == f"cannot write {tmp_path}/p.csv: {reason}"
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_rows_is_not_taken_for_one_of_the_file(tmp_path):
    with pytest.raises(OSError, match="rows"), prediction_file(tmp_path / "p.csv"):
        raise OSError("rows")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_predicted(tmp_path):
    (tmp_path / "p.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    errors = {
        "p.xls": f"the format of '{tmp_path}/p.xls' is not known; call the file *.csv, *.jsonl or *.parquet",
        "p.csv": f"{tmp_path}/p.csv exists; name another file, or write --overwrite to replace it",
        "folder.csv": f"{tmp_path}/folder.csv is a folder; name a file in it",
        "no/p.csv": f"there is no folder {tmp_path}/no for p.csv; make it first",
    }
    for name, error in errors.items():
        with pytest.raises(UsageError) as raised:
            check_output(tmp_path / name, overwrite=False)
        assert str(raised.value) == error
    check_output(tmp_path / "p.csv", overwrite=True)
    check_output(tmp_path / "p.PARQUET", overwrite=False)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without a name")
def test_a_process_that_dies_leaves_nothing(tmp_path):
    with prediction_file(tmp_path / "p.csv") as write:
        write(TABLE)
        assert not list(tmp_path.iterdir())
    assert [child.name for child in tmp_path.iterdir()] == ["p.csv"]
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "p.csv").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_file_is_complete_or_absent_also_where_every_file_has_a_name(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    with prediction_file(tmp_path / "p.csv") as write:
        write({"row": np.array([7])})
        assert [child.name for child in tmp_path.iterdir()] == [f".p.csv.{os.getpid()}.tmp"]
    assert [child.name for child in tmp_path.iterdir()] == ["p.csv"]
    assert (tmp_path / "p.csv").read_text() == "row\n7\n"
