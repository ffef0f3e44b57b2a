"""What a column is taken to hold."""

import pyarrow as pa
import pytest

from data.conftest import columns, kinds, refusal, spec


def csv(write, name, values, **settings):
    """The kind of a column of CSV, and its values."""
    path = write(f"{name},y\n" + "".join(f"{value},{index}\n" for index, value in enumerate(values)))
    dataset = spec(path=path, target="y", **settings).load()
    return kinds(dataset)[name], columns(dataset)[0][name]


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        (["1", "-2", "+3"], "numeric", [1.0, -2.0, 3.0]),
        ([" 1", "2 "], "numeric", [1.0, 2.0]),
        (["0", "0.5", ".5", "1.", "1e3", "-2.5E-1"], "numeric", [0.0, 0.5, 0.5, 1.0, 1000.0, -0.25]),
        (["1", "", "3"], "numeric", [1.0, None, 3.0]),
        (["123456789012345"], "numeric", [123456788103168.0]),
        (["1234567890123456"], "categorical", ["1234567890123456"]),
        (["00123", "45678"], "categorical", ["00123", "45678"]),
        (["007.5", "1.5"], "categorical", ["007.5", "1.5"]),
        (["0x1A", "1_000"], "categorical", ["0x1A", "1_000"]),
        (["NA", "EU", "NA"], "categorical", ["NA", "EU", "NA"]),
        (["1", "nan", "NaN", "-1.5"], "numeric", [1.0, None, None, -1.5]),
        (["NaN", "inf"], "categorical", ["NaN", "inf"]),
        (["NaN", "null", "None", "nan"], "categorical", ["NaN", "null", "None", "nan"]),
        (["true", "false", "TRUE", ""], "boolean", [1.0, 0.0, 1.0, None]),
        (["yes", "no"], "categorical", ["yes", "no"]),
        (["1", "0", "1"], "numeric", [1.0, 0.0, 1.0]),
        (["true", "1"], "categorical", ["true", "1"]),
        (["2024-12-31", "2024-02-29"], "datetime", [[2024, 12, 31, 1, 0, 0, 0], [2024, 2, 29, 3, 0, 0, 0]]),
        (["2024-12-31 23:59:58", ""], "datetime", [[2024, 12, 31, 1, 23, 59, 58], [None] * 7]),
        (["31/12", "1/1"], "categorical", ["31/12", "1/1"]),
        (["2024-12", "2024-11"], "categorical", ["2024-12", "2024-11"]),
    ],
)
def test_a_text_is_a_number_a_truth_value_or_a_date_only_where_nothing_is_lost(write, values, kind, read):
    assert csv(write, "a", values) == (kind, read)


def test_a_decimal_comma_is_read_where_the_config_says_so(write):
    path = write("a;b;y\n1,5;1.5;0\n-0,25;2;1\n")
    dataset = spec(path=path, target="y", delimiter=";", decimal=",").load()
    assert kinds(dataset) == {"a": "numeric", "b": "categorical"}
    assert columns(dataset)[0] == {"a": [1.5, -0.25], "b": ["1.5", "2"]}


def test_texts_that_stand_for_a_missing_value_are_missing_in_every_column(write):
    path = write('a,b,c,d,y\n?,x,2024-01-01,true,0\n2,?,?,?,1\n3,"",n/a,n/a,2\n')
    dataset = spec(path=path, target="y", missing_values=["?", "n/a"]).load()
    assert kinds(dataset) == {"a": "numeric", "b": "categorical", "c": "datetime", "d": "boolean"}
    found = columns(dataset)[0]
    assert (found["a"], found["b"], found["d"]) == ([None, 2, 3], ["x", None, None], [1, None, None])
    assert found["c"][1:] == [[None] * 7] * 2


def test_a_number_may_stand_for_a_missing_one(write):
    assert csv(write, "a", ["1", "-999", "3"], missing_values=[-999]) == ("numeric", [1, None, 3])


def test_sentences_that_are_all_different_are_text_and_repeated_ones_are_labels(write):
    different = [f"this film number {index} was good" for index in range(6)]
    dataset = spec(path=write("a,y\n" + "".join(f"{text},0\n" for text in different)), target="y").load()
    assert kinds(dataset) == {"a": "text"}
    dataset = spec(path=write("a,y\n" + f"{different[0]},0\n{different[1]},0\n" * 3), target="y").load()
    assert kinds(dataset) == {"a": "categorical"}


def test_a_thousand_names_are_labels_and_more_are_refused(write):
    def rows(count):
        return write("who,y\n" + "".join(f"p{index:04},{index}\n" for index in range(count)))

    assert kinds(spec(path=rows(1000), target="y").load()) == {"who": "categorical"}
    assert refusal(path=rows(1001), target="y") == (
        "t.csv: column 'who' has 1001 distinct values in 1001 rows, like a name or a number of a person ('p1000'); "
        'leave it out with `dataset.ignore: ["who"]`, or write `dataset.features: {who: text}` or `{who: categorical}`'
    )


