"""`dltrain predict` and `dltrain.predict`: raw rows in, decoded predictions out."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import dltrain
from dltrain.cli import app
from dltrain.errors import DataError

pytestmark = pytest.mark.keras

SOURCE = "train: train.csv, test: test.csv, target: kind"
FLOWERS = f"""\
name: flowers
dataset: {{{SOURCE}}}
splits: {{validation: 0.2, test: provided}}
model: {{type: mlp, units: [8]}}
trainer: {{epochs: 2}}
"""


def write_csv(path, columns, rows=slice(None)):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(list(zip(*columns.values(), strict=True))[rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table with numbers, labels and dates; its test file, and the same rows without a target."""
    path = tmp_path_factory.mktemp("work")
    random = np.random.default_rng(0)
    length, colour = random.normal(40, 10, 700).round(1), random.choice(["red", "green", "blüe"], 700)
    columns = {"length": length, "colour": colour, "seen": [f"2024-0{1 + i % 9}-1{i % 7}" for i in range(700)]}
    kind = np.where((colour == "red") ^ (length > 42), "rose", "tulip, late")
    write_csv(path / "train.csv", columns | {"kind": kind}, slice(0, 300))
    write_csv(path / "test.csv", columns | {"kind": kind}, slice(300, 700))
    write_csv(path / "new.csv", columns, slice(300, 700))
    (path / "flowers.yaml").write_text(FLOWERS)
    price = {"price": length * 100 + 5000, "weight": length - 3}
    write_csv(path / "ptrain.csv", columns | price, slice(0, 300))
    write_csv(path / "ptest.csv", columns | price, slice(300, 700))
    source = "train: ptrain.csv, test: ptest.csv, target: price, ignore: weight"
    (path / "prices.yaml").write_text(FLOWERS.replace("name: flowers", "name: prices").replace(SOURCE, source))
    return path


@pytest.fixture(scope="module")
def flowers(folder):
    return dltrain.fit(folder / "flowers.yaml", runs_dir=folder / "runs")


