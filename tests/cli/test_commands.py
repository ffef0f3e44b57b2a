"""The commands as a user runs them: in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.keras

CONFIG = """\
name: iris
dataset: iris
model: {type: mlp, units: [8]}
trainer: {epochs: 2}
"""


def dltrain(*arguments, cwd):
    command = [sys.executable, "-m", "dltrain", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("work")
    (path / "iris.yaml").write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def fitted(folder):
    done = dltrain("fit", "iris.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done


def test_fit_prints_scores_on_stdout_and_the_rest_on_stderr(fitted):
    lines = fitted.stdout.splitlines()
    assert lines[0].split() == ["train", "validation", "test"]
    assert [line.split()[0] for line in lines[1:4]] == ["rows", "loss", "accuracy"]
    assert lines[1].split() == ["rows", "105", "15", "30"]
    errors = fitted.stderr.splitlines()
    assert errors[0] == "run      runs/iris/1"
    assert errors[1] == "data     iris: 105 train, 15 validation, 30 test"
    assert errors[2] == "task     multiclass_classification, 3 classes (from its labels)"
    assert errors[3] == "classes  setosa 35, versicolor 35, virginica 35"
    assert errors[4] == "model    mlp, 67 parameters, output 3 x softmax"
    assert errors[-3:] == [
        "report: runs/iris/1/report.html",
        "next: dltrain evaluate runs/iris/1      # score it again",
        "next: dltrain predict runs/iris/1 DATA  # predict rows of a file",
    ]


def test_there_is_one_line_for_each_epoch_and_no_noise_of_tensorflow(fitted):
    epochs = [line for line in fitted.stderr.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in epochs] == ["1/2", "2/2"]
    assert "\x1b" not in fitted.stderr + fitted.stdout
    assert "cuda" not in fitted.stderr.lower()


def test_evaluate_takes_the_newest_run_and_gives_the_numbers_of_fit(fitted, folder):
    done = dltrain("evaluate", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    recorded = json.loads((folder / "runs/iris/1/metrics.json").read_text())
    about = {name: recorded[name]["test"] for name in ("scores", "intervals", "undefined", "classes")}
    assert answer == {"run": "runs/iris/1", "split": "test", **about}


def test_json_is_the_only_thing_on_stdout(folder):
    options = ("--set", "trainer.epochs=1", "--runs-dir", "twice", "--json")
    done = dltrain("fit", "iris.yaml", "iris.yaml", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    assert {run["run"] for run in runs} == {"twice/iris/1", "twice/iris/2"}  # trained side by side
    assert runs[0]["scores"] == runs[1]["scores"]
    about = {"run", "status", "epochs", "best_epoch", "seconds", "device", "backend"}
    measured = {"scores", "intervals", "undefined", "classes", "baselines", "verdict", "findings"}
    assert set(runs[0]) == about | measured
    assert done.stderr == ""


def test_a_missed_expectation_exits_1_with_the_measured_value(folder):
    settings = ("--set", 'expect={"test.accuracy": ">= 1"}', "--set", "trainer.epochs=1", "--runs-dir", "expected")
    done = dltrain("fit", "iris.yaml", *settings, cwd=folder)
    assert done.returncode == 1
    found = json.loads((folder / "expected/iris/1/metrics.json").read_text())["scores"]["test"]["accuracy"]
    missed = f"test.accuracy is {found}, and expect asks for >= 1 (expected/iris/1)"
    assert (
        done.stderr.splitlines()[-1]
        == f"""--set expect={{"test.accuracy": ">= 1"}}: expect."test.accuracy": {missed}"""
    )
    scores = done.stdout.splitlines()
    assert scores[0].split() == ["train", "validation", "test"]
    assert any(line.startswith("accuracy") and f"{found:.4f}" in line for line in scores)
    assert "verdict: test accuracy" in done.stderr
    assert "next: dltrain evaluate expected/iris/1" in done.stderr


def test_a_device_that_is_not_there_exits_4(folder):
    done = dltrain("fit", "iris.yaml", "--set", "runtime.device=gpu", cwd=folder)
    assert done.returncode == 4
    assert done.stderr.startswith("runtime.device: gpu, but ")


def test_a_split_that_is_not_there_exits_2(fitted, folder):
    done = dltrain("evaluate", "runs/iris/1", "--split", "tset", cwd=folder)
    assert (done.returncode, done.stderr) == (2, "runs/iris/1 has no tset split; it has train, validation or test\n")


def test_ctrl_c_exits_130_and_says_how_to_go_on(folder):
    command = [
        sys.executable,
        "-m",
        "dltrain",
        "fit",
        "iris.yaml",
        "--set",
        "trainer.epochs=100000",
        "--runs-dir",
        "stopped",
    ]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    history = folder / "stopped/iris/1/history.csv"
    while not history.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    place = r"(after epoch|in epoch \d+ after step) \d+"
    last = errors.splitlines()[-1]
    assert re.fullmatch(rf"interrupted {place}; go on with: dltrain fit --resume stopped/iris/1", last)
    assert json.loads((folder / "stopped/iris/1/manifest.json").read_text())["status"] == "interrupted"


def test_other_data_is_scored_with_evaluate(folder):
    import numpy as np
    from sklearn.datasets import load_iris

    bunch = load_iris()
    np.savez(folder / "iris.npz", x=bunch.data.astype("float32"), y=bunch.target)
    np.savez(folder / "more.npz", x=bunch.data[:60].astype("float32"), y=bunch.target[:60])
    (folder / "npz.yaml").write_text(CONFIG.replace("dataset: iris", "dataset: {path: iris.npz}"))
    assert dltrain("fit", "npz.yaml", "--runs-dir", "npz", cwd=folder).returncode == 0
    done = dltrain("evaluate", "--runs-dir", "npz", "--data", "more.npz", "--json", cwd=folder)
    answer = json.loads(done.stdout)
    assert (answer["split"], answer["scores"]["rows"]) == ("more.npz", 60)
    assert [sum(row) for row in answer["scores"]["confusion_matrix"]] == [50, 10, 0]
    assert answer["scores"]["roc_auc"] is None


def test_data_that_has_changed_is_not_scored_as_if_it_had_not(folder):
    import numpy as np

    rows = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    np.savez(folder / "drift.npz", x=rows, y=rows[:, 0] > 0)
    (folder / "drift.yaml").write_text(CONFIG.replace("dataset: iris", "dataset: {path: drift.npz}"))
    assert dltrain("fit", "drift.yaml", "--runs-dir", "drift", cwd=folder).returncode == 0
    np.savez(folder / "drift.npz", x=rows + 1, y=rows[:, 0] > 0)
    done = dltrain("evaluate", "--runs-dir", "drift", cwd=folder)
    assert done.returncode == 2
    assert done.stderr == (
        "drift.npz has changed since drift/iris/1 was trained; restore it, or score the new data with --data FILE\n"
    )


def test_the_config_beats_what_keras_reads_from_its_surroundings(folder):
    home = folder / "keras-home"
    home.mkdir()
    settings = {"floatx": "float64", "backend": "torch", "image_data_format": "channels_first", "epsilon": 1e-7}
    (home / "keras.json").write_text(json.dumps(settings))
    model = "model: {type: cnn, filters: [4], units: []}"
    (folder / "cnn.yaml").write_text(f"dataset: digits\n{model}\ntrainer: {{epochs: 1}}\n")
    command = [sys.executable, "-m", "dltrain", "fit", "cnn.yaml", "--runs-dir", "pinned"]
    environment = {**os.environ, "KERAS_HOME": str(home), "KERAS_BACKEND": "jax"}
    options = {"capture_output": True, "text": True, "timeout": 300, "check": False}
    done = subprocess.run(command, cwd=folder, env=environment, **options)
    assert done.returncode == 0, done.stderr
    run = folder / "pinned/cnn/1"
    assert json.loads((run / "manifest.json").read_text())["runtime"]["backend"] == "tensorflow"

    from dltrain.runs.files import read_arrays

    weights = read_arrays(run / "weights.safetensors")
    assert {str(array.dtype) for array in weights.values()} == {"float32"}
    assert weights["conv2d/kernel"].shape == (3, 3, 1, 4)
    # Channels last: 8 x 8 images, pooled to 4 x 4, with 4 filters.
    assert weights["output/kernel"].shape == (4 * 4 * 4, 10)


def test_a_config_that_fails_does_not_keep_the_others_from_training(folder):
    import numpy as np

    np.savez(folder / "hole.npz", x=np.full((30, 2), np.nan), y=np.arange(30) % 2)
    (folder / "hole.yaml").write_text("dataset: {path: hole.npz}\nmodel: mlp\n")
    done = dltrain("fit", "hole.yaml", "iris.yaml", "--runs-dir", "several", cwd=folder)
    assert done.returncode == 2
    assert done.stdout.splitlines()[0] == "several/iris/1"
    assert "hole.yaml failed: " in done.stderr
    assert done.stderr.splitlines()[-1] == "1 of 2 configs failed"


def test_a_reader_that_goes_away_does_not_fail_the_run(folder):
    command = f"{sys.executable} -m dltrain fit iris.yaml --runs-dir piped 2>&1 | head -n 1; echo ${{PIPESTATUS[0]}}"
    options = {"cwd": folder, "capture_output": True, "text": True, "timeout": 300, "check": False}
    done = subprocess.run(["bash", "-c", command], **options)
    assert done.stdout == "run      piped/iris/1\n0\n"
    assert json.loads((folder / "piped/iris/1/manifest.json").read_text())["status"] == "completed"
