"""What a fit keeps of its predictions, and runs that are compared by it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

import dltrain
from dltrain.contrast.paired import PairedTest
from dltrain.runs.files import read_arrays, read_json

pytestmark = pytest.mark.keras

CONFIG = """
name: {name}
dataset: {{path: t.csv, target: y}}
splits: {splits}
model: {{type: mlp, units: [4]}}
optimizer: {{type: adam, learning_rate: {rate}}}
trainer: {{epochs: 2, batch_size: 16}}
runtime: {{device: cpu}}
baselines: none
"""
SPLITS = "{validation: 0.2, test: 0.4}"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Trains a small network; the same settings give the same run."""
    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 2))
    labels = np.where(x.sum(axis=1) + rng.normal(size=100) / 2 > 0, "yes", "no")
    rows = [f"{a:.6f},{b:.6f},{label}" for (a, b), label in zip(x, labels, strict=True)]
    (folder / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    found = {}

    def fit(name="small", *, splits=SPLITS, rate=0.1, seed=0):
        key = (name, splits, rate, seed)
        if key not in found:
            path = folder / "c.yaml"
            path.write_text(CONFIG.format(name=name, splits=splits, rate=rate) + f"seed: {seed}\n")
            found[key] = dltrain.fit(path, runs_dir=folder / "runs")
        return found[key]

    return fit


def test_the_predictions_are_those_that_were_scored(trained):
    run = trained()
    assert sorted(path.name for path in (run.path / "predictions").iterdir()) == [
        "test.safetensors", "validation.safetensors",
    ]  # fmt: skip
    rows = read_arrays(run.directory.splits)
    for split in ("test", "validation"):
        kept = read_arrays(run.directory.predictions(split))
        assert {name: array.dtype.name for name, array in kept.items()} == {
            "row": "int64", "truth": "int64", "predicted": "int64", "outputs": "float32",
        }  # fmt: skip
        np.testing.assert_array_equal(kept["row"], rows[split])
        assert accuracy_score(kept["truth"], kept["predicted"]) == run.scores[split]["accuracy"]
        np.testing.assert_array_equal(kept["outputs"][:, 0] > 0.5, kept["predicted"] == 1)


def test_the_difference_of_scores_is_that_of_the_paired_test(trained):
    first, second = trained(), trained(rate=0.001)
    found = dltrain.compare(first, second.path)
    assert found.settings == {"optimizer.learning_rate.learning_rate": [0.1, 0.001]}
    (test,) = found.tests
    assert isinstance(test, PairedTest)
    assert (test.rows, test.of) == (40, (40, 40))
    for name in ("accuracy", "f1", "roc_auc"):
        by = second.scores["test"][name] - first.scores["test"][name]
        assert test.gaps[name].by == pytest.approx(by, abs=1e-12)
    counts = test.mcnemar.only_second - test.mcnemar.only_first
    assert counts / 40 == pytest.approx(test.gaps["accuracy"].by)
    assert json.loads(json.dumps(found.plain(), allow_nan=False))["tests"][0]["rows"] == 40


def test_runs_with_other_splits_are_tested_on_the_rows_that_both_have(trained):
    first, second = trained(), trained(seed=1)
    (test,) = dltrain.compare(first, second).tests
    rows = [set(read_arrays(run.directory.splits)["test"].tolist()) for run in (first, second)]
    assert test.rows == len(rows[0] & rows[1]) < 40


def test_folds_are_tested_together_on_the_rows_of_all(trained):
    runs = [trained("folds", splits="{folds: 2}", rate=rate) for rate in (0.1, 0.001)]
    found = dltrain.compare(*runs)
    (test,) = found.tests
    assert (test.rows, [entry.folds for entry in found.entries]) == (100, [2, 2])
    assert {name: len(values) for name, values in found.curves[0].items() if name == "val_loss"} == {"val_loss": 2}


def test_predictions_that_were_changed_are_not_believed(trained):
    first, second = trained(), trained(rate=0.01)
    path = second.directory.predictions("test")
    path.write_bytes(path.read_bytes()[:-1])
    (text,) = dltrain.compare(first, second).tests
    assert text == f"cannot read {path}: its arrays are not as long as the file; this run directory is damaged"


def test_the_manifest_says_what_was_monitored(trained):
    assert read_json(trained().directory.manifest)["monitor"] == "val_accuracy"
