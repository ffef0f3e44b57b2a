"""Cross-validation: a full run for each fold, and what they have in common."""

from __future__ import annotations

import json
from statistics import fmean, stdev

import numpy as np
import pytest

import dltrain
from dltrain.cross_validation import deviations, means
from dltrain.errors import ConfigError, ExpectationError, InterruptedRunError, RunError, UsageError
from dltrain.runs.directory import find, newest
from dltrain.runs.files import read_arrays
from dltrain.training.observer import Observer

IRIS = """
name: iris
dataset: iris
splits: {folds: 3}
model: {type: mlp, units: [8], dropout: 0.1}
optimizer: {adam: 0.03}
trainer: {epochs: 2, batch_size: 32}
"""


def test_scores_are_averaged_and_confusion_matrices_added_up():
    each = [
        {"test": {"rows": 50, "loss": 0.5, "f1": 0.8, "roc_auc": None, "confusion_matrix": [[3, 1], [0, 4]]}},
        {"test": {"rows": 51, "loss": 0.7, "f1": 0.9, "roc_auc": 0.5, "confusion_matrix": [[2, 2], [1, 3]]}},
        {"test": {"rows": 51, "loss": 0.6, "f1": 0.7, "roc_auc": 0.6, "confusion_matrix": [[4, 0], [0, 4]]}},
    ]
    found = means(each)["test"]
    assert (found["rows"], found["roc_auc"]) == (51, None)
    assert found["confusion_matrix"] == [[9, 3], [1, 11]]
    assert (found["loss"], found["f1"]) == pytest.approx((0.6, 0.8))
    spread = deviations(each)["test"]
    assert set(spread) == {"loss", "f1", "roc_auc"}
    assert (spread["loss"], spread["f1"]) == pytest.approx((0.1, 0.1))
    assert spread["roc_auc"] is None


def test_scores_in_lists_and_mappings_are_merged_one_by_one():
    each = [{"test": {"f1_per_class": {"a": 0.5, "b": None}, "each": [1.0, 2.0]}}]
    each += [{"test": {"f1_per_class": {"a": 0.7, "b": 0.1}, "each": [3.0, 2.0]}}]
    assert means(each)["test"] == {"f1_per_class": {"a": pytest.approx(0.6), "b": None}, "each": [2.0, 2.0]}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("configs") / "iris.yaml"
    path.write_text(IRIS)
    return path


@pytest.fixture(scope="module")
def validated(config, runs):
    return dltrain.fit(config, runs_dir=runs)


@pytest.mark.keras
def test_each_fold_is_a_full_run_and_each_row_is_tested_once(validated, runs):
    assert validated.path == (runs / "iris" / "1").absolute()
    assert {path.name for path in validated.path.iterdir()} == {
        "config.yaml", "experiment.yaml", "manifest.json", "log.txt", "metrics.json", ".lock",
        "fold-1", "fold-2", "fold-3",
    }  # fmt: skip
    assert [run.path.name for run in validated.folds] == ["fold-1", "fold-2", "fold-3"]
    tested = [read_arrays(run.path / "splits.safetensors")["test"] for run in validated.folds]
    assert sorted(np.concatenate(tested).tolist()) == list(range(150))
    for run in validated.folds:
        assert {"model.keras", "weights.safetensors", "history.csv", "metrics.json"} <= {
            path.name for path in run.path.iterdir()
        }
        assert json.loads((run.path / "manifest.json").read_text())["status"] == "completed"


@pytest.mark.keras
def test_the_scores_are_means_and_deviations_over_the_folds(validated):
    recorded = json.loads((validated.path / "metrics.json").read_text())
    assert recorded["folds"] == [run.scores for run in validated.folds]
    accuracies = [run.scores["test"]["accuracy"] for run in validated.folds]
    assert recorded["scores"]["test"]["accuracy"] == fmean(accuracies) == validated.scores["test"]["accuracy"]
    assert recorded["deviation"]["test"]["accuracy"] == stdev(accuracies)
    assert recorded["scores"]["test"]["rows"] == 50
    assert np.sum(recorded["scores"]["test"]["confusion_matrix"], axis=1).tolist() == [50, 50, 50]


