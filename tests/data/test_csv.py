"""Text with separators: how it may be written, and where it is broken."""

import bz2
import gzip

import pytest
from pydantic import ValidationError

from data.conftest import columns, kinds, refusal, spec
from dltrain.data import csv as csv_module

PLAIN = "a,b,y\n1,x,0\n2,z,1\n"
READ = ({"a": [1, 2], "b": ["x", "z"]}, [0, 1])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PLAIN, "t.csv"),
        (PLAIN.replace("\n", "\r\n"), "t.csv"),
        (PLAIN.replace("\n", "\r"), "t.csv"),
        (PLAIN.rstrip("\n"), "t.csv"),
        ("\n\n" + PLAIN.replace("\n", "\n\n"), "t.csv"),
        ("\ufeff" + PLAIN, "t.csv"),
        ('"a","b","y"\n"1","x","0"\n"2","z","1"\n', "t.csv"),
        (PLAIN.replace(",", "\t"), "t.tsv"),
        (gzip.compress(PLAIN.encode(), mtime=0), "t.csv.gz"),
        (gzip.compress(PLAIN.encode()[:10], mtime=0) + gzip.compress(PLAIN.encode()[10:], mtime=0), "t.csv.gz"),
        (gzip.compress(PLAIN.replace(",", "\t").encode(), mtime=0), "t.TSV.gz"),
        (bz2.compress(PLAIN.encode()), "t.csv.bz2"),
    ],
)
def test_line_ends_byte_order_marks_quotes_tabs_and_compression_make_no_difference(write, content, name):
    assert columns(spec(path=write(content, name), target="y").load()) == READ


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_another_encoding_is_read_where_the_config_says_so(write, encoding):
    path = write("größe,stadt,y\n1,Malmö,0\n2,Århus,1\n".encode(encoding))
    dataset = spec(path=path, target="y", encoding=encoding).load()
    assert columns(dataset)[0] == {"größe": [1, 2], "stadt": ["Malmö", "Århus"]}


def test_a_quoted_cell_may_hold_separators_line_ends_and_quotes(write):
    path = write('a,b,y\n"x, z",1,0\n"two\nlines",2,1\n"say ""hi""",3,2\n5" pipe,4,3\n')
    dataset = spec(path=path, target="y", features={"a": "categorical"}).load()
    assert columns(dataset) == ({"a": ["x, z", "two\nlines", 'say "hi"', '5" pipe'], "b": [1, 2, 3, 4]}, [0, 1, 2, 3])


