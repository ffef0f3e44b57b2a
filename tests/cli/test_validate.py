"""`dltrain validate`, with and without a look at all rows."""

import json
import subprocess
import sys

import pytest

from dltrain.cli import plain
from dltrain.cli.app import run

CONFIG = "dataset: {path: a.csv, target: y}\nmodel: {type: mlp, units: [4]}\nsplits: {column: part}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A config, and a table with what `--data` finds: a constant column, and a label that no training row has."""
    rows = [f"{index / 7},1,{'ab'[index % 2]},{'pq'[index % 3 == 0]},train" for index in range(60)]
    rows += [f"{index / 7 + 90},1,{'ac'[index % 2]},{'pq'[index % 2]},test" for index in range(10)]
    rows += ["0.0,1,a,q,validation", "300,1,b,p,validation"]
    (tmp_path / "a.csv").write_text("n,same,t,y,part\n" + "\n".join(rows) + "\n")
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch, capfd, function, *arguments):
    monkeypatch.setattr(sys, "argv", ["dltrain", "validate", *arguments])
    with pytest.raises(SystemExit) as exited:
        function()
    return (exited.value.code, *capfd.readouterr())


def test_data_shows_columns_classes_and_what_is_worth_a_look(folder, monkeypatch, capfd):
    code, out, err = call(monkeypatch, capfd, run, "c.yaml", "--data")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        "a.csv: 60 train, 2 validation, 10 test",
        "task: binary_classification (from its labels)",
    ]
    assert "p         40           1     5" in out
    assert "note: 'same' has the same value in all rows; nothing can be learned from it" in out
    assert (
        "note: 't' has a label in 5 rows of test that no training row has, such as 'c' "
        "(a.csv: row 62, row 64, row 66, ...); they are prepared as unknown"
    ) in out
    assert out.endswith("c.yaml: ok\n")


def test_missing_values_of_all_columns_are_counted_with_examples(folder, monkeypatch, capfd):
    text = (folder / "a.csv").read_text().splitlines()
    text[5] = text[5].replace(",a,", ",,").replace(",b,", ",,")
    text[9] = "," + text[9].partition(",")[2]
    text[11] = "," + text[11].partition(",")[2]
    (folder / "a.csv").write_text("\n".join(text) + "\n")
    code, _, err = call(monkeypatch, capfd, run, "c.yaml", "--data")
    remedy = "fill or drop these rows, or write `dataset.missing: mean`"
    assert (code, err.splitlines()) == (
        2,
        [
            f"c.yaml:1:10: dataset: 'n' is missing in 2 rows (a.csv: row 9, row 11); {remedy}",
            f"c.yaml:1:10: dataset: 't' is missing in 1 row (a.csv: row 5); {remedy}",
        ],
    )


def test_json_holds_problems_and_what_is_in_the_data(folder, monkeypatch, capfd):
    code, out, _ = call(monkeypatch, capfd, run, "c.yaml", "--data", "--json")
    found = json.loads(out)
    (data,) = found["data"]
    assert (code, found["problems"], data["config"]) == (0, [], "c.yaml")
    assert data["rows"] == {"train": 60, "validation": 2, "test": 10}
    assert data["classes"]["q"] == {"train": 20, "validation": 1, "test": 5}
    assert [column["name"] for column in data["columns"]] == ["n", "same", "t"]


def test_all_rows_are_read_without_keras(folder):
    code = "import sys\nfrom dltrain.cli import main\nsys.argv = ['dltrain', 'validate', '--data', 'c.yaml']\n"
    code += "import atexit\natexit.register(lambda: print({'keras', 'tensorflow'} & set(sys.modules)))\nmain()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-2:] == ["c.yaml: ok", "set()"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("c.yaml",),
        ("c.yaml", "--json"),
        ("none.yaml", "c.yaml"),
        ("c.yaml", "--set", "model.units=[0]"),
        ("--json", "c.yaml"),
    ],
)
def test_plain_arguments_do_what_they_do_by_typer(folder, monkeypatch, capfd, arguments):
    quick = call(monkeypatch, capfd, lambda: plain.validate(arguments), *arguments)
    assert quick == call(monkeypatch, capfd, run, *arguments)


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("c.yaml", "--set"), ("--set=a=1", "c.yaml"), ("c.yaml", "--set", "--json")]
)
def test_other_arguments_are_left_to_typer(arguments):
    assert plain.validate(arguments) is None
