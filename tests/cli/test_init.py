"""`dltrain init`: a config for data, which trains as it is."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dltrain.errors import InputError
from dltrain.load import load
from dltrain.proposal.propose import name_for, propose


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def people(path, count=300):
    chance = random.Random(0)
    rows = [
        [
            index,
            chance.choice(["", "?", chance.randint(1, 80)]),
            chance.choice(["m", "f", "?"]),
            chance.choice(["n", "y"]),
        ]
        for index in range(count)
    ]
    write(path, ["id", "age", "sex", "ill"], rows)


def init(*arguments, cwd):
    command = [sys.executable, "-m", "dltrain", "init", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=100, check=False)


def values(data, *targets):
    """The settings of the config that is proposed, after it has been checked."""
    config = Path("proposed.yaml")
    config.write_text(propose(str(data), targets, config).text, encoding="utf-8")
    load(config)
    return load(config)[1].values


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_says_what_it_saw_writes_a_config_and_names_the_next_command(folder):
    people(folder / "people.csv")
    done = init("people.csv", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "people.csv: 300 rows, 4 columns"
    assert lines[1] == "  id   numeric, left out: another value in every row: it numbers or names them"
    assert lines[4].startswith("target: ill (the last column), binary_classification")
    assert lines[-1] == "people.yaml is written; next: dltrain fit people.yaml"
    load(folder / "people.yaml")


def test_nothing_is_overwritten(folder):
    people(folder / "people.csv")
    (folder / "people.yaml").write_text("mine")
    done = init("people.csv", cwd=folder)
    text = "people.yaml exists already and is kept; write another file with -o FILE, or delete it\n"
    assert (done.returncode, done.stderr) == (2, text)
    assert (folder / "people.yaml").read_text() == "mine"
    assert init("people.csv", "-o", "other.yaml", cwd=folder).returncode == 0


def test_json_is_one_object(folder):
    people(folder / "people.csv")
    answer = json.loads(init("people.csv", "--target", "ill", "--json", cwd=folder).stdout)
    assert answer["config"] == "people.yaml"
    assert answer["next"] == "dltrain fit people.yaml"
    assert (answer["rows"], answer["target"], answer["reason"]) == ({"train": 300}, "ill", "as given")


def test_missing_values_and_ids_are_dealt_with(folder):
    people(folder / "people.csv")
    dataset = values("people.csv")["dataset"]
    assert dataset == {
        "path": "people.csv",
        "target": "ill",
        "ignore": ["id"],
        "missing_values": ["?"],
        "missing": "median",
        "features": {"age": {"missing": "median", "indicator": True}, "sex": {"missing": "constant"}},
    }


def test_a_path_is_relative_to_the_config(folder):
    (folder / "data").mkdir()
    (folder / "configs").mkdir()
    people(folder / "data" / "people.csv")
    assert init("data/people.csv", "-o", "configs/a.yaml", cwd=folder).returncode == 0
    assert load(folder / "configs" / "a.yaml")[1].values["dataset"]["path"] == "../data/people.csv"


def test_a_test_table_beside_the_training_one_is_taken(folder):
    people(folder / "people_train.csv")
    people(folder / "people_test.csv", 90)
    found = values("people_train.csv")
    assert (found["dataset"]["train"], found["dataset"]["test"]) == ("people_train.csv", "people_test.csv")
    assert found["splits"] == {"validation": 0.2, "test": "provided"}
    assert name_for("people_train.csv") == "people"


def test_a_test_table_without_the_target_is_not_taken(folder):
    write(folder / "train.csv", ["a", "target"], [[index / 7, index % 13 / 3] for index in range(90)])
    write(folder / "test.csv", ["a"], [[index / 7] for index in range(90)])
    assert values(".")["dataset"] == {"path": "train.csv", "target": "target"}


def test_a_regular_series_becomes_windows_split_by_time(folder):
    rows = [
        [f"2024-01-{index // 24 + 1:02} {index % 24:02}:00", np.sin(index / 4) + 1e-3 * index] for index in range(720)
    ]
    write(folder / "load.csv", ["when", "load"], rows)
    found = values("load.csv")
    assert found["dataset"]["window"] == {"time": "when", "past": 48, "horizon": 12}
    assert found["splits"] == {"type": "time", "validation": 0.2, "test": 0.2}
    assert found["task"] == {"regression": {"difference": True}}


def test_rows_with_an_irregular_time_are_split_by_it_and_groups_are_mentioned(folder):
    chance = random.Random(0)
    rows = [
        [
            f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            index % 40,
            chance.random(),
            int(index % 50 == 0),
        ]
        for index in range(1000)
    ]
    write(folder / "events.csv", ["date", "user_id", "amount", "fraud"], rows)
    text = propose("events.csv", (), Path("events.yaml")).text
    assert "# splits: {group: user_id, validation: 0.1, test: 0.2}\n" in text
    found = values("events.csv")
    assert found["splits"] == {"time": "date", "validation": 0.1, "test": 0.2}
    assert found["dataset"]["ignore"] == ["user_id"]
    # One row of fifty is less than a tenth.
    assert found["trainer"]["class_weight"] == "balanced"
    assert "# rare classes count more: 1 has 2.0% of all rows\n" in text


def test_semicolons_decimal_commas_and_latin_letters_are_told(folder):
    rows = "\n".join(f"{index},5;{index % 7},25;{index * 3 % 11},1" for index in range(50))
    (folder / "a.csv").write_bytes(f"größe;b;y\n{rows}\n".encode("latin-1"))
    dataset = values("a.csv")["dataset"]
    assert {key: dataset[key] for key in ("delimiter", "decimal", "encoding")} == {
        "delimiter": ";",
        "decimal": ",",
        "encoding": "latin-1",
    }


def test_arrays_of_pixels_get_convolutions_and_vectors_a_perceptron(folder):
    chance = np.random.default_rng(0)
    np.savez("pixels.npz", x=chance.integers(0, 256, (60, 28, 28), "uint8"), y=np.arange(60) % 3)
    np.savez("vectors.npz", x=chance.random((60, 5)), y=chance.random(60))
    np.savez("steps.npz", x=chance.random((60, 20, 5)), y=np.arange(60) % 3)
    pixels = values("pixels.npz")
    assert (pixels["model"]["type"], pixels["model"]["filters"]) == ("cnn", [32, 64])
    # A digit from the other side is another sign.
    assert "augment" not in pixels["dataset"]
    assert values("vectors.npz")["model"]["type"] == "mlp"
    assert values("steps.npz")["model"]["type"] == "lstm"


def test_arrays_of_colour_pixels_are_changed_at_random_and_those_of_other_numbers_are_not(folder):
    chance = np.random.default_rng(0)
    np.savez("photos.npz", x=chance.integers(0, 256, (60, 16, 16, 3), "uint8"), y=np.arange(60) % 3)
    np.savez("fields.npz", x=chance.random((60, 16, 16, 3)), y=np.arange(60) % 3)
    np.savez("lines.npz", x=chance.integers(0, 256, (60, 2, 16), "uint8"), y=np.arange(60) % 3)
    assert values("photos.npz")["dataset"]["augment"][0] == {"random_flip": "horizontal"}
    assert "augment" not in values("fields.npz")["dataset"]
    # Two rows of pixels cannot be halved twice.
    assert values("lines.npz")["model"]["type"] == "mlp"


def test_photos_of_several_sizes_get_one_and_broken_files_are_skipped(folder):
    from PIL import Image

    for part, label, index in [(p, c, i) for p in ("train", "test") for c in ("cat", "dog") for i in range(12)]:
        path = folder / "photos" / part / label
        path.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 300 + index), (index, 0, 9)).save(path / f"{index}.png")
    (folder / "photos" / "train" / "cat" / "broken.png").write_bytes(b"none")
    found = values("photos")
    dataset = found["dataset"]
    # The median is 306 x 64; of the longer side 128 pixels are left, in steps of 16.
    assert (dataset["path"], dataset["size"], dataset["on_bad_image"]) == ("photos/", [128, 32], "skip")
    assert dataset["augment"][0] == {"random_flip": "horizontal"}
    assert found["splits"]["test"] == "provided"


def test_texts_in_folders_become_vectors_of_words(folder):
    for label, index in [(c, i) for c in ("good", "bad") for i in range(20)]:
        path = folder / "reviews" / label
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{index}.txt").write_text(f"a {label} film {index}")
    found = values("reviews/")
    text = {"output": "tf_idf", "ngrams": 2, "vocabulary_size": 20000}
    assert found["dataset"] == {"path": "reviews/", "features": {"text": {"text": text}}}
    assert found["task"] == {"binary_classification": "bad"}


@pytest.mark.parametrize(
    ("header", "rows", "targets", "text"),
    [
        (
            ["a", "label", "y"],
            [[index / 7, index % 2, index % 3] for index in range(30)],
            (),
            "a.csv: which column is to be predicted is not clear: 'label' or 'y' may be meant; write --target COLUMN\n"
            "  a: numeric\n  label: numeric\n  y: numeric",
        ),
        (
            ["a", "born"],
            [[index / 7, f"2024-01-{index + 1:02}"] for index in range(30)],
            (),
            "a.csv: which column is to be predicted is not clear: the last column holds datetime; "
            "write --target COLUMN\n  a: numeric\n  born: datetime",
        ),
        (
            ["age", "born"],
            [[1, 2]] * 9,
            ("agee",),
            "a.csv has no column 'agee'; it has age or born; did you mean 'age'?",
        ),
        (
            ["id", "y"],
            [[index, index % 2] for index in range(30)],
            (),
            "a.csv: there is no column to learn from: 'id': another value in every row: it numbers or names them",
        ),
        (["a"], [[1]] * 9, (), "a.csv has one column only; a table needs a target and columns to predict it from"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_columns(header, rows, targets, text, folder):
    write(folder / "a.csv", header, rows)
    with pytest.raises(InputError) as error:
        propose("a.csv", targets, Path("a.yaml"))
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("none.csv", "no such file or folder: none.csv; give a table, an .npz file, or a folder of images or texts"),
        ("https://a.b/c.csv", "https://a.b/c.csv is no file or folder on this machine; download the data, and name it"),
        (
            "a.docx",
            "the format of a.docx is not known; give a .csv, .tsv, .jsonl, .parquet or .npz file, or a folder",
        ),
    ],
)
def test_data_that_is_none_is_refused(data, text, folder):
    (folder / "a.docx").write_text("x")
    done = init(data, cwd=folder)
    assert (done.returncode, done.stderr) == (2, f"{text}\n")


def test_very_few_rows_make_more_than_one_step(folder):
    write(folder / "few.csv", ["a", "y"], [[index / 7, index % 2] for index in range(8)])
    found = values("few.csv")
    # Seven tenths of eight rows train.
    assert found["trainer"]["batch_size"] == 1
    assert found["splits"] == {"type": "stratified", "validation": 0.2, "test": 0.2}


def test_neither_keras_nor_tensorflow_is_imported(folder):
    people(folder / "people.csv")
    code = (
        "import sys; from dltrain.cli.init import init_config as init; init('people.csv', [], output=None, json=True)"
    )
    code += "; print(sorted({'keras', 'tensorflow', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[1] == "[]"


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "target", "task"),
    [
        ("adult_train.csv", "income", {"binary_classification": ">50K"}),
        ("winequality_white.csv", "quality", "regression"),
        ("imdb_train.parquet", "label", {"binary_classification": "pos"}),
        ("ETTh1.csv", "OT", {"regression": {"difference": True}}),
        ("mnist.npz", None, "multiclass_classification"),
    ],
)
@pytest.mark.long
def test_real_data_is_told(file, target, task):
    if not Path(os.environ.get("DLTRAIN_DATA", "."), file).exists():
        pytest.skip(f"{file} is not in $DLTRAIN_DATA")
    found = values(file)
    assert (found["dataset"].get("target"), found["task"]) == (target, task)
