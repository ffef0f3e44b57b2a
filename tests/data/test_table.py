"""CSV and Parquet."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from dltrain.data import source, table
from dltrain.data.base import DatasetSpec
from dltrain.data.source import take_census
from dltrain.errors import DataError, UsageError
from dltrain.spec.problems import SpecError

TABLE = {"a": [1, 2, 3, 4], "b": [0.5, 1.5, 2.5, 3.5], "c": [True, False, True, True], "kind": ["x", "y", "x", "z"]}


@pytest.fixture
def written(tmp_path):
    """A file with columns, in the given format, and the settings that name it."""

    def write(columns, suffix="csv", name="t"):
        path = tmp_path / f"{name}.{suffix}"
        if suffix == "parquet":
            pq.write_table(pa.table(columns), path)
        else:
            rows = [list(columns), *zip(*columns.values(), strict=True)]
            path.write_text("".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows))
        return str(path)

    return write


def spec(**settings):
    return DatasetSpec.choose(settings)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_numbers_are_features_and_text_is_a_target(written, suffix):
    dataset = spec(path=written(TABLE, suffix), target="kind").load()
    (rows,) = dataset.parts["train"].chunks()
    assert {name: (array.dtype.name, array.tolist()) for name, array in rows.features.items()} == {
        "a": ("float32", [1.0, 2.0, 3.0, 4.0]),
        "b": ("float32", [0.5, 1.5, 2.5, 3.5]),
        "c": ("float32", [1.0, 0.0, 1.0, 1.0]),
    }
    assert rows.target.tolist() == ["x", "y", "x", "z"]
    assert [feature.name for feature in dataset.features] == ["a", "b", "c"]
    assert (dataset.target_name, dataset.origin) == ("kind", f"t.{suffix}")


def test_a_numeric_target_keeps_its_type_and_ignored_columns_are_left_out(written):
    dataset = spec(path=written(TABLE), target="a", ignore=["kind", "c"]).load()
    (rows,) = dataset.parts["train"].chunks()
    assert (list(rows.features), rows.target.dtype.kind, rows.target.tolist()) == (["b"], "i", [1, 2, 3, 4])


def test_a_dictionary_column_is_text(tmp_path):
    labels = pa.array(["u", "v", "u"]).dictionary_encode()
    pq.write_table(pa.table({"a": [1, 2, 3], "kind": labels}), tmp_path / "t.parquet")
    dataset = spec(path=str(tmp_path / "t.parquet"), target="kind").load()
    assert take_census(dataset).target.tolist() == ["u", "v", "u"]


def test_each_file_is_a_part(written):
    train, test = written(TABLE), written({name: values[:1] for name, values in TABLE.items()}, name="u")
    dataset = spec(train=train, test=test, target="kind").load()
    census = take_census(dataset)
    assert census.rows == {"train": 4, "test": 1}
    assert census.target.tolist() == ["x", "y", "x", "z", "x"]
    assert dataset.origin == "t.csv, u.csv"


@pytest.mark.parametrize(("chunk", "lengths"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (100, [5])])
def test_rows_come_in_chunks_and_in_order(written, monkeypatch, chunk, lengths):
    monkeypatch.setattr(table, "CHUNK_ROWS", chunk)
    dataset = spec(path=written({"a": [1, 2, 3, 4, 5], "y": [0.5, 1, 2, 3, 4]}), target="y").load()
    for _ in range(2):
        chunks = list(dataset.parts["train"].chunks())
        assert [len(rows) for rows in chunks] == lengths
        assert np.concatenate([rows.features["a"] for rows in chunks]).tolist() == [1, 2, 3, 4, 5]
    assert take_census(dataset).target.tolist() == [0.5, 1, 2, 3, 4]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_a_missing_value_is_refused_with_its_row(written, monkeypatch, chunk):
    monkeypatch.setattr(table, "CHUNK_ROWS", chunk)
    for columns, name in [
        ({"a": [1, 2, 3, None], "y": [0, 1, 0, 1]}, "a"),
        ({"a": [1, 2, 3, 4], "y": [0, 1, 0, None]}, "y"),
    ]:
        with pytest.raises(DataError) as raised:
            take_census(spec(path=written(columns), target="y").load())
        text = f"t.csv: row 4: column '{name}' has no value (1 such rows near it); fill or drop these rows"
        assert str(raised.value) == text


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_an_infinite_value_is_refused_with_its_row(written, monkeypatch, chunk):
    monkeypatch.setattr(table, "CHUNK_ROWS", chunk)
    with pytest.raises(DataError) as raised:
        take_census(spec(path=written({"a": [1.0, 2.0, "inf"], "y": [0, 1, 0]}), target="y").load())
    text = "t.csv: row 3: 'a' is missing, infinite or above 3e38 (1 such rows so far); fill or drop these rows"
    assert str(raised.value) == text


def test_a_row_of_another_part_is_named_with_the_part(written):
    good, bad = written({"a": [1.0], "y": [0.0]}), written({"a": [1.0, "inf"], "y": [0.0, 1.0]}, name="u")
    with pytest.raises(DataError) as raised:
        take_census(spec(train=good, test=bad, target="y").load())
    text = (
        "t.csv, u.csv: test row 2: 'a' is missing, infinite or above 3e38 (1 such rows so far); fill or drop these rows"
    )
    assert str(raised.value) == text


def test_text_among_the_features_is_refused_with_an_example(written):
    dataset = spec(path=written({"city": ["Oslo", "Bergen"], "y": [0, 1]}), target="y").load()
    with pytest.raises(DataError) as raised:
        take_census(dataset)
    assert str(raised.value) == (
        "t.csv: column 'city' holds text such as 'Oslo', not numbers; leave it out with `dataset.ignore: [city]`"
    )


def test_unknown_columns_are_refused_all_at_once(written):
    with pytest.raises(SpecError) as raised:
        spec(path=written(TABLE), target="kin", ignore=["a", "id"]).load()
    assert [(problem.path, problem.message) for problem in raised.value.problems] == [
        (("dataset", "target"), "t.csv has no column 'kin'; it has a, b, c or kind; did you mean 'kind'?"),
        (("dataset", "ignore", 1), "t.csv has no column 'id'; it has a, b, c or kind; did you mean 'kind'?"),
    ]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_suggested_and_read(tmp_path, mark):
    path = tmp_path / "t.csv"
    path.write_text(f"a{mark}y\n1{mark}0\n")
    with pytest.raises(SpecError) as raised:
        spec(path=str(path), target="y").load()
    message = raised.value.problems[0].message
    assert message == f"t.csv has no column 'y'; it has a{mark}y; write `delimiter: {mark!r}`"
    assert take_census(spec(path=str(path), target="y", delimiter=mark).load()).target.tolist() == [0]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "is empty; it needs a line of column names, and rows"),
        ("a,y\n", "has no rows"),
        ("a,a,y\n1,2,3\n", "two columns are called 'a'; rename one"),
        ("y\n1\n", "has no feature columns besides the target 'y'"),
        ("a,y\n1,2\n3\n", "not readable as CSV: CSV parse error: Expected 2 columns, got 1: 3; "
         "check `delimiter`, quotes and UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(tmp_path, text, error):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError) as raised:
        spec(path=str(path), target="y").load()
    assert str(raised.value) == f"{path}: {error}"


def test_a_broken_parquet_file_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 is not enough")
    with pytest.raises(DataError, match=f"^{path}: not readable as Parquet: .*; check that the file is complete$"):
        spec(path=str(path), target="y").load()


def test_the_fingerprint_changes_with_one_value(written):
    prints = {spec(path=written({"a": [1, 2], "y": [0, last]}), target="y").load().fingerprint for last in (1, 1, 2)}
    assert len(prints) == 2


def test_another_file_needs_the_columns_of_the_model(written):
    chosen = spec(path=written(TABLE), target="kind")
    features = chosen.load().features
    more = written({**TABLE, "extra": [1, 2, 3, 4]}, name="more")
    assert list(next(iter(chosen.open_file(more, features).chunks())).features) == ["a", "b", "c"]
    less = written({"a": [1], "b": [2], "kind": ["x"]}, name="less")
    with pytest.raises(DataError) as raised:
        chosen.open_file(less, features)
    assert str(raised.value) == "less.csv: has no column 'c', which the model takes"
    unlabelled = written({"a": [1], "b": [2], "c": [True]}, name="unlabelled")
    with pytest.raises(DataError) as raised:
        chosen.open_file(unlabelled, features)
    assert str(raised.value) == f"{unlabelled}: has no column 'kind', the target of the run"


def test_a_missing_file_is_refused_with_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DLTRAIN_DATA", raising=False)
    with pytest.raises(DataError) as raised:
        spec(path=str(tmp_path / "t.csv"), target="y").load()
    assert str(raised.value) == (
        f"no such file: {tmp_path / 't.csv'}; set $DLTRAIN_DATA to the folder that holds it, or give its path"
    )


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"type": "csv", "target": "y"}, "no file is given"),
        ({"path": "a.csv", "train": "b.csv", "target": "y"}, "`path` and `train` are both given"),
        ({"path": "a.csv", "test": "b.csv", "target": "y"}, "`path` stands alone"),
    ],
)
def test_files_are_named_in_one_way(settings, text):
    with pytest.raises(ValidationError, match=text):
        spec(**settings)


def test_a_census_needs_rows_and_targets():
    features = {"a": np.zeros((2, 1))}

    def census(part):
        return take_census(source.Dataset({"train": part}, (), "y", "", "data"))

    with pytest.raises(DataError, match=r"^data: has no target; name it with `dataset.target`$"):
        census(source.ArraySource(features, None))
    with pytest.raises(DataError, match=r"^data: the train part has no rows$"):
        census(source.ArraySource({"a": np.zeros((0, 1))}, np.zeros(0)))


def test_only_files_can_be_replaced_by_files():
    with pytest.raises(UsageError) as raised:
        DatasetSpec.choose("iris").open_file("x.csv", ())
    assert str(raised.value) == "a run on the dataset 'iris' cannot read x.csv; only runs on files can"


def test_a_target_that_is_empty_in_a_row_is_no_class_of_its_own(written):
    dataset = spec(path=written({"a": [1.0, 2.0, 3.0], "y": ["p", "", "q"]}), target="y").load()
    with pytest.raises(DataError) as raised:
        take_census(dataset)
    assert str(raised.value) == "t.csv: row 2: the target 'y' is empty; fill or drop these rows"


def test_dates_are_no_target(written):
    dataset = spec(path=written({"a": [1.0, 2.0], "y": ["2024-01-05", "2024-01-06"]}), target="y").load()
    with pytest.raises(DataError) as raised:
        take_census(dataset)
    text = "t.csv: the target 'y' holds dates or times such as '2024-01-05'; it must be numbers or text in UTF-8"
    assert str(raised.value) == text


def test_a_number_too_large_for_the_model_is_refused(written):
    dataset = spec(path=written({"a": [1.0, 2.0], "y": [1e300, 2.5]}), target="y").load()
    with pytest.raises(DataError) as raised:
        take_census(dataset)
    assert str(raised.value).startswith("t.csv: row 1: 'y' is missing, infinite or above 3e38")
