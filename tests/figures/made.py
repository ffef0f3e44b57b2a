"""Run directories written by hand, without Keras."""

from __future__ import annotations

import json

import numpy as np

from dltrain.figures.canvas import styled
from dltrain.figures.figure import rendered
from dltrain.figures.known import Known
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import write_arrays

EXPERIMENT = """\
name: made
seed: 0
dataset: {{type: {dataset}, path: none.csv, target: y{extra}}}
splits: {{type: random, validation: 0.2, test: 0.2}}
task: {{type: {task}}}
model: {{type: mlp, units: [3]}}
loss: {{type: {loss}}}
metrics: [{{type: {metric}}}]
trainer: {{epochs: 3, batch_size: 4}}
"""
TASKS = {
    "binary_classification": ("binary_crossentropy", "accuracy"),
    "multiclass_classification": ("sparse_categorical_crossentropy", "accuracy"),
    "multilabel_classification": ("binary_crossentropy", "binary_accuracy"),
    "regression": ("mean_squared_error", "mean_absolute_error"),
}
HISTORY = """\
epoch,loss,accuracy,val_loss,val_accuracy,learning_rate
1,2,0.25,2.5,0.5,0.1
2,1,0.5,1.5,0.75,0.1
3,0.5,1,1.75,0.75,0.1
"""
MANIFEST = {"status": "completed", "monitor": "val_accuracy", "best_epoch": 2}


def make(folder, task, predictions=None, *, target=None, manifest=MANIFEST, history=HISTORY, window=""):
    """A run of a small network of two numbers; `predictions` are arrays, `target` what signature.json says of it."""
    run = RunDirectory((folder / "made" / "1").resolve())
    (run.path / "preprocessing").mkdir(parents=True)
    (run.path / "predictions").mkdir()
    loss, metric = TASKS[task]
    run.experiment.write_text(EXPERIMENT.format(dataset="csv", task=task, loss=loss, metric=metric, extra=window))
    features = [{"name": name, "kind": "numeric", "dtype": "float64"} for name in ("a", "b")]
    statistics = {name: {"offset": [0.0], "scale": [1.0]} for name in ("a", "b")}
    if window:
        features = [{"name": "window", "kind": "numeric", "dtype": "float64", "shape": [4, 1], "columns": ["a"]}]
        statistics = {"window": {"offset": [0.0], "scale": [1.0]}}
    run.signature.write_text(json.dumps({"features": features, "target": {"name": "y", **(target or {})}}))
    run.statistics.write_text(json.dumps(statistics))
    run.manifest.write_text(json.dumps(manifest))
    run.history.write_text(history)
    if predictions is not None:
        rows = len(predictions["truth"])
        write_arrays(run.predictions("test"), {"row": np.arange(rows), **predictions})
    return run


def classes(truth, outputs, predicted=None):
    """Arrays of predictions of classes; of one column that of the second of two."""
    outputs = np.asarray(outputs, "float32")
    guessed = outputs[:, 0] > 0.5 if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    found = np.asarray(guessed if predicted is None else predicted, "int64")
    return {"truth": np.asarray(truth, "int64"), "predicted": found, "outputs": outputs}


def numbers(truth, predicted):
    """Arrays of predictions of numbers (rows, values)."""
    truth, predicted = (np.asarray(values, "float64").reshape(len(truth), -1) for values in (truth, predicted))
    return {"truth": truth, "predicted": predicted, "outputs": predicted.astype("float32")}


def told(sketch, run):
    """What one picture says; None where it is not drawn."""
    found = sketch(Known(run))
    return None if found is None else found.alternative


def svg_of(sketch, run):
    """One picture, without the time that all take."""
    with styled():
        found = sketch(Known(run))
    return rendered("x", found, png=False).svg
