"""Small trainings on every backend that is installed, each backend in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

import dltrain
from tests.backends import trial

TWENTY_STEPS = "splits: {validation: none, test: 0.9}\ntrainer: {epochs: 1, batch_size: 90}\n"
DIGITS = "dataset: digits\noptimizer: {adam: 1e-2}\n" + TWENTY_STEPS
CONFIGS = {
    "mlp": f"{DIGITS}model: {{type: mlp, units: [16]}}\n",
    "cnn": f"{DIGITS}model: {{type: cnn, filters: [4, 4], kernel_size: 3, units: [8], batch_normalization: true}}\n",
    "lstm": f"{DIGITS}model: {{type: lstm, units: [6], bidirectional: true}}\n",
    "padded": f"""\
dataset: {{npz: {{path: ids.npz, features: {{x: ids}}}}}}
model: {{type: lstm, embedding: 4, units: [6]}}
optimizer: {{adam: 1e-2}}
{TWENTY_STEPS.replace("90", "12").replace("0.9", "0.4")}""",
    "table": f"""\
dataset:
  path: table.csv
  target: kind
  missing: constant
  features: {{place: {{categorical: {{encoding: embedding, length: 2}}}}}}
model: {{type: mlp, units: [8]}}
loss: binary_crossentropy
optimizer: {{adam: 1e-2}}
{TWENTY_STEPS.replace("90", "12").replace("0.9", "0.4")}""",
}
LIFE = """\
dataset: {digits: {augment: [{random_translation: 0.1}, {random_rotation: 0.05}]}}
splits: {validation: 0.05, test: 0.9}
model: {type: cnn, filters: [4], kernel_size: 3, units: [8], dropout: 0.3}
metrics: [accuracy, f1_macro]
optimizer: {adam: 1e-2}
trainer:
  epochs: 3
  batch_size: 30
  class_weight: balanced
  callbacks:
    - reduce_lr_on_plateau: {patience: 0, factor: 0.5, min_delta: 100}
    - early_stopping: {patience: 1, monitor: loss}
"""
FOLDS = """\
dataset: iris
splits: {folds: 2}
model: {type: mlp, units: []}
trainer: {epochs: 1, batch_size: 50}
"""


def write_table(path):
    """Numbers, labels, dates, holes, and a target of words."""
    random = np.random.default_rng(0)
    lines = ["size,colour,place,seen,kind"]
    for row in range(40):
        size = "" if row % 7 == 0 else f"{random.normal():.3f}"
        colour, place = random.choice(["red", "blüe", ""]), random.choice(["a", "b", "c", "d"])
        lines.append(f"{size},{colour},{place},2024-0{1 + row % 9}-1{row % 8},{'yes' if row % 3 else 'no'}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The configs, the data, and a run on TensorFlow of each config, whose weights the others begin with."""
    path = tmp_path_factory.mktemp("backends")
    write_table(path / "table.csv")
    random = np.random.default_rng(1)
    ids = random.integers(1, 20, (40, 7)) * (np.arange(7) < random.integers(2, 8, (40, 1)))
    np.savez(path / "ids.npz", x=ids, y=(ids.sum(axis=1) > 40).astype(int))
    for name, text in {**CONFIGS, "life": LIFE, "folds": FOLDS}.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def first(folder):
    """A run on TensorFlow of each config that is compared."""
    return {name: dltrain.fit(folder / f"{name}.yaml", runs_dir=folder / "first") for name in CONFIGS}


@pytest.fixture(scope="session")
def on(folder, first):
    """What a backend gives; made once for each."""
    found = {}

    def of(backend):
        if find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        if backend not in found:
            found[backend] = None
            paths = [str(run.path) for run in first.values()]
            command = [sys.executable, trial.__file__, backend, str(folder), *paths]
            if backend == "tensorflow":
                trial.main(backend, folder, *paths)
            else:
                done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
                assert done.returncode == 0, done.stderr[-3000:]
            found[backend] = json.loads((folder / f"{backend}.json").read_text())
        assert found[backend], "the trial failed above"
        return found[backend]

    return of
