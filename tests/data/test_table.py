"""What tables of every format have in common: parts, targets, named columns, and values that are refused."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from data.conftest import census, columns, refusal, spec
from dltrain.data import source, table_source
from dltrain.errors import DataError
from dltrain.spec.problems import SpecError

TABLE = {"a": [1, 2, 3, 4], "b": [0.5, 1.5, 2.5, 3.5], "c": [True, False, True, True], "kind": ["x", "y", "x", "z"]}
FORMATS = ["csv", "parquet", "jsonl"]


@pytest.fixture
def written(tmp_path):
    """A file with columns, in the given format."""

    def write(columns, suffix="csv", name="t"):
        path = tmp_path / f"{name}.{suffix}"
        rows = list(zip(*columns.values(), strict=True))
        if suffix == "parquet":
            pq.write_table(pa.table(columns), path)
        elif suffix == "jsonl":
            path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows))
        else:
            lines = [list(columns), *rows]
            path.write_text(
                "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in lines)
            )
        return str(path)

    return write


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_rows(written, suffix):
    dataset = spec(path=written(TABLE, suffix), target="kind").load()
    (rows,) = dataset.parts["train"].chunks()
    assert {name: (array.dtype.name, array.tolist()) for name, array in rows.features.items()} == {
        "a": ("float32", [1.0, 2.0, 3.0, 4.0]),
        "b": ("float32", [0.5, 1.5, 2.5, 3.5]),
        "c": ("float32", [1.0, 0.0, 1.0, 1.0]),
    }
    assert rows.target.tolist() == ["x", "y", "x", "z"]
    assert [feature.name for feature in dataset.features] == ["a", "b", "c"]
    assert (dataset.target_name, dataset.origin, rows.file, rows.before) == ("kind", f"t.{suffix}", f"t.{suffix}", 0)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_numeric_target_keeps_its_type_and_ignored_columns_are_left_out(written, suffix):
    dataset = spec(path=written(TABLE, suffix), target="a", ignore=["kind", "c"]).load()
    (rows,) = dataset.parts["train"].chunks()
    assert (list(rows.features), rows.target.dtype.name, rows.target.tolist()) == (["b"], "int64", [1, 2, 3, 4])


@pytest.mark.parametrize("suffix", FORMATS)
def test_several_targets_are_columns_of_one_array(written, suffix):
    dataset = spec(path=written(TABLE, suffix), target=["b", "a"], ignore="kind").load()
    assert census(dataset).target.tolist() == [[0.5, 1], [1.5, 2], [2.5, 3], [3.5, 4]]


def test_a_dictionary_column_is_text(tmp_path):
    labels = pa.array(["u", "v", "u"]).dictionary_encode()
    pq.write_table(pa.table({"a": [1, 2, 3], "kind": labels}), tmp_path / "t.parquet")
    dataset = spec(path=str(tmp_path / "t.parquet"), target="kind").load()
    assert census(dataset).target.tolist() == ["u", "v", "u"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_file_is_a_part_and_its_columns_may_be_in_another_order(written, suffix):
    other = {name: TABLE[name][:1] for name in ("kind", "c", "b", "a")}
    dataset = spec(train=written(TABLE, suffix), test=written({**other, "d": [1]}, suffix, "u"), target="kind").load()
    found = census(dataset)
    assert (found.rows, found.target.tolist()) == ({"train": 4, "test": 1}, ["x", "y", "x", "z", "x"])
    assert columns(dataset, "test") == ({"a": [1], "b": [0.5], "c": [1]}, ["x"])
    assert dataset.origin == f"t.{suffix}, u.{suffix}"


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_part_without_a_column_or_the_target_is_refused_by_its_name(written, tmp_path, suffix):
    train = written(TABLE, suffix)
    for gone, left in [("b", "a, c or kind"), ("kind", "a, b or c")]:
        test = written({name: values for name, values in TABLE.items() if name != gone}, suffix, "u")
        assert refusal(train=train, test=test, target="kind") == (
            f"{test}: has no column '{gone}', which t.{suffix} has; it has {left}"
        )


def test_a_part_whose_numbers_are_words_is_refused_by_its_name_and_line(written):
    train, test = written({"a": [1, 2], "y": [0, 1]}), written({"a": [3, "old"], "y": [0, 1]}, name="u")
    with pytest.raises(DataError) as raised:
        census(spec(train=train, test=test, target="y").load())
    assert str(raised.value) == (
        f"{test}: line 3: column 'a' holds 'old', and is read as numbers; mend it, "
        'write `dataset.missing_values: ["old"]`, or `dataset.features: {a: categorical}`'
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_path_with_a_star_is_all_files_of_such_names_in_order(written, suffix):
    for name, start in [("part-2", 3), ("part-1", 1), ("other", 9)]:
        written({"a": [start, start + 1], "y": [start, start + 1]}, suffix, name)
    path = written({"a": [5, float("inf") if suffix == "csv" else 7], "y": [5, 6]}, suffix, "part-3")
    dataset = spec(path=path.replace("-3", "-*"), target="y").load()
    assert columns(dataset)[1] == [1, 2, 3, 4, 5, 6]
    assert dataset.origin == f"part-1.{suffix}, part-2.{suffix}, part-3.{suffix}"
    if suffix == "csv":
        with pytest.raises(DataError, match=r"^part-3.csv: row 2: 'a' is infinite or above 3e38"):
            census(dataset)


def test_a_path_with_a_star_that_fits_no_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("DLTRAIN_DATA", raising=False)
    chosen = spec(path=str(tmp_path / "part-*.csv"), target="y")
    assert [str(problem) for problem in chosen.find_problems()] == [
        f"path: no file is called {tmp_path / 'part-*.csv'}; paths are relative to the config, then to $DLTRAIN_DATA"
    ]
    assert refusal(path=str(tmp_path / "part-*.csv"), target="y") == (
        f"no file is called {tmp_path / 'part-*.csv'}; "
        "set $DLTRAIN_DATA to the folder that holds such files, or give their path"
    )


@pytest.mark.parametrize(("chunk", "lengths"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (100, [5])])
def test_rows_come_in_chunks_and_in_order(written, monkeypatch, chunk, lengths):
    monkeypatch.setattr(table_source, "CHUNK_ROWS", chunk)
    dataset = spec(path=written({"a": [1, 2, 3, 4, 5], "y": [0.5, 1, 2, 3, 4]}), target="y").load()
    for _ in range(2):
        chunks = list(dataset.parts["train"].chunks())
        assert [len(rows) for rows in chunks] == lengths
        assert [rows.before for rows in chunks] == [sum(lengths[:index]) for index in range(len(lengths))]
        assert np.concatenate([rows.features["a"] for rows in chunks]).tolist() == [1, 2, 3, 4, 5]
    assert census(dataset).target.tolist() == [0.5, 1, 2, 3, 4]


MISSING = "; fill or drop these rows, or write `dataset.missing: mean`"


@pytest.mark.parametrize("chunk", [1, 2, 100])
@pytest.mark.parametrize(
    ("values", "target", "text"),
    [
        ([1, 2, 3, None], [0, 1, 0, 1], f"t.csv: row 4: 'a' is missing{MISSING}"),
        (["p", "q", "p", None], [0, 1, 0, 1], f"t.csv: row 4: 'a' is missing{MISSING}"),
        (["true", "false", "true", None], [0, 1, 0, 1], f"t.csv: row 4: 'a' is missing{MISSING}"),
        (["2024-01-01", "2024-01-01", "2024-01-02", None], [0, 1, 0, 1], f"t.csv: row 4: 'a' is missing{MISSING}"),
        ([1, 2, 3, 4], [0, 1, 0, None], "t.csv: row 4: the target 'y' has no value; fill or drop these rows"),
        ([1, 2, 3, 4], ["p", "q", "p", None], "t.csv: row 4: the target 'y' has no value; fill or drop these rows"),
        ([1, 2, 3, "nan"], [0, 1, 0, 1], f"t.csv: row 4: 'a' is missing{MISSING}"),
        ([1, 2, 3, "-inf"], [0, 1, 0, 1], "t.csv: row 4: 'a' is infinite or above 3e38; fill or drop these rows"),
        ([1, 2, 3, 4], [0, 1, 0.5, "nan"], "t.csv: row 4: 'y' is missing; fill or drop these rows"),
        ([1, 2, 3, "1e300"], [0, 1, 0, 1], "t.csv: row 4: 'a' is infinite or above 3e38; fill or drop these rows"),
        ([1, 2, 3, 4], [0, 1, 0.5, "1e300"], "t.csv: row 4: 'y' is infinite or above 3e38; fill or drop these rows"),
    ],
)
def test_a_missing_or_infinite_value_is_refused_with_its_row(written, monkeypatch, chunk, values, target, text):
    monkeypatch.setattr(table_source, "CHUNK_ROWS", chunk)
    with pytest.raises(DataError) as raised:
        census(spec(path=written({"a": values, "y": target}), target="y").load())
    assert str(raised.value) == text


def test_several_missing_values_are_counted(written):
    with pytest.raises(DataError) as raised:
        census(spec(path=written({"a": [1, None, None], "y": [0, 1, 0]}), target="y").load())
    assert str(raised.value) == f"t.csv: row 2: 'a' is missing (2 such rows so far){MISSING}"


def test_a_row_of_another_part_is_named_with_its_file(written):
    good, bad = written({"a": [1.0], "y": [0.0]}), written({"a": [1.0, "1e99"], "y": [0.0, 1.0]}, name="u")
    with pytest.raises(DataError) as raised:
        census(spec(train=good, test=bad, target="y").load())
    assert str(raised.value) == "u.csv: row 2: 'a' is infinite or above 3e38; fill or drop these rows"


def test_unknown_columns_are_refused_all_at_once(written):
    with pytest.raises(SpecError) as raised:
        spec(path=written(TABLE), target="kin", ignore=["a", "id"]).load(["when"])
    assert [(problem.path, problem.message) for problem in raised.value.problems] == [
        (("dataset", "target"), "t.csv has no column 'kin'; it has a, b, c or kind; did you mean 'kind'?"),
        (("dataset", "ignore", 1), "t.csv has no column 'id'; it has a, b, c or kind; did you mean 'kind'?"),
        (("splits",), "t.csv has no column 'when'; it has a, b, c or kind"),
    ]


def test_an_extra_column_is_no_feature_and_keeps_its_precision(written):
    path = written({"id": [2**53 + 1, 7], "share": [0.1, 0.2], "a": [1, 2], "y": [0, 1]}, "parquet")
    (rows,) = spec(path=path, target="y").load(["id", "share"]).parts["train"].chunks()
    assert list(rows.features) == ["a"]
    assert {name: column.tolist() for name, column in rows.extras.items()} == {
        "id": [2**53 + 1, 7],
        "share": [0.1, 0.2],
    }


def test_the_fingerprint_changes_with_one_value(written):
    prints = {spec(path=written({"a": [1, 2], "y": [0, last]}), target="y").load().fingerprint for last in (1, 1, 2)}
    assert len(prints) == 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_another_file_needs_the_columns_of_the_model(written, suffix):
    chosen = spec(path=written(TABLE, suffix), target="kind")
    features = chosen.load().features
    more = written({**TABLE, "extra": [1, 2, 3, 4]}, suffix, "more")
    assert list(next(iter(chosen.open_file(more, features).chunks())).features) == ["a", "b", "c"]
    less = written({"a": [1], "b": [2], "kind": ["x"]}, suffix, "less")
    with pytest.raises(DataError) as raised:
        chosen.open_file(less, features)
    assert str(raised.value) == f"{less}: has no column 'c', which the model takes"
    unlabelled = written({"a": [1], "b": [2], "c": [True]}, suffix, "unlabelled")
    with pytest.raises(DataError) as raised:
        chosen.open_file(unlabelled, features)
    assert str(raised.value) == f"{unlabelled}: has no column 'kind', the target of the run"
    (rows,) = chosen.open_file(unlabelled, features, labelled=False).chunks()
    assert (rows.target, rows.features["b"].tolist()) == (None, [2])


def test_a_missing_file_is_refused_with_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DLTRAIN_DATA", raising=False)
    assert refusal(path=str(tmp_path / "t.csv"), target="y") == (
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


def test_the_target_cannot_be_ignored(written):
    problems = spec(path=written(TABLE), target="kind", ignore=["a", "kind"]).find_problems()
    assert [str(problem) for problem in problems] == ["ignore.1: 'kind' is the target; delete one of the two"]


@pytest.mark.parametrize("written_as", ["?", ["?"], -1, [-1, "?"]])
def test_one_mark_for_missing_values_stands_for_a_list_of_one(written_as):
    assert spec(path="a.csv", target="y", missing_values=written_as).missing_values in (("?",), ("-1",), ("-1", "?"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.tsv.gz", "csv"),
        ("A.CSV", "csv"),
        ("a.jsonl", "json_lines"),
        ("a.ndjson.bz2", "json_lines"),
        ("a.parquet", "parquet"),
        ("part-*.csv.zst", "csv"),
    ],
)
def test_the_format_follows_from_the_name(name, kind):
    assert spec(path=name, target="y").type == kind
    assert spec(train=name, target="y").type == kind


def test_a_census_needs_rows_and_targets():
    def found(part):
        return census(source.Dataset({"train": part}, (), "y", "", "data"))

    with pytest.raises(DataError, match=r"^data: has no target; name it with `dataset.target`$"):
        found(source.ArraySource({"a": np.zeros((2, 1))}, None))
    with pytest.raises(DataError, match=r"^data: the train part has no rows$"):
        found(source.ArraySource({"a": np.zeros((0, 1))}, np.zeros(0)))


def test_parts_may_be_tables_of_different_formats(written):
    settings = {"train": written(TABLE), "test": written(TABLE, "parquet"), "validation": written(TABLE, "jsonl")}
    dataset = spec(**settings, target="kind").load()
    assert columns(dataset, "test") == columns(dataset, "validation") == columns(dataset)
    assert dataset.origin == "t.csv, t.jsonl, t.parquet"


@pytest.mark.parametrize(
    ("values", "remedy"),
    [([1.5, None, 2.5], "mean"), (["x", None, "x"], "most_frequent"), (["2020-01-01", None, "2021-01-01"], "mean")],
)
def test_a_value_that_a_feature_must_have_names_that_feature_as_the_remedy(written, values, remedy):
    path = written({"a b": values, "c": [1, 2, 3], "y": [0, 1, 0]})
    dataset = spec(path=path, target="y", missing="mean", features={"a b": {"missing": "error"}}).load()
    with pytest.raises(DataError) as raised:
        census(dataset, **{"a b": {"missing": "error"}})
    assert str(raised.value) == (
        "t.csv: row 2: 'a b' is missing; fill or drop these rows, "
        f"or write `dataset.features: {{a b: {{missing: {remedy}}}}}`"
    )