@pytest.mark.keras
def test_a_fold_is_the_same_bit_for_bit_when_it_is_trained_alone(validated, config, runs):
    alone = dltrain.fit(config, overrides=["splits.fold=2"], runs_dir=runs / "alone")
    rerun = dltrain.fit(validated.folds[1].path / "experiment.yaml", runs_dir=runs / "rerun")
    for run in (alone, rerun):
        for name in ("history.csv", "weights.safetensors", "splits.safetensors"):
            assert (run.path / name).read_bytes() == (validated.folds[1].path / name).read_bytes()
        assert run.scores == validated.folds[1].scores


@pytest.mark.keras
def test_evaluate_scores_all_folds_again_or_one(validated):
    assert dltrain.evaluate(validated) == validated.scores["test"]
    assert dltrain.evaluate(validated.folds[2], split="train") == validated.folds[2].scores["train"]


@pytest.mark.keras
def test_the_folds_together_are_the_newest_run_and_have_no_model_of_their_own(validated, config, runs):
    assert newest(runs).path == find(runs / "iris").path == validated.path
    text = f"{validated.directory} has 3 folds, each with a model; name one, such as {validated.directory}/fold-1"
    for ask in (lambda: validated.model, lambda: validated.history):
        with pytest.raises(UsageError) as caught:
            ask()
        assert str(caught.value) == text
    with pytest.raises(ConfigError) as error:
        dltrain.fit(config, overrides=[f"model.weights_from={validated.path}"], runs_dir=runs / "taken")
    assert str(error.value).endswith(f"model.weights_from: {text}")
    assert not (runs / "taken").exists()


@pytest.mark.keras
def test_expectations_are_of_the_mean(validated, config, runs):
    means_of_run = validated.scores["test"]["accuracy"]
    best = max(run.scores["test"]["accuracy"] for run in validated.folds)
    assert means_of_run < best
    with pytest.raises(ExpectationError) as caught:
        dltrain.fit(config, overrides=[f'expect={{"test.accuracy": ">= {best}"}}'], runs_dir=runs / "missed")
    run = find(runs / "missed" / "iris")
    missed = f"test.accuracy is {means_of_run}, and expect asks for >= {best} ({run})"
    assert str(caught.value) == f'expect."test.accuracy": {missed}'
    assert json.loads(run.manifest.read_text())["status"] == "completed"


class Stopping(Observer):
    """Raises in the first epoch of the second fold."""

    def __init__(self, error):
        self.error, self.epochs = error, 0

    def epoch(self, report):
        self.epochs += 1
        if self.epochs == 2:
            raise self.error


@pytest.mark.keras
@pytest.mark.parametrize(
    ("error", "kind", "status", "code"),
    [
        (RunError("the disk is full"), RunError, "failed", 1),
        (KeyboardInterrupt(), InterruptedRunError, "interrupted", 130),
    ],
)
def test_a_fold_that_ends_early_ends_all_and_keeps_those_before_it(config, tmp_path, error, kind, status, code):
    with pytest.raises(kind) as caught:
        dltrain.fit(config, overrides=["trainer.epochs=1"], runs_dir=tmp_path, observer=Stopping(error))
    run = tmp_path / "iris" / "1"
    stopped = f"interrupted; go on with: dltrain fit --resume {run}"
    assert str(caught.value) == f"fold 2 of 3: {stopped if code == 130 else 'the disk is full'}"
    assert caught.value.exit_code == code
    states = [
        json.loads((folder / "manifest.json").read_text())["status"] for folder in (run, run / "fold-1", run / "fold-2")
    ]
    assert states == [status, "completed", status]
    assert not (run / "fold-3").exists()
    assert not (run / "metrics.json").exists()
    assert dltrain.open_run(run / "fold-1").scores
    with pytest.raises(UsageError) as asked:
        dltrain.evaluate(run)
    assert str(asked.value) == f"{run} did not complete; name one of its folds, such as {run}/fold-1"


@pytest.mark.keras
def test_a_config_that_does_not_fit_its_data_leaves_no_run(config, tmp_path):
    with pytest.raises(ConfigError) as caught:
        dltrain.fit(config, overrides=["splits.folds=151"], runs_dir=tmp_path / "runs")
    assert str(caught.value).endswith("splits.folds: 151 folds need 151 rows, and there are 150")
    settings = ["splits.validation=none", 'expect={"validation.accuracy": ">= 0.5"}']
    with pytest.raises(ConfigError) as caught:
        dltrain.fit(config, overrides=settings, runs_dir=tmp_path / "runs")
    assert "there is no validation split; there is train or test" in str(caught.value)
    assert not (tmp_path / "runs").exists()
