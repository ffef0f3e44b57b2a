"""Rows with several targets: numbers in units of their own, or labels."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score, root_mean_squared_error

import dltrain
from dltrain.errors import DataError

pytestmark = pytest.mark.keras

ROWS = np.random.default_rng(0).normal(size=(300, 2))
PRICES = np.stack([ROWS @ [3e4, -1e4] + 2e5, ROWS @ [0.1, 0.5] + 3], axis=1)
MARKS = (ROWS @ np.array([[1.0, 0.2, -1.0], [0.3, -1.0, 1.0]]) > [0.5, 0.0, 0.2]).astype(int)
LABELS = ("art", "news", "sport")


def table(path, names, columns):
    rows = [",".join(map(str, row)) for row in zip(*ROWS.T, *columns, strict=True)]
    path.write_text("\n".join([",".join(["a", "b", *names]), *rows]) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("targets")
    texts = [" | ".join(label for label, mark in zip(LABELS, row, strict=True) if mark) for row in MARKS]
    table(folder / "houses.csv", ["price", "rent"], PRICES.T)
    table(folder / "tags.csv", ["tags"], [texts])
    return folder


def fitted(folder, name, text):
    path = folder / f"{name}.yaml"
    path.write_text(f"{text}\nmodel: {{type: mlp, units: []}}\noptimizer: {{adam: 0.1}}\ntrainer: {{epochs: 8}}\n")
    return dltrain.fit(path, runs_dir=folder / "runs")


def saved_outputs(run):
    import keras

    rows = {"a": ROWS[:, :1].astype("float32"), "b": ROWS[:, 1:].astype("float32")}
    return keras.models.load_model(run.path / "model.keras").predict(rows, verbose=0)


def test_several_numbers_are_learned_predicted_and_scored_each_in_its_own_unit(folder):
    text = 'dataset: {path: houses.csv, target: [price, rent]}\nexpect: {test.r2_score_rent: ">= 0.9"}'
    run = fitted(folder, "houses", text + "\nmetrics: [rmse, r2]")
    outputs = saved_outputs(run)
    np.testing.assert_allclose(outputs, PRICES, rtol=0.2, atol=1.0)
    scored = dltrain.evaluate(run, data=folder / "houses.csv")
    for index, name in enumerate(("price", "rent")):
        expected = root_mean_squared_error(PRICES[:, index], outputs[:, index])
        assert scored[f"root_mean_squared_error_{name}"] == pytest.approx(expected, rel=1e-3)
        assert scored[f"r2_score_{name}"] > 0.95
    assert "mean_absolute_error_price" not in scored
    target = json.loads((run.path / "signature.json").read_text())["target"]
    assert (target["columns"], target["shape"]) == (["price", "rent"], [2])
    assert dltrain.evaluate(run) == run.scores["test"]


def test_labels_in_a_text_are_learned_predicted_and_scored_and_rows_may_have_none(folder):
    task = 'task: {multilabel_classification: {separator: "|"}}'
    run = fitted(folder, "tags", f"dataset: {{path: tags.csv, target: tags}}\n{task}")
    outputs = saved_outputs(run)
    assert (MARKS.sum(axis=1) == 0).any()
    assert outputs.shape == (300, 3)
    scored = dltrain.evaluate(run, data=folder / "tags.csv")
    expected = f1_score(MARKS, outputs > 0.5, average="macro")
    assert expected > 0.9
    assert scored["f1_macro"] == pytest.approx(expected, abs=1e-12)
    assert list(scored)[:9] == [
        "rows", "loss", "f1_micro", "binary_accuracy", "subset_accuracy", "precision_micro", "recall_micro",
        "f1_macro", "roc_auc",
    ]  # fmt: skip
    assert scored["hamming_loss"] == pytest.approx(((outputs > 0.5) != MARKS).mean(), abs=1e-12)
    best = max(run.history["val_f1_micro"])
    assert run.scores["validation"]["f1_micro"] == pytest.approx(best, abs=1e-6)
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert list(manifest["labels"]["rows"]) == list(LABELS)
    assert dltrain.evaluate(run) == run.scores["test"]


def test_an_empty_text_is_no_class(folder):
    with pytest.raises(DataError) as caught:
        fitted(folder, "classes", "dataset: {path: tags.csv, target: tags}")
    first = int((MARKS.sum(axis=1) == 0).argmax()) + 1
    text = str(caught.value)
    assert text.startswith(f"tags.csv: row {first}: the target 'tags' has no value (")
    assert text.endswith(" such rows near it); fill or drop these rows")


def test_an_array_of_0_and_1_is_labels(folder):
    np.savez(folder / "marks.npz", x=ROWS.astype("float32"), y=MARKS)
    run = fitted(folder, "marks", "dataset: marks.npz")
    assert json.loads((run.path / "signature.json").read_text())["target"]["labels"] == ["y_0", "y_1", "y_2"]
    assert "task: multilabel_classification, 3 labels (from columns of 0 and 1)\n" in (run.path / "log.txt").read_text()