@pytest.fixture
def command(folder, monkeypatch, capsysbinary):
    """Runs the command line in this process; gives exit code, stdout and stderr."""
    monkeypatch.chdir(folder)

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["dltrain", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as exit_:
            app.run()
        out, err = capsysbinary.readouterr()
        return exit_.value.code, out.decode(), err.decode()

    return run


def column(path, name):
    with path.open(newline="", encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_predictions_of_the_test_file_have_exactly_the_scores_of_the_run(flowers, folder, command):
    code, out, err = command("predict", "runs/flowers/1", "test.csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["row", "prediction", "probability_rose", "probability_tulip, late"]
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 401)]
    truth = column(folder / "test.csv", "kind")
    right = sum(row["prediction"] == label for row, label in zip(rows, truth, strict=True))
    scores = flowers.scores["test"]
    assert (len(rows), right / len(rows)) == (scores["rows"], scores["accuracy"])
    from sklearn.metrics import roc_auc_score

    second = np.array([row["probability_tulip, late"] for row in rows], "float32")
    assert roc_auc_score([label != "rose" for label in truth], second.astype("float64")) == scores["roc_auc"]
    first = np.array([row["probability_rose"] for row in rows], "float64")
    np.testing.assert_allclose(first + second, 1, atol=1e-7)


def test_a_target_in_the_file_is_not_looked_at_and_every_way_gives_the_same_predictions(flowers, folder, command):
    _, out, _ = command("predict", "runs/flowers/1", "test.csv")
    table = pacsv.read_csv(folder / "new.csv")
    pq.write_table(table, folder / "new.parquet")
    lines = "".join(json.dumps(row | {"seen": str(row["seen"])}) + "\n" for row in table.to_pylist())
    (folder / "new.jsonl").write_text(lines)
    for name in ("new.csv", "new.parquet", "new.jsonl", "ne*.csv"):
        assert command("predict", "runs/flowers/1", name) == (0, out, "")
    rows = (folder / "new.csv").read_bytes()
    for stdin in (rows, rows.replace(b",", b"\t"), (folder / "new.parquet").read_bytes(), lines.encode()):
        assert command("predict", "runs/flowers/1", "-", stdin=stdin) == (0, out, "")
    found = dltrain.predict(flowers, table)
    assert list(found) == ["prediction", "probability_rose", "probability_tulip, late"]
    assert found["prediction"].tolist() == [row["prediction"] for row in csv.DictReader(io.StringIO(out))]
    for other in (folder / "test.csv", table.to_pydict(), table.to_pylist()):
        again = dltrain.predict(flowers.path, other)
        assert all((again[name] == values).all() for name, values in found.items())


def test_numbers_are_in_the_targets_unit_and_have_exactly_the_scores_of_the_run(folder, command):
    run = dltrain.fit(folder / "prices.yaml", runs_dir=folder / "runs")
    code, out, err = command("predict", "runs/prices/1", "ptest.csv", "-o", "prices.parquet")
    assert (code, out, err) == (0, "", "400 rows are in prices.parquet\n")
    found = pq.read_table(folder / "prices.parquet")
    assert found.column_names == ["row", "prediction"]
    predicted, truth = found["prediction"].to_numpy(), np.array(column(folder / "ptest.csv", "price"), "float64")
    error = run.scores["test"]["mean_squared_error"]
    assert float(((predicted - truth) ** 2).mean()) == pytest.approx(error, rel=1e-12)
    assert 5000 < predicted.mean() < 13000
    command("predict", "runs/prices/1", "ptest.csv", "-o", "prices.csv")
    assert np.array(column(folder / "prices.csv", "prediction"), "float64").tobytes() == predicted.tobytes()


def test_arrays_have_exactly_the_scores_of_the_run_and_equal_the_saved_model(folder):
    import keras
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, y = digits.images.astype("uint8"), digits.target
    np.savez(folder / "digits.npz", x_train=x[:400], y_train=y[:400], x_test=x[400:900], y_test=y[400:900])
    np.savez(folder / "x.npz", x=x[400:900])
    text = FLOWERS.replace("name: flowers", "name: digits").replace(SOURCE, "path: digits.npz")
    (folder / "digits.yaml").write_text(text)
    run = dltrain.fit(folder / "digits.yaml", runs_dir=folder / "runs")
    found = dltrain.predict(run, x[400:900])
    assert (found["prediction"] == y[400:900].astype(str)).mean() == run.scores["test"]["accuracy"]
    for rows in (folder / "digits.npz", folder / "x.npz", {"x": x[400:900]}):
        again = dltrain.predict(run, rows)
        assert all((again[name] == values).all() for name, values in found.items())
    outputs = keras.models.load_model(run.path / "model.keras")(x[400:900]).numpy()
    probabilities = np.stack([found[f"probability_{digit}"] for digit in range(10)], axis=1)
    np.testing.assert_allclose(outputs, probabilities, atol=1e-5)
    assert list(dltrain.predict(run, x[:2], most_classes=9)) == ["prediction", "probability"]


def test_a_table_equals_the_saved_model_on_the_same_raw_rows(flowers, folder):
    import keras
    import tensorflow as tf

    from dltrain.data.base import DatasetSpec

    dataset = DatasetSpec.choose({"path": str(folder / "test.csv"), "target": "kind"}).load()
    (rows,) = dataset.parts["train"].chunks()
    # The files differ in the labels that are seen first, not in the columns.
    inputs = {name: tf.constant(values) for name, values in rows.features.items()}
    outputs = keras.models.load_model(flowers.path / "model.keras")(inputs).numpy()[:, 0]
    found = dltrain.predict(flowers, folder / "test.csv")
    np.testing.assert_allclose(outputs, found["probability_tulip, late"], atol=1e-5)


def test_texts_are_files_a_text_on_stdin_or_a_list(folder, command):
    for label, word in (("bad", "dull"), ("good", "fine")):
        (folder / "texts" / label).mkdir(parents=True)
        for number in range(12):
            (folder / "texts" / label / f"{number:02}.txt").write_text(f"a {word} film {number}")
    source = "type: text_folder, path: texts"
    (folder / "texts.yaml").write_text(FLOWERS.replace("name: flowers", "name: texts").replace(SOURCE, source)
                                       .replace("test: provided", "test: 0.2"))  # fmt: skip
    run = dltrain.fit(folder / "texts.yaml", runs_dir=folder / "runs")
    found = dltrain.predict(run, folder / "texts")
    assert list(found) == ["path", "prediction", "probability_bad", "probability_good"]
    assert found["path"].tolist()[11:13] == ["bad/11.txt", "good/00.txt"]
    code, out, err = command("predict", "runs/texts/1", "texts/good/00.txt")
    assert (code, err, out.splitlines()[1].split(",")[0]) == (0, "", "00.txt")
    code, other, err = command("predict", "runs/texts/1", "-", stdin=b"a fine film 0\n")
    assert (code, err, other) == (0, "", out.replace("00.txt", "stdin.txt"))
    again = dltrain.predict(run, ["a fine film 0"])
    assert str(again["probability_good"][0]) == out.splitlines()[1].split(",")[3]


def test_json_is_one_object_with_the_predictions_or_with_the_file(flowers, command, folder):
    code, out, err = command("predict", "runs/flowers/1", "new.csv", "--json")
    answer = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert (answer["run"], answer["rows"], len(answer["predictions"])) == ("runs/flowers/1", 400, 400)
    assert list(answer["predictions"][0]) == ["row", "prediction", "probability_rose", "probability_tulip, late"]
    code, out, err = command("predict", "runs/flowers/1", "new.csv", "--json", "-o", "p.jsonl")
    assert (code, json.loads(out), err) == (0, {"run": "runs/flowers/1", "rows": 400, "output": "p.jsonl"}, "")
    lines = (folder / "p.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == answer["predictions"]


HEADER = b"length,colour,seen\n"


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (b"", "stdin is empty; it needs rows, as CSV with a header or as JSON lines\n"),
        (HEADER, "stdin.csv: has no rows\n"),
        (b"length,seen\n1,2024-01-01\n", "stdin.csv: has no column 'colour', which the model takes\n"),
        (
            HEADER + b"1,red,2024-01-01\n2,,2024-01-01\n",
            "stdin.csv: row 2: 'colour' is missing; fill or drop these rows, or write `dataset.missing: mean`\n",
        ),
        (
            HEADER + b"1,red,2024-01-01\nabc,red,2024-01-01\n",
            "stdin.csv: line 3: column 'length' holds 'abc', and is read as numbers; mend it, write "
            '`dataset.missing_values: ["abc"]`, or `dataset.features: {length: categorical}`\n',
        ),
        (
            HEADER + "1,blü,2024-01-01\n".encode("latin-1"),
            "stdin.csv: line 2: is not UTF-8 (invalid start byte); save it as UTF-8, or write "
            "`dataset.encoding: latin-1` if that is what it is\n",
        ),
        (b'{"length": "abc", "colour": "red"}\n', "stdin.jsonl: has no column 'seen', which the model takes\n"),
    ],
    ids=["empty", "header", "column", "missing", "word", "latin-1", "json"],
)
def test_rows_that_cannot_be_predicted_end_in_one_line_and_no_file(flowers, folder, command, rows, error):
    assert command("predict", "runs/flowers/1", "-", "-o", "none.csv", stdin=rows) == (2, "", error)
    assert not [path for path in folder.iterdir() if "none" in path.name]


