"""The baselines of a fit, and the verdict."""

import json

import numpy as np
import pytest

import dltrain
from dltrain.runs.files import read_arrays

pytestmark = pytest.mark.keras

CONFIG = """
name: {name}
dataset: {{path: rows.csv, target: y}}
splits: {splits}
model: {{type: mlp, units: [8]}}
optimizer: {{adam: 0.05}}
metrics: [accuracy]
trainer: {{epochs: {epochs}, batch_size: 32{monitor}}}
{more}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """300 rows of a class that a circle decides, and a column of labels."""
    path = tmp_path_factory.mktemp("baselines")
    rows = np.random.default_rng(0).normal(size=(300, 2))
    lines = [
        f"{a:.4f},{b:.4f},{'uvw'[i % 3]},{'in' if a * a + b * b < 1.4 else 'out'}" for i, (a, b) in enumerate(rows)
    ]
    (path / "rows.csv").write_text("\n".join(["a,b,k,y", *lines]))
    return path


def fit(folder, name, *, splits="{test: 0.4, validation: none}", epochs=2, monitor="", more=""):
    """What is recorded of a fit, and its log."""
    text = CONFIG.format(name=name, splits=splits, epochs=epochs, monitor=monitor, more=more)
    (folder / f"{name}.yaml").write_text(text)
    run = dltrain.fit(folder / f"{name}.yaml", runs_dir=folder / "runs")
    return json.loads((run.path / "metrics.json").read_text()), run


def test_a_network_that_learned_what_no_line_can_beats_the_linear_model(folder):
    found, run = fit(folder, "circle", epochs=25)
    assert list(found["baselines"]) == ["majority_class", "logistic_regression"]
    assert found["baselines"]["logistic_regression"]["text"] == "logistic regression on 180 rows"
    verdict = found["verdict"]
    assert (verdict["metric"], verdict["split"], verdict["beaten"]) == ("accuracy", "test", True)
    # Of the same rows, by the same code, with the same intervals.
    truth = read_arrays(run.path / "predictions" / "test.safetensors", 1 << 20)["truth"]
    majority = found["baselines"]["majority_class"]
    assert majority["scores"]["rows"] == len(truth) == 120
    assert majority["scores"]["accuracy"] == max(np.bincount(truth)) / 120
    assert majority["scores"].keys() == found["scores"]["test"].keys()
    assert majority["intervals"].keys() <= found["intervals"]["test"].keys()
    best = found["baselines"][verdict["baseline"]]["scores"]["accuracy"]
    assert verdict["difference"] == pytest.approx(found["scores"]["test"]["accuracy"] - best)
    assert verdict["interval"][0] > 0
    assert f"verdict: {verdict['text']}" in (run.path / "log.txt").read_text()


def test_baselines_do_not_change_the_network_and_none_are_there_when_none_are_asked_for(folder):
    (without, one), (with_all, other) = (fit(folder, name, more=f"baselines: {name}") for name in ("none", "all"))
    assert (without["baselines"], without["verdict"]) == ({}, None)
    assert "gradient_boosting" in with_all["baselines"]
    assert without["scores"] == with_all["scores"]
    assert (one.path / "weights.safetensors").read_bytes() == (other.path / "weights.safetensors").read_bytes()


def test_the_monitored_loss_decides_where_it_is_watched(folder):
    found, _ = fit(folder, "loss", monitor=", monitor: loss")
    counts = np.asarray(found["scores"]["test"]["confusion_matrix"]).sum(axis=1)
    share = np.asarray(found["scores"]["train"]["confusion_matrix"]).sum(axis=1) / 180
    majority = found["baselines"]["majority_class"]["scores"]["loss"]
    assert majority == pytest.approx(-(counts * np.log(share)).sum() / 120, rel=1e-5)
    assert found["verdict"]["metric"] == "loss"
    assert found["verdict"]["interval"][0] < found["verdict"]["difference"] < found["verdict"]["interval"][1]


def test_validation_rows_are_scored_where_there_is_no_test_and_without_either_nothing_is_said(folder):
    found, _ = fit(folder, "validated", splits="{validation: 0.4, test: none}")
    assert found["verdict"]["split"] == "validation"
    assert found["baselines"]["majority_class"]["scores"]["rows"] == 120
    found, _ = fit(folder, "unheld", splits="{validation: none, test: none}")
    assert (found["baselines"], found["verdict"]) == ({}, None)


def test_a_score_that_is_not_defined_for_the_test_rows_gives_no_verdict_but_why(folder):
    lines = (folder / "rows.csv").read_text().splitlines()
    inside = [line for line in lines[1:] if line.endswith(",in")]
    (folder / "test.csv").write_text("\n".join([lines[0], *inside]))
    config = """
name: one-class
dataset: {train: rows.csv, test: test.csv, target: y}
model: {type: mlp, units: [4]}
metrics: [roc_auc]
splits: {validation: none, test: provided}
trainer: {epochs: 1}
"""
    (folder / "one.yaml").write_text(config)
    run = dltrain.fit(folder / "one.yaml", runs_dir=folder / "runs")
    found = json.loads((run.path / "metrics.json").read_text())
    assert found["verdict"]["beaten"] is None
    text = "no verdict, since roc_auc is not defined for these test rows: no row is of 'out'"
    assert found["verdict"]["text"] == text


def test_folds_have_their_own_baselines_and_the_run_their_means(folder):
    found, run = fit(folder, "folds", splits="{folds: 3}", epochs=1)
    each = [json.loads((fold.path / "metrics.json").read_text())["baselines"] for fold in run.folds]
    accuracies = [one["logistic_regression"]["scores"]["accuracy"] for one in each]
    mean = found["baselines"]["logistic_regression"]["scores"]["accuracy"]
    assert mean == pytest.approx(np.mean(accuracies))
    assert found["verdict"]["text"].startswith("test accuracy ")
    assert " over 3 folds (" in found["verdict"]["text"]


def test_ids_that_get_trained_vectors_are_columns_of_the_linear_model(folder):
    config = CONFIG.format(name="ids", splits="{test: 0.4, validation: none}", epochs=1, monitor="", more="")
    features = "target: y, features: {k: {categorical: embedding}}"
    (folder / "ids.yaml").write_text(config.replace("target: y", features))
    run = dltrain.fit(folder / "ids.yaml", runs_dir=folder / "runs")
    found = json.loads((run.path / "metrics.json").read_text())
    assert found["baselines"]["logistic_regression"]["text"] == "logistic regression on 180 rows"