def test_numbers_with_a_few_words_are_refused_with_row_and_remedy(write):
    path = write("a: b,y\n,0\n" + "".join(f"{index},0\n" for index in range(8)) + "n/a,0\n?,0\n")
    assert refusal(path=path, target="y") == (
        "t.csv: row 10: column 'a: b' holds numbers, but also 'n/a' and 1 other text; write "
        '`dataset.missing_values: ["n/a"]` if it marks a missing value, mend the row, or write '
        '`dataset.features: {"a: b": categorical}`'
    )
    assert kinds(spec(path=path, target="y", missing_values=["n/a", "?"]).load()) == {"a: b": "numeric"}
    assert kinds(spec(path=path, target="y", features={"a: b": "categorical"}).load()) == {"a: b": "categorical"}


def test_words_with_a_few_numbers_among_them_are_labels(write):
    assert csv(write, "a", ["x", "1", "z", "2"]) == ("categorical", ["x", "1", "z", "2"])


def test_a_column_without_any_value_is_refused_unless_the_config_says_what_it_holds(write):
    path = write("a,b,y\n,1,0\n,2,1\n")
    assert refusal(path=path, target="y") == (
        "t.csv: column 'a' has no value; leave it out with `dataset.ignore: [\"a\"]`, or say what it holds, such as "
        "`dataset.features: {a: numeric}`"
    )
    dataset = spec(path=path, target="y", features={"a": "numeric"}).load()
    assert columns(dataset)[0] == {"a": [None, None], "b": [1, 2]}


@pytest.mark.parametrize(
    ("values", "target"),
    [
        (["1", "2"], [1, 2]),
        (["1", "2.5"], [1.0, 2.5]),
        (["true", "false"], ["true", "false"]),
        (["01", "2"], ["01", "2"]),
        (["route 1", "2", "3", "4", "5", "6"], ["route 1", "2", "3", "4", "5", "6"]),
    ],
)
def test_a_target_is_numbers_or_labels(write, values, target):
    path = write("a,y\n" + "".join(f"1,{value}\n" for value in values))
    assert columns(spec(path=path, target="y").load())[1] == target


def test_a_target_of_fractions_with_a_word_is_refused(write):
    path = write("a,y\n" + "".join(f"1,{index}.5\n" for index in range(8)) + "1,unknown\n")
    assert refusal(path=path, target="y") == (
        "t.csv: row 9: column 'y' holds numbers, but also 'unknown'; mend or drop the row"
    )


def test_dates_are_no_target_but_may_be_an_extra_column(write):
    path = write("a,y,z\n1,2024-01-05,0\n2,2024-01-06,1\n")
    text = "t.csv: the target 'y' holds dates such as '2024-01-05'; it must be numbers or labels"
    assert refusal(path=path, target="y", ignore="z") == text
    (rows,) = spec(path=path, target="z").load(["y"]).parts["train"].chunks()
    assert rows.extras["y"].tolist() == ["2024-01-05", "2024-01-06"]


def test_what_a_column_holds_may_be_said(write):
    path = write("zip,age,when,flag,y\n12345,4,31/12/2024,yes,0\n2345,?,1/2/2025,no,1\n")
    features = {
        "zip": "categorical",
        "age": "numeric",
        "when": {"datetime": {"format": "%d/%m/%Y"}},
        "flag": "boolean",
    }
    dataset = spec(path=path, target="y", features=features, missing_values=["?"]).load()
    assert kinds(dataset) == {"zip": "categorical", "age": "numeric", "when": "datetime", "flag": "boolean"}
    assert columns(dataset)[0] == {
        "zip": ["12345", "2345"],
        "age": [4, None],
        "when": [[2024, 12, 31, 1, 0, 0, 0], [2025, 2, 1, 5, 0, 0, 0]],
        "flag": [1, 0],
    }


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1, 2], "int8"), "numeric"),
        (pa.array([1.5, None]), "numeric"),
        (pa.array([1, 2]).cast(pa.decimal128(21, 2)), "numeric"),
        (pa.array([True, None]), "boolean"),
        (pa.array([1, 2], pa.date32()), "datetime"),
        (pa.array([1, 2], pa.timestamp("ns", "Europe/Oslo")), "datetime"),
        (pa.array(["2024-01-01", None]), "datetime"),
        (pa.array(["a", "b"]).dictionary_encode(), "categorical"),
        (pa.array([7, 8]).dictionary_encode(), "numeric"),
        (pa.array(["1", "2"], pa.large_string()), "categorical"),
        (pa.array(["true", "false"], pa.string_view()), "categorical"),
    ],
)
def test_a_typed_column_is_what_its_type_says(tmp_path, values, kind):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": values, "y": [0, 1]}), tmp_path / "t.parquet")
    dataset = spec(path=str(tmp_path / "t.parquet"), target="y").load()
    assert kinds(dataset) == {"a": kind}
    assert len(columns(dataset)[0]["a"]) == 2
