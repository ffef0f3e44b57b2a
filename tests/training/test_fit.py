"""Training through our own loop, on real data."""

from __future__ import annotations

import csv
import json
import re
import shutil

import numpy as np
import pytest

import dltrain
from dltrain.errors import ConfigError, DataError, ExpectationError, MissingRequirementError, RunError

pytestmark = pytest.mark.keras

IRIS = """
name: iris
dataset: iris
model: {type: mlp, units: [16]}
optimizer: {adam: 0.01}
trainer: {epochs: 8, batch_size: 16}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("configs") / "iris.yaml"
    path.write_text(IRIS)
    return path


@pytest.fixture(scope="module")
def iris(config, runs):
    return dltrain.fit(config, runs_dir=runs)


def test_a_run_directory_holds_everything_about_the_run(iris, config):
    expected = {
        "config.yaml", "experiment.yaml", "manifest.json", "log.txt", "history.csv", "signature.json",
        "preprocessing", "splits.safetensors", "weights.safetensors", "model.keras", "metrics.json", "checkpoints",
        "predictions", "evidence.json",
        ".lock",
    }  # fmt: skip
    # Pictures and the page have tests of their own, and may be off here.
    assert {path.name for path in iris.path.iterdir()} - {"figures", "report.html"} == expected
    assert (iris.path / "config.yaml").read_text() == config.read_text()
    manifest = json.loads((iris.path / "manifest.json").read_text())
    assert manifest["status"] == "completed"
    assert manifest["splits"]["rows"] == {"train": 105, "validation": 15, "test": 30}
    assert manifest["runtime"]["backend"] == "tensorflow"


def test_the_resolved_experiment_reruns_to_the_same_bits(iris, runs):
    again = dltrain.fit(iris.path / "experiment.yaml", runs_dir=runs)
    assert (again.path / "history.csv").read_bytes() == (iris.path / "history.csv").read_bytes()
    assert (again.path / "weights.safetensors").read_bytes() == (iris.path / "weights.safetensors").read_bytes()
    assert again.scores == iris.scores


def test_the_history_has_a_row_for_each_epoch(iris):
    with (iris.path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(1, 9)]
    assert list(rows[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert iris.history["loss"][-1] < iris.history["loss"][0]


def test_the_kept_weights_are_those_of_the_best_epoch(iris):
    scores = iris.history["val_accuracy"]
    manifest = json.loads((iris.path / "manifest.json").read_text())
    assert manifest["best_epoch"] == 1 + scores.index(max(scores))
    assert iris.scores["validation"]["accuracy"] == pytest.approx(max(scores), abs=1e-6)


def test_the_saved_model_takes_raw_rows_and_gives_the_scored_outputs(iris):
    import keras
    from sklearn.datasets import load_iris

    from dltrain.runs.files import read_arrays

    test = read_arrays(iris.path / "splits.safetensors")["test"]
    bunch = load_iris()
    outputs = keras.models.load_model(iris.path / "model.keras").predict(bunch.data[test].astype("float32"), verbose=0)
    assert (outputs.argmax(axis=1) == bunch.target[test]).mean() == iris.scores["test"]["accuracy"]


def test_the_final_scores_are_scikit_learns_on_the_models_predictions(iris):
    from sklearn.datasets import load_iris
    from sklearn.metrics import f1_score, roc_auc_score

    from dltrain.runs.files import read_arrays

    ids = read_arrays(iris.path / "splits.safetensors")["test"]
    bunch = load_iris()
    outputs = iris.model.predict(bunch.data[ids].astype("float32"), verbose=0).astype("float64")
    truth = bunch.target[ids]
    scores = iris.scores["test"]
    assert scores["f1_macro"] == pytest.approx(f1_score(truth, outputs.argmax(axis=1), average="macro"), abs=1e-12)
    area = np.mean([roc_auc_score(truth == index, outputs[:, index]) for index in range(3)])
    assert scores["roc_auc"] == pytest.approx(area, abs=1e-6)
    assert np.sum(scores["confusion_matrix"]) == 30


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_evaluate_gives_the_numbers_of_fit_to_the_last_digit(iris, split):
    assert dltrain.evaluate(iris, split=split) == iris.scores[split]


def test_an_expectation_that_is_missed_fails_after_everything_is_written(config, runs):
    with pytest.raises(ExpectationError) as caught:
        dltrain.fit(config, overrides=["trainer.epochs=1", 'expect={"test.accuracy": ">= 1"}'], runs_dir=runs)
    run = dltrain.open_run(runs / "iris")
    found = run.scores["test"]["accuracy"]
    missed = f"test.accuracy is {found}, and expect asks for >= 1 ("
    assert str(caught.value).startswith(f'expect."test.accuracy": {missed}')
    assert caught.value.exit_code == 1


def test_a_diverging_run_stops_and_says_at_what_learning_rate(write, runs):
    config = write("dataset: diabetes\nmodel: mlp\noptimizer: {sgd: 1000}\ntrainer: {epochs: 50}\n", "diverge.yaml")
    with pytest.raises(RunError) as caught:
        dltrain.fit(config, runs_dir=runs)
    pattern = (
        r"the loss became (inf|nan) in epoch 1 by step \d+, at a learning rate of 1000; "
        r"try optimizer.learning_rate: 100; the state before the first step is kept"
    )
    assert re.fullmatch(pattern, str(caught.value))
    manifest = json.loads((runs / "diverge" / "1" / "manifest.json").read_text())
    assert manifest["status"] == "failed"
    assert manifest["error"] == str(caught.value)


def test_a_step_that_finds_no_memory_names_the_batch_size_and_what_it_needs_at_least(write, runs, tmp_path):
    np.savez(tmp_path / "many.npz", x=np.arange(100_000, dtype="float32")[:, None], y=np.arange(100_000) % 2)
    # 100,000 rows of 1,000,000 values in 4 bytes are 400 GB, and as much again for their gradients.
    config = write(
        "dataset: {path: many.npz}\nmodel: {type: mlp, units: [1000000]}\nsplits: {validation: none, test: none}\n"
        "optimizer: sgd\ntrainer: {epochs: 1, batch_size: 100000}\n",
        "large.yaml",
    )
    with pytest.raises(RunError) as caught:
        dltrain.fit(config, runs_dir=runs)
    assert str(caught.value) == (
        "out of memory with a batch size of 100000: weights, optimizer and activations take at least 800.0 GB; "
        "try trainer.batch_size: 50000"
    )
    assert json.loads((runs / "large" / "1" / "manifest.json").read_text())["status"] == "failed"


def test_early_stopping_ends_a_run_and_the_best_weights_are_kept(config, runs):
    stop = "trainer.callbacks=[{early_stopping: {patience: 1, min_delta: 10, monitor: val_loss}}]"
    run = dltrain.fit(config, overrides=[stop], runs_dir=runs)
    assert run.history["epoch"] == [1.0, 2.0]
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert manifest["epochs"] == 2


def test_a_plateau_lowers_the_learning_rate(config, runs):
    plateau = "trainer.callbacks=[{reduce_lr_on_plateau: {patience: 1, min_delta: 10, factor: 0.5, monitor: loss}}]"
    run = dltrain.fit(config, overrides=["trainer.epochs=4", plateau], runs_dir=runs)
    # The first epoch sets the best; each one after it is without improvement, and halves the rate.
    assert run.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.005, 0.0025])


def test_steps_per_execution_do_not_change_the_losses(config, runs):
    settings = ["trainer.epochs=3", "trainer.batch_size=8"]
    histories = [
        dltrain.fit(config, overrides=[*settings, f"runtime.steps_per_execution={steps}"], runs_dir=runs).history
        for steps in (1, 5, 16)
    ]
    assert histories[0] == histories[1] == histories[2]


def test_a_score_of_f1_can_be_monitored_for_any_form_of_label(config, runs):
    import keras

    for loss in ("sparse_categorical_crossentropy", "categorical_crossentropy"):
        settings = [f"loss={loss}", "metrics=[f1_macro, f1, f1_weighted]", "trainer.epochs=2"]
        run = dltrain.fit(config, overrides=settings, runs_dir=runs)
        keras.models.load_model(run.path / "model.keras")
        best = max(run.history["val_f1_macro"])
        assert run.scores["validation"]["f1_macro"] == pytest.approx(best, abs=1e-6)


def test_weights_from_another_run_are_where_training_starts(iris, config, runs):
    settings = [
        f"model.weights_from={iris.path}",
        "trainer.epochs=1",
        "optimizer={sgd: 1e-9}",
    ]
    run = dltrain.fit(config, overrides=settings, runs_dir=runs)
    assert run.scores["test"]["loss"] == pytest.approx(iris.scores["test"]["loss"], rel=1e-5)
    assert "4 of 4 weight arrays are taken from" in (run.path / "log.txt").read_text()


def test_a_frozen_layer_keeps_its_weights(iris, write, runs):
    from dltrain.runs.files import read_arrays

    layers = "[{dense: {units: 16, activation: relu, trainable: false}}]"
    config = write(f"name: frozen\ndataset: iris\nmodel: {{type: mlp, layers: {layers}, weights_from: {iris.path}}}\n")
    run = dltrain.fit(config, overrides=["trainer.epochs=2"], runs_dir=runs)
    before, after = read_arrays(iris.path / "weights.safetensors"), read_arrays(run.path / "weights.safetensors")
    np.testing.assert_array_equal(before["dense/kernel"], after["dense/kernel"])
    assert not np.array_equal(before["output/kernel"], after["output/kernel"])


def test_weights_that_do_not_fit_are_refused_with_their_place(iris, config, runs):
    settings = [f"model.weights_from={iris.path}", "model.units=[17]"]
    with pytest.raises(ConfigError) as caught:
        dltrain.fit(config, overrides=settings, runs_dir=runs)
    assert "model.weights_from: " in str(caught.value)
    assert "the model needs 'dense/kernel' of shape (4, 17), and there is one of shape (4, 16)" in str(caught.value)


def test_a_gpu_that_is_not_there_is_asked_for_in_vain(config, runs):
    with pytest.raises(MissingRequirementError) as caught:
        dltrain.fit(config, overrides=["runtime.device=gpu"], runs_dir=runs)
    assert str(caught.value).startswith("runtime.device: gpu, but ")
    assert caught.value.exit_code == 4


def test_the_config_beats_the_environment(config, runs, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    run = dltrain.fit(config, overrides=["trainer.epochs=1"], runs_dir=runs)
    assert json.loads((run.path / "manifest.json").read_text())["runtime"]["backend"] == "tensorflow"


def test_a_run_is_labelled_when_there_is_no_test_split(write, runs):
    config = write(
        "name: whole\ndataset: iris\nsplits: {validation: none, test: none}\nmodel: mlp\ntrainer: {epochs: 1}\n"
    )
    run = dltrain.fit(config, runs_dir=runs)
    assert list(run.scores) == ["train"]
    assert run.scores["train"]["rows"] == 150


def test_an_average_of_the_weights_is_what_is_kept(config, runs):
    settings = ["optimizer={adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}}", "trainer.epochs=3"]
    run = dltrain.fit(config, overrides=settings, runs_dir=runs)
    assert dltrain.evaluate(run) == run.scores["test"]
    assert json.loads((run.path / "manifest.json").read_text())["best_epoch"] == 3


def test_a_read_only_folder_is_noticed_before_the_first_step(config, tmp_path):
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(RunError) as caught:
        dltrain.fit(config, runs_dir=tmp_path / "runs")
    assert str(caught.value).startswith(f"cannot write {tmp_path / 'runs' / 'iris'}: ")


def test_a_regression_learns_in_a_unit_of_its_own_and_scores_in_the_targets(write, runs, tmp_path):
    rows = np.random.default_rng(0).normal(size=(400, 2)).astype("float32")
    np.savez(tmp_path / "houses.npz", x=rows, y=rows @ np.array([3e4, -1e4]) + 2e5)
    config = write(
        "dataset: {path: houses.npz}\nmodel: {type: mlp, units: []}\noptimizer: {sgd: 0.05}\n", "houses.yaml"
    )
    run = dltrain.fit(config, overrides=["metrics=[rmse, r2]"], runs_dir=runs)
    assert run.scores["test"]["r2_score"] > 0.999
    best = min(run.history["val_root_mean_squared_error"])
    assert run.scores["validation"]["root_mean_squared_error"] == pytest.approx(best, rel=1e-3)
    signature = json.loads((run.path / "signature.json").read_text())
    assert signature["target"]["offset"][0] == pytest.approx(2e5, rel=0.02)

    import keras

    outputs = keras.models.load_model(run.path / "model.keras").predict(rows, verbose=0)[:, 0]
    assert outputs == pytest.approx(rows @ np.array([3e4, -1e4]) + 2e5, rel=0.01)
    assert dltrain.evaluate(run) == run.scores["test"]


def test_a_loss_that_needs_its_unit_learns_the_target_as_it_is(write, runs):
    config = write("name: counts\ndataset: diabetes\nmodel: mlp\nloss: poisson\ntrainer: {epochs: 1}\n", "counts.yaml")
    run = dltrain.fit(config, runs_dir=runs)
    assert json.loads((run.path / "signature.json").read_text())["target"] == {
        "name": "y",
        "classes": [],
        "labels": [],
        "columns": [],
        "shape": [],
        "offset": [],
        "scale": [],
    }


def test_a_class_without_training_rows_is_refused(write, runs, tmp_path):
    rows = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    labels = np.arange(60) % 3
    np.savez(tmp_path / "parts.npz", x_train=rows, y_train=labels, x_test=rows[:9], y_test=labels[:9] + 5)
    with pytest.raises(DataError) as caught:
        dltrain.fit(write("dataset: {path: parts.npz}\nmodel: mlp\n"), runs_dir=runs)
    assert str(caught.value) == (
        "the class '5' of 'y' has rows in test but none in train; write splits.type: stratified, or drop these rows"
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("experiment.yaml", ""),
        ("experiment.yaml", "[]"),
        ("signature.json", "{}"),
        ("signature.json", "["),
        ("manifest.json", "[]"),
        ("manifest.json", '{"dataset": null}'),
        ("preprocessing/statistics.json", "[]"),
        ("preprocessing/statistics.json", '{"x": 5}'),
        ("preprocessing/statistics.json", '{"x": {}}'),
        ("weights.safetensors", "no arrays"),
        ("splits.safetensors", ""),
    ],
)
def test_a_damaged_run_directory_is_refused_in_one_line(iris, tmp_path, file, text):
    copy = tmp_path / "run"
    shutil.copytree(iris.path, copy)
    (copy / file).write_text(text)
    with pytest.raises(RunError) as caught:
        dltrain.evaluate(copy)
    assert "\n" not in str(caught.value)
    assert str(copy) in str(caught.value)