def test_rows_are_read_block_by_block(write, monkeypatch):
    monkeypatch.setattr(csv_module, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(csv_module, "_ROWS_TOGETHER", 1)
    path = write("a,b,y\n" + "".join(f"{index},{'x' * (index % 5 + 1)},{index}\n" for index in range(100)))
    dataset = spec(path=path, target="y").load()
    found, target = columns(dataset)
    assert found["a"] == target == list(range(100))
    assert found["b"] == ["x" * (index % 5 + 1) for index in range(100)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "is empty; it needs a line of column names, and rows"),
        ("\n\n", "has no line of column names"),
        ("a,y\n", "has no rows"),
        ("a,a,y\n1,2,3\n", "two columns are called 'a'; rename one"),
        ("y\n1\n", "has no feature columns besides the target 'y'"),
        (
            "a,b,y\n1,2,0\n3,1\n",
            "line 3: has 2 columns, and the header has 3; mend the line, or check `dataset.delimiter` and quotes",
        ),
        (
            "a,b,y\n1,2,0\n\n1\n",
            "line 4: has 1 column, and the header has 3; mend the line, or check `dataset.delimiter` and quotes",
        ),
        (
            'a,b,y\n"1\n2",2,0\n1,2,0,7\n',
            "line 4: has 4 columns, and the header has 3; mend the line, or check `dataset.delimiter` and quotes",
        ),
        (
            'a,b,y\n1,x,0\n2,"z,1\n3,u,2\n',
            "line 3: a quote is opened and never closed, up to the end of the file; close or remove it",
        ),
        (
            'a,y,b\n1,0,x\n2,1,"z\n3,2,u\n',
            "line 3: a quote is opened and never closed, up to the end of the file; close or remove it",
        ),
        (
            b"a,b,y\n1,x,0\n2,Malm\xf6,1\n",
            "line 3: is not UTF-8 (invalid start byte); "
            "save it as UTF-8, or write `dataset.encoding: latin-1` if that is what it is",
        ),
        (
            b"\xffa,b,y\n1,x,0\n",
            "line 1: is not UTF-8 (invalid start byte); "
            "save it as UTF-8, or write `dataset.encoding: latin-1` if that is what it is",
        ),
        (
            b"a,b,y\n1,x,0\n\x80\x00\xff\x13PNG\n\x01\n",
            "line 3: is not UTF-8 (invalid start byte); "
            "save it as UTF-8, or write `dataset.encoding: latin-1` if that is what it is",
        ),
        (",a,y\n0,1,0\n1,2,1\n", 'column 1 has no name; name it, or leave it out with `dataset.ignore: [""]`'),
        (
            "5.1,3.5,1.4,0.2,0\n4.9,3.0,1.4,0.2,1\n",
            "line 1: holds numbers (5.1, 3.5, 1.4, 0.2, ...) and no column names; put a line of names above it",
        ),
        ("1,1\n2,3\n", "line 1: holds numbers (1, 1) and no column names; put a line of names above it"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(write, content, text):
    path = write(content)
    assert refusal(path=path, target="y") == f"{path}: {text}"


def test_the_row_numbers_of_pandas_can_be_left_out(write):
    path = write(",a,y\n0,1,0\n1,2,1\n")
    assert columns(spec(path=path, target="y", ignore=[""]).load()) == ({"a": [1, 2]}, [0, 1])


def test_columns_may_be_called_by_their_numbers(write):
    assert columns(spec(path=write("0,1,2\n5,6,7\n"), target="2").load()) == ({"0": [5], "1": [6]}, [7])


def test_a_word_below_the_first_megabytes_of_numbers_is_refused_with_its_line(write, monkeypatch):
    monkeypatch.setattr(csv_module, "HEAD_BYTES", 10)
    monkeypatch.setattr(csv_module, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(csv_module, "_ROWS_TOGETHER", 1)
    rows = [f"{index},{index},0" for index in range(100)]
    path = write("\n".join(["a,b,y", *rows[:70], "70,old,0", *rows[71:]]))
    assert refusal(path=path, target="y") == (
        f"{path}: line 72: column 'b' holds 'old', and is read as numbers; mend it, "
        'write `dataset.missing_values: ["old"]`, or `dataset.features: {b: categorical}`'
    )
    path = write("\n".join(["a,b,y", *rows[:70], "70,70,0.5", *rows[71:]]))
    assert refusal(path=path, target="y") == (
        f"{path}: line 72: column 'y' holds '0.5', and is read as integers, as the first rows are; "
        "mend it, or write them with a fraction, such as 1.0"
    )


@pytest.mark.parametrize(("kind", "noun"), [("numeric", "numbers"), ("boolean", "true and false"), ("ids", "integers")])
def test_a_word_where_the_config_wants_something_else_is_refused_with_its_line(write, kind, noun):
    path = write("a,y\n1,0\n\nolder than me,1\n")
    assert refusal(path=path, target="y", features={"a": kind}) == (
        f"{path}: line 4: column 'a' holds 'older than me', and is read as {noun}; mend it, "
        'write `dataset.missing_values: ["older than me"]`, or `dataset.features: {a: categorical}`'
    )


@pytest.mark.parametrize("suffix", ["gz", "bz2"])
def test_a_compressed_file_that_is_cut_in_half_is_refused(write, suffix):
    compress = {"gz": gzip.compress, "bz2": bz2.compress}[suffix]
    whole = compress(("a,y\n" + "".join(f"{index * 7919 % 10007},{index}\n" for index in range(20_000))).encode())
    path = write(whole[: len(whole) // 2], f"t.csv.{suffix}")
    said = refusal(path=path, target="y")
    assert said.startswith(f"{path}: is damaged or cut off after line ")
    assert said.endswith("; copy it again")


def test_text_that_is_called_compressed_is_refused(write):
    path = write(PLAIN, "t.csv.gz")
    assert refusal(path=path, target="y").startswith(f"{path}: is damaged or cut off after line 0 (zlib inflate failed")


def test_an_encoding_that_does_not_exist_is_refused(write):
    path = write(PLAIN)
    assert refusal(path=path, target="y", encoding="utf-9") == (
        f"{path}: there is no encoding 'utf-9'; write e.g. latin-1"
    )


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_suggested_and_read(write, mark):
    path = write(f"a{mark}y\n1{mark}0\n")
    assert refusal(path=path, target="y") == (
        f"dataset.target: t.csv has no column 'y'; it has a{mark}y; write `delimiter: {mark!r}`"
    )
    assert columns(spec(path=path, target="y", delimiter=mark).load()) == ({"a": [1]}, [0])


def test_a_first_line_that_is_a_row_is_suspected_where_the_target_is_missing(write):
    path = write("5.1,3.5,setosa\n4.9,3.0,virginica\n")
    assert refusal(path=path, target="species") == (
        "dataset.target: t.csv has no column 'species'; it has 5.1, 3.5 or setosa; "
        "if line 1 is a row and no names, put a line of names above it"
    )


@pytest.mark.parametrize("mark", ['"', "\n", "é", "a", "1", ",,", ""])
def test_what_cannot_separate_columns_is_refused(mark):
    with pytest.raises(ValidationError, match="expected one character such as ; or"):
        spec(path="t.csv", target="y", delimiter=mark)


def test_a_decimal_comma_needs_another_delimiter(write):
    path = write("a,y\n1,0\n")
    assert refusal(path=path, target="y", decimal=",") == (
        "dataset.decimal: ',' separates columns too; write `delimiter:` with what separates them, such as ';'"
    )


def test_a_row_of_more_than_a_block_is_refused(write, monkeypatch):
    monkeypatch.setattr(csv_module, "_BLOCK_BYTES", 1024)
    path = write(f"a,y\n1,0\n2,{'0' * 3000}\n")
    assert refusal(path=path, target="y") == (
        f"{path}: not readable as CSV: a row is longer than 1,024 bytes; check `dataset.delimiter` and quotes"
    )


def test_what_is_wrong_in_a_column_that_is_left_out_does_not_matter(write):
    path = write(b"a,note,y\n1,Malm\xf6,0\n2,,1\n")
    assert kinds(spec(path=path, target="y", ignore="note").load()) == {"a": "numeric"}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("a,y\né,1\n".encode("utf-16"), "is UTF-16; save it as UTF-8, or write `dataset.encoding: utf-16`"),
        (b"PK\x03\x04\xff\n", "is no CSV, but a workbook or a .zip archive; save the table as CSV"),
        (b"PAR1\xff\n", "is no CSV, but Parquet; write `dataset.type: parquet`, which all files must be"),
        (gzip.compress(b"a,y\n1,2\n", mtime=0), "is compressed by gzip; give it a name that ends in .gz"),
    ],
)
def test_a_file_of_another_format_is_called_by_it(tmp_path, content, wanted):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert refusal(path=str(path), target="y") == f"{path}: {wanted}"
