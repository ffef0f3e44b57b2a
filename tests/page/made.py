"""A run directory written by hand, without Keras."""

from __future__ import annotations

import json

from dltrain.figures import Figure
from dltrain.runs.directory import RunDirectory

CONFIG = """\
name: fish
dataset: fish.csv
model: {type: mlp, units: [8]}
trainer:
  epochs: 3
expect: {test.accuracy: ">= 0.9"}
"""


def scored(accuracy, **more):
    return {"rows": 40, "loss": 0.5, "accuracy": accuracy, "f1": more.get("f1", 0.5)}


METRICS = {
    "scores": {"train": scored(0.95), "validation": scored(0.875), "test": scored(0.85)},
    "intervals": {"test": {"accuracy": [0.8, 0.9]}},
    "undefined": {"test": {"f1": "no row is eel"}},
    "shown": ["rows", "loss", "accuracy"],
    "classes": {"test": {"cod": {"precision": 0.75, "recall": 0.5, "f1": 0.6, "support": 1200}}},
    "baselines": {
        "majority_class": {
            "text": "majority class 'cod'",
            "scores": {"accuracy": 0.6, "loss": 0.4},
            "intervals": {"accuracy": [0.5, 0.7]},
        }
    },
    "verdict": {"metric": "accuracy", "split": "test", "beaten": True, "text": "test accuracy 0.8500 beats all"},
    "findings": [
        {
            "name": "still_improving",
            "text": "val_loss fell in the last epoch",
            "key": "trainer.epochs",
            "remedy": "raise trainer.epochs to 6",
            "evidence": {"epochs": 3, "fall": 0.125},
        }
    ],
}
MANIFEST = {
    "status": "completed",
    "started": "2026-01-02T03:04:05.678+00:00",
    "ended": "2026-01-02T03:04:15.678+00:00",
    "seed": 7,
    "monitor": "val_accuracy",
    "config": {"files": ["my fish.yaml"], "settings": ["trainer.epochs=3"], "variables": ["FISH"]},
    "runtime": {
        "backend": "tensorflow",
        "device": "cpu",
        "threads": 2,
        "versions": {"python": "3.11", "keras": "3.15"},
    },
    "dataset": {"origin": "fish.csv", "fingerprint": "abc"},
    "splits": {"fingerprint": "def", "rows": {"train": 100, "validation": 20, "test": 40}},
    "audit": [{"kind": "identical_rows", "text": "3 test rows are training rows too"}],
    "parameters": 1234,
    "git_commit": "0123abcd",
    "epochs": 3,
    "best_epoch": 2,
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="a line" viewBox="0 0 360 240" width="360" '
    'height="240"><path id="a-b" d="M0 0L10 10" stroke="currentColor"/><text x="5" y="9">a &lt; b</text></svg>'
)
FIGURES = [Figure("line", "A line", "It goes from 0 to 10.", SVG), Figure("other", "Other", "Text.", SVG)]


def make(folder, *, metrics=METRICS, manifest=MANIFEST, config=CONFIG):
    """The run ``fish/1``."""
    path = folder / "fish" / "1"
    path.mkdir(parents=True)
    run = RunDirectory(path.resolve())
    run.manifest.write_text(json.dumps(manifest))
    if metrics is not None:
        run.metrics.write_text(json.dumps(metrics))
    run.config.write_text(config)
    run.experiment.write_text(config)
    run.history.write_text("epoch,loss,val_loss\n1,2.0,nan\n2,1.5,1.25\n3,1.0,1.0\n")
    run.log.write_text("2026 epoch 1/3\n2026 epoch 2/3\n")
    return run
