"""A run directory that a stranger wrote runs no code, reads nothing outside, and takes bounded time and memory."""

import io
import json
import os
import pickle
import shutil
import zipfile

import numpy as np
import pytest
import yaml

from hostile.mutator import mutate

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1800)]

MOST_SECONDS, MOST_MEGABYTES = 10, 1000
FILES = (
    "experiment.yaml", "signature.json", "preprocessing/statistics.json", "weights.safetensors", "splits.safetensors",
    "manifest.json",
)  # fmt: skip
COMMANDS = (("evaluate", "run"), ("predict", "run", "t.csv"), ("evaluate", "run", "--data", "t.csv"))


class Exploit:
    """Runs a program when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch owned",)


def check(done, folder, codes):
    assert done["code"] in codes, done["text"]
    assert "Traceback" not in done["text"], done["text"]
    assert not list(folder.rglob("owned"))
    assert done["processor"] < MOST_SECONDS, done
    assert done["megabytes"] < MOST_MEGABYTES, done


@pytest.fixture
def refused(hostile, dltrain_in_child):
    """Runs all commands on the run, which must refuse it, but for those named; gives the text of the first."""

    def run_all(commands=COMMANDS, codes=(1, 2)):
        found = [dltrain_in_child(*command, folder=hostile) for command in commands]
        for done in found:
            check(done, hostile, codes)
        return found[0]["text"]

    return run_all


def edited(path, change):
    """Changes the tree of a JSON or YAML file."""
    is_yaml = path.suffix == ".yaml"
    tree = yaml.safe_load(path.read_text()) if is_yaml else json.loads(path.read_text())
    change(tree)
    path.write_text(yaml.safe_dump(tree, sort_keys=False) if is_yaml else json.dumps(tree))


def saved(path, header, data=b""):
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_what_is_not_changed_is_scored(hostile, dltrain_in_child):
    for command in COMMANDS:
        check(dltrain_in_child(*command, folder=hostile), hostile, (0,))


@pytest.mark.parametrize("count", [100])
def test_mutations(small, tmp_path, dltrain_in_child, count):
    check_mutations(small, tmp_path, dltrain_in_child, range(count))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_two_thousand_mutations(small, tmp_path, dltrain_in_child):
    check_mutations(small, tmp_path, dltrain_in_child, range(10_000, 12_000))


def check_mutations(small, tmp_path, dltrain_in_child, seeds):
    worst, codes = {"seconds": 0.0, "processor": 0.0, "megabytes": 0.0}, {}
    for seed in seeds:
        folder = tmp_path / str(seed)
        shutil.copytree(small, folder)
        done = mutate(folder / "run", seed)
        found = dltrain_in_child(*COMMANDS[seed % 3], folder=folder)
        try:
            check(found, folder, (0, 1, 2))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {done}: {error}") from None
        worst = {key: max(value, found[key]) for key, value in worst.items()}
        codes[found["code"]] = codes.get(found["code"], 0) + 1
        shutil.rmtree(folder)
    assert codes.get(1, 0) > len(seeds) // 4, "most mutations should be seen"
    print(f"\n{len(seeds)} mutations: exit codes {codes}, at most {worst}")


@pytest.mark.parametrize("name", FILES)
def test_a_link_is_not_followed(hostile, refused, name):
    (hostile / "run" / name).unlink()
    (hostile / "run" / name).symlink_to(hostile / "secret")
    commands = COMMANDS[:1] if name in ("splits.safetensors", "manifest.json") else COMMANDS
    assert "it is a link, and what it points to is not read" in refused(commands)


def test_a_link_in_the_place_of_a_folder_is_not_followed(hostile, refused):
    shutil.move(hostile / "run/preprocessing", hostile / "elsewhere")
    (hostile / "run/preprocessing").symlink_to(hostile / "elsewhere")
    assert "preprocessing is a link, and what it points to is not read" in refused()


def test_latest_points_to_a_run_beside_it_or_nowhere(hostile, dltrain_in_child):
    (hostile / "name").mkdir()
    (hostile / "name/latest").symlink_to(hostile / "run")
    for argument in ("name", "name/latest"):
        done = dltrain_in_child("evaluate", argument, folder=hostile)
        check(done, hostile, (2,))
        assert "name/latest is a link to" in done["text"]


@pytest.mark.parametrize("name", FILES)
def test_a_fifo_is_not_waited_for(hostile, refused, name):
    (hostile / "run" / name).unlink()
    os.mkfifo(hostile / "run" / name)
    refused(COMMANDS[:1])


@pytest.mark.parametrize("name", FILES)
def test_a_terabyte_is_not_read(hostile, refused, name):
    with (hostile / "run" / name).open("r+b") as file:
        file.truncate(1 << 40)
    assert "bytes, and at most" in refused(COMMANDS[:1])


@pytest.mark.parametrize("name", ["signature.json", "preprocessing/statistics.json", "manifest.json"])
@pytest.mark.parametrize(
    "text",
    ["[" * 1_000_000, "[" + "[]," * 20_000_000 + "[]]", '{"a":' * 100_000 + "1" + "}" * 100_000, "9" * 1_000_000],
    ids=["deep", "many", "mappings", "digits"],
)
def test_json_that_explodes(hostile, refused, name, text):
    (hostile / "run" / name).write_text(text)
    refused(COMMANDS[:1])


def test_yaml_that_explodes(hostile, refused):
    for text in (
        "a: " + "[" * 60_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "{" * 1000,
        "? " * 60_000,
        "dataset: !!python/object/apply:os.system ['touch owned']\n",
    ):
        (hostile / "run/experiment.yaml").write_text(text)
        refused(COMMANDS[:1])


def test_pickles_are_not_loaded(hostile, refused):
    bomb = pickle.dumps(Exploit())
    for name in ("weights.safetensors", "splits.safetensors"):
        shutil.copy(hostile / "run" / name, hostile / "kept")
        (hostile / "run" / name).write_bytes(bomb)
        refused(COMMANDS[:1])
        np.save(hostile / "run/x.npy", np.array([Exploit()], object), allow_pickle=True)
        (hostile / "run/x.npy").rename(hostile / "run" / name)
        refused(COMMANDS[:1])
        shutil.copy(hostile / "kept", hostile / "run" / name)


def test_the_saved_model_is_not_looked_at(hostile, refused):
    layer = {"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__"}}}
    with zipfile.ZipFile(hostile / "run/model.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}}))
        archive.writestr("model.weights.h5", bytes(1 << 28))
    refused(codes=(0,))


@pytest.mark.parametrize(
    "layer", ["lambda", {"lambda": "os.system"}, {"type": "os.system"}, "../x", "keras.layers.Dense"]
)
def test_only_layers_that_are_listed_are_built(hostile, refused, layer):
    def change(tree):
        tree["model"] = {"type": "mlp", "layers": [layer]}

    edited(hostile / "run/experiment.yaml", change)
    refused()


def test_a_model_larger_than_its_weights_is_refused_by_arithmetic(hostile, refused):
    edited(hostile / "run/experiment.yaml", lambda tree: tree["model"].update(units=[5]))
    text = "run cannot be opened: the model of experiment.yaml has"
    assert text in refused()
    assert "weights.safetensors holds" in refused(COMMANDS[:1])
    edited(hostile / "run/experiment.yaml", lambda tree: tree["model"].update(units=[1_000_000] * 900))
    assert "make it smaller" in refused()


def test_a_batch_larger_than_the_memory_is_refused_by_arithmetic(hostile, refused):
    layers = [{"type": "repeat_vector", "n": 1_000_000}, {"type": "global_average_pooling1d"}]
    edited(hostile / "run/experiment.yaml", lambda tree: tree.update(model={"type": "mlp", "layers": layers}))
    edited(hostile / "run/experiment.yaml", lambda tree: tree["trainer"].update(batch_size=1_000_000))
    assert "the model is too large for this machine: 1,000,000 rows of the layer repeat_vector take" in refused()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("features", 0, "shape"), [10**12]),
        (("features", 0, "shape"), [1000, 1000, 1000, 1000]),
        (("features", 0, "shape"), [0]),
        (("features", 0, "dtype"), "object"),
        (("features", 0, "name"), "color"),
        (("features", 2, "shape"), [10**400]),
        (("target", "classes"), [str(number) for number in range(20_000)]),
        (("target", "classes"), ["no", "no"]),
        (("target", "classes"), []),
        (("target", "scale"), [0.0]),
        (("target", "shape"), [10**9]),
    ],
)
def test_impossible_features_and_targets(hostile, refused, path, value):
    def change(tree):
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = value

    edited(hostile / "run/signature.json", change)
    refused()


@pytest.mark.parametrize(
    ("feature", "key", "value"),
    [
        ("a", "scale", [0.0]),
        ("a", "scale", [float("nan")]),
        ("a", "scale", [1.0, 1.0]),
        ("a", "offset", [10**400]),
        ("a", "offset", "x"),
        ("a", "more", [1]),
        ("color", "vocabulary", ["red", "red"]),
        ("color", "vocabulary", [f"{number}" for number in range(100_000)]),
        ("color", "vocabulary", [1]),
        ("when", "parts", ["year", "__class__"]),
        ("when", "mean", [1.0]),
        ("when", "scale", 0),
    ],
)
def test_impossible_statistics(hostile, refused, feature, key, value):
    edited(hostile / "run/preprocessing/statistics.json", lambda tree: tree[feature].update({key: value}))
    assert "its files are damaged, or from another version" in refused() or key == "scale"


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]},
        {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "O", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [0, 10**18], "data_offsets": [0, 0]},
    ],
)
def test_arrays_that_declare_what_is_not_there(hostile, refused, entry):
    saved(hostile / "run/weights.safetensors", {"dense/kernel": entry}, bytes(8))
    refused()


def test_weights_that_are_no_numbers(hostile, refused):
    path = hostile / "run/weights.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[:-4] + np.float32("nan").tobytes())
    assert "are not finite numbers" in refused()


@pytest.mark.parametrize("ids", [[-1, 0], [5, 3], [0, 10**9], [1, 1]])
def test_rows_that_are_not_there(hostile, refused, ids):
    saved(
        hostile / "run/splits.safetensors",
        {"test": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]}},
        np.array(ids, "int64").tobytes(),
    )
    refused(COMMANDS[:1])


@pytest.mark.parametrize(
    "path", ["/dev/zero", "/etc/passwd", "/etc/*", "/*/*/*/*/*", "../secret.csv", "http://127.0.0.1:9/t.csv", "t.csv\0"]
)
def test_a_path_of_the_record_leads_to_the_recorded_data_or_nowhere(hostile, refused, path):
    edited(hostile / "run/experiment.yaml", lambda tree: tree["dataset"].update(path=path))
    text = refused(COMMANDS[:1])
    assert "root:" not in text
    assert "nologin" not in text


@pytest.mark.parametrize("path", ["../t.csv", "/*/*/*/*/*"])
def test_a_run_does_not_go_on_where_no_record_leads(hostile, refused, path):
    edited(hostile / "run/experiment.yaml", lambda tree: tree["dataset"].update(path=path))
    assert "is no path that a run records" in refused([("fit", "--resume", "run")])


def test_a_private_table_is_not_looked_into(hostile, dltrain_in_child):
    (hostile / "private.csv").write_text("password,y\nhunter2,yes\n" * 20)
    edited(hostile / "run/experiment.yaml", lambda tree: tree["dataset"].update(path=str(hostile / "private.csv")))
    done = dltrain_in_child("evaluate", "run", folder=hostile)
    check(done, hostile, (2,))
    text = "private.csv has changed since run was trained; restore it, or score the new data with --data FILE"
    assert text in done["text"]
    assert "hunter2" not in done["text"]
    assert "password" not in done["text"]


def test_a_small_archive_of_arrays_does_not_become_large(hostile, refused):
    with zipfile.ZipFile(hostile / "t.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x", "y"):
            header = io.BytesIO()
            np.lib.format.write_array_header_1_0(
                header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 25, 4)}
            )
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                file.write(header.getvalue())
                for _ in range(64):
                    file.write(bytes(1 << 24))
    edited(
        hostile / "run/experiment.yaml", lambda tree: tree["dataset"].update(path=str(hostile / "t.npz"), type="npz")
    )
    refused(COMMANDS[:1])  # it is not the data of the record
    (hostile / "c.yaml").write_text("dataset: {path: t.npz}\nmodel: mlp\n")
    assert "times as much as it takes; if you trust it" in refused([("fit", "c.yaml")])


def test_labels_cannot_speak_to_the_terminal_or_to_a_spreadsheet(hostile, dltrain_in_child):
    names = ["=cmd|' /C calc'!A0", "\x1b]0;owned\x07\u202e\nscore 1.0"]
    edited(hostile / "run/signature.json", lambda tree: tree["target"].update(classes=names))
    done = dltrain_in_child("predict", "run", "t.csv", "-o", "p.csv", folder=hostile)
    check(done, hostile, (0,))
    assert "'=cmd|' /C calc'!A0" in (hostile / "p.csv").read_text()
    assert "\n=cmd" not in (hostile / "p.csv").read_text()
    rows = (hostile / "t.csv").read_text().replace(",no", ",\"=cmd|' /C calc'!A0\"")
    rows = rows.replace(",yes\n", f',"{names[1]}"\n')
    (hostile / "u.csv").write_text(rows)
    done = dltrain_in_child("evaluate", "run", "--data", "u.csv", folder=hostile)
    check(done, hostile, (0, 2))
    assert not set(done["text"]) & set("\x1b\x07\u202e")
    assert "\nscore 1.0" not in done["text"]


def test_a_sequence_is_not_unrolled_without_end(hostile, refused):
    def change(tree):
        tree["model"] = {
            "type": "mlp",
            "layers": [
                {"type": "repeat_vector", "n": 1_000_000},
                {"type": "lstm", "units": 1, "unroll": True},
            ],
        }

    edited(hostile / "run/experiment.yaml", change)
    assert "makes a copy of itself for each of 1,000,000 steps" in refused()
