"""A run trained again."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import dltrain
from dltrain.cli.reproduce import reproduce_run
from dltrain.errors import ConfigError, DltrainError, DriftError, RunError, UsageError
from dltrain.reproduction import compare
from dltrain.runs.files import read_arrays, write_arrays

pytestmark = pytest.mark.keras

CONFIG = """
name: points
dataset: {path: points.csv, target: side}
model: {type: mlp, units: [4], dropout: 0.2}
trainer: {epochs: 2, batch_size: 16}
expect: {test.accuracy: ">= 1"}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("reproduction")
    points = np.random.default_rng(0).normal(size=(60, 2)).round(3)
    rows = [f"{x},{y},{'left' if x < y else 'right'}" for x, y in points]
    (path / "points.csv").write_text("\n".join(["x,y,side", *rows]))
    (path / "points.yaml").write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def run(folder):
    # What is expected is missed, which does not keep the run from being trained again.
    with pytest.raises(DltrainError, match="expect asks for"):
        dltrain.fit(folder / "points.yaml", runs_dir=folder / "runs")
    return dltrain.open_run(folder / "runs/points/1")


@pytest.fixture
def copied(run, folder, tmp_path):
    """A copy of the run, to be changed."""
    shutil.copytree(run.path, tmp_path / "points" / "1")
    return dltrain.open_run(tmp_path / "points" / "1")


def test_a_run_is_trained_again_beside_itself_to_the_same_bits(run, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = dltrain.reproduce(run)
    assert (found.equal, found.drifted) == (True, [])
    assert found.again.path == folder / "runs/points/2"
    for file in ("weights.safetensors", "history.csv", "metrics.json"):
        assert (found.again.path / file).read_bytes() == (run.path / file).read_bytes()
    assert found.plain() == {
        "run": str(run.path),
        "again": str(found.again.path),
        "equal": True,
        **{name: {"equal": True, "differences": []} for name in (
            "data", "splits", "versions", "runtime", "history", "weights", "scores"
        )},
    }  # fmt: skip


def test_what_is_printed_says_what_is_equal(run, tmp_path, capsys):
    reproduce_run(run.path, runs_dir=tmp_path, force=False, json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"run       {run.path}, again as {tmp_path / 'points' / '1'}"
    assert lines[1:3] == ["data      equal", "splits    equal (3 splits)"]
    assert lines[5:7] == ["history   equal (2 epochs)", "weights   equal (4 arrays)"]


def test_other_weights_are_a_drift_that_names_the_largest(copied, tmp_path, capsys):
    weights = {name: array.copy() for name, array in read_arrays(copied.directory.weights).items()}
    now = float(weights["output/bias"][0])
    weights["output/bias"][0] += 1
    was = float(weights["output/bias"][0])
    write_arrays(copied.directory.weights, weights)
    with pytest.raises(DriftError) as caught:
        reproduce_run(copied.path, runs_dir=None, force=False, json=False)
    again = tmp_path / "points" / "2"
    assert str(caught.value) == (
        f"{again} is not {copied.path} again: weights differ, though nothing that they are made from does"
    )
    assert caught.value.exit_code == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("weights")]
    assert line == f"weights   output/bias: {was} -> {now} (-1)"


def test_data_that_has_changed_is_said_before_training_and_forced_data_shows(copied, folder, tmp_path):
    path = folder / "points.csv"
    text = path.read_text()
    try:
        path.write_text(text.replace("left", "LEFT"))
        with pytest.raises(UsageError) as caught:
            dltrain.reproduce(copied)
        assert str(caught.value) == (
            f"points.csv has changed since {copied.path} was trained, so the result would be another; "
            "restore it, or train on what is there with --force"
        )
        assert not (tmp_path / "points" / "2").exists()
        assert dltrain.reproduce(copied, force=True).drifted[0] == "data"
        path.unlink()
        with pytest.raises(ConfigError, match=r"experiment\.yaml:\d+:\d+: dataset\.path: no such file"):
            dltrain.reproduce(copied, force=True)
    finally:
        path.write_text(text)


def test_as_many_threads_are_taken_as_the_run_had(copied):
    threads = json.loads(copied.directory.manifest.read_text())["runtime"]["threads"]
    runtime = json.loads(copied.directory.manifest.read_text())["runtime"]
    copied.directory.update_manifest(runtime={**runtime, "threads": threads + 1})
    with pytest.raises(UsageError) as caught:
        dltrain.reproduce(copied)
    assert str(caught.value) == (
        "runtime.threads cannot change after TensorFlow has started; run configs with different values "
        "in processes of their own"
    )


def test_a_run_that_did_not_complete_is_refused(copied):
    copied.directory.update_manifest(status="interrupted")
    with pytest.raises(UsageError) as caught:
        dltrain.reproduce(copied)
    assert str(caught.value) == (
        f"{copied.path} did not complete (its status is interrupted), so there is no result to compare with; "
        f"go on with it first: dltrain fit --resume {copied.path}"
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("manifest.json", "[]"),
        ("manifest.json", '{"status": "completed"}'),
        ("history.csv", "epoch,loss\n1\n"),
        ("metrics.json", '{"scores": 1}'),
        ("weights.safetensors", "no arrays"),
    ],
)
def test_a_damaged_run_is_refused_before_training(copied, tmp_path, file, text):
    (copied.path / file).write_text(text)
    with pytest.raises((RunError, UsageError)) as caught:
        dltrain.reproduce(copied)
    assert str(copied.path) in str(caught.value)
    assert [path.name for path in (tmp_path / "points").iterdir()] == ["1"]


@pytest.mark.parametrize(("setting", "value"), [("threads", "many"), ("threads", -1), ("steps_per_execution", [])])
def test_a_runtime_that_no_run_records_is_refused(copied, setting, value):
    runtime = json.loads(copied.directory.manifest.read_text())["runtime"]
    copied.directory.update_manifest(runtime={**runtime, setting: value})
    with pytest.raises(RunError) as caught:
        dltrain.reproduce(copied)
    assert str(caught.value) == f"{copied.directory.manifest}: runtime.{setting} is no such setting; it is damaged"


def test_every_fold_of_a_cross_validation_is_trained_again(folder, tmp_path):
    settings = ["splits={folds: 2}", "trainer.epochs=1", "expect={}"]
    run = dltrain.fit(folder / "points.yaml", overrides=settings, runs_dir=tmp_path)
    found = dltrain.reproduce(run)
    assert (found.equal, found.drifted) == (True, [])
    assert list(found.aspects) == ["", "fold-1", "fold-2"]
    assert found.again.path == tmp_path / "points" / "2"

    fold = dltrain.reproduce(run.folds[1])
    assert (fold.equal, fold.again.path) == (True, tmp_path / "points" / "3")

    second = run.folds[1].directory
    second.history.write_text(second.history.read_text().replace("1,", "2,", 1))
    drift = compare(run.directory, found.again)
    assert (drift.equal, drift.drifted) == (False, ["fold-2 history"])