def test_what_is_wrong_on_the_command_line_is_said_at_once(flowers, folder, command):
    (folder / "there.csv").touch()
    errors = {
        ("predict", "nowhere", "new.csv"): "nowhere is not a run directory; give one such as runs/digits-mlp/1\n",
        ("predict", "runs/flowers/1", "nix.csv"): "no such file: nix.csv\n",
        ("predict", "runs/flowers/1", "runs"): f"{folder}/runs is a folder; name a file in it\n",
        ("predict", "runs/flowers/1", "new.csv", "-o", "p.xls"): (
            "the format of 'p.xls' is not known; call the file *.csv, *.jsonl or *.parquet\n"
        ),
        ("predict", "runs/flowers/1", "new.csv", "-o", "there.csv"): (
            "there.csv exists; name another file, or write --overwrite to replace it\n"
        ),
    }
    for arguments, error in errors.items():
        assert command(*arguments) == (2, "", error)
    assert command("predict", "runs/flowers/1", "new.csv", "-o", "there.csv", "--overwrite")[0] == 0
    assert len(column(folder / "there.csv", "row")) == 400


def test_labels_that_training_never_saw_are_unknown_and_no_error(flowers):
    rows = {"length": [41.5], "colour": ["purple"], "seen": ["2031-12-24"]}
    assert dltrain.predict(flowers, rows)["prediction"].tolist() in (["rose"], ["tulip, late"])
    with pytest.raises(DataError, match=r"^rows: row 1: 'length' is missing; "):
        dltrain.predict(flowers, rows | {"length": [None]})


def test_a_reader_that_goes_away_ends_it_without_a_word(flowers, folder):
    command = f"{sys.executable} -m dltrain predict runs/flowers/1 new.csv | head -n 1; echo ${{PIPESTATUS[0]}}"
    options = {"cwd": folder, "capture_output": True, "text": True, "timeout": 200, "check": False}
    done = subprocess.run(["bash", "-c", command], **options)
    assert done.stdout == 'row,prediction,probability_rose,"probability_tulip, late"\n0\n'
    assert done.stderr == ""


def test_ctrl_c_ends_it_without_a_traceback_and_leaves_no_file(flowers, folder):
    read, write = os.pipe()
    command = [sys.executable, "-m", "dltrain", "predict", "runs/flowers/1", "-", "-o", "stopped.csv"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=read,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in its background with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with os.fdopen(write, "wb") as pipe:
        # More than a pipe holds: once all is written, the process reads, and waits for more.
        pipe.write(HEADER + b"1,red,2024-01-01\n" * 50_000)
        pipe.flush()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted\n")
    assert not [path for path in folder.iterdir() if "stopped" in path.name]
