"""Two processes give equal bits."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pytest

from dltrain.runtime.devices import processors

pytestmark = pytest.mark.keras

CONFIGS = {
    "mlp": "dataset: wine\nmodel: {type: mlp, units: [32], dropout: 0.3, batch_normalization: true}\n",
    "cnn": (
        "dataset: {name: digits, augment: [{random_translation: 0.1}, {random_rotation: 0.1}]}\n"
        "model: {type: cnn, filters: [8], kernel_size: 3, units: [16], dropout: 0.3}\n"
    ),
    "lstm": "dataset: digits\nmodel: {type: lstm, units: [8], dropout: 0.2, recurrent_dropout: 0.2}\n",
    "table": (
        "dataset: {path: rows.csv, target: price, ignore: [note],\n"
        "  features: {city: {categorical: {encoding: embedding}}}}\n"
        "model: {type: mlp, units: [16], dropout: 0.1}\n"
    ),
    "text": (
        "dataset: {path: rows.csv, target: liked, ignore: [price, city, size],\n"
        "  features: {note: {text: {output: sequence, vocabulary_size: 50, sequence_length: 12}}}}\n"
        "model: {type: lstm, embedding: 8, units: [8], dropout: 0.2, bidirectional: true}\n"
    ),
}
"""A model of each type, and each source of randomness: dropout, augmentation, embeddings."""

COMMON = "metrics: []\ntrainer: {epochs: 2, batch_size: 64}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("determinism")
    draw = random.Random(0)
    words = ["good", "bad", "fine", "dull", "long", "short", "red", "blue", "old", "new"]
    rows = ["city,size,price,note,liked"]
    for _ in range(300):
        size, city, note = draw.randint(20, 200), draw.choice("ABCDEFGH"), draw.choices(words, k=draw.randint(3, 12))
        price = 10 * size + 100 * ord(city) + draw.gauss(0, 50)
        rows.append(f"{city},{size},{price:.2f},{' '.join(note)},{'yes' if 'good' in note else 'no'}")
    (path / "rows.csv").write_text("\n".join(rows))
    for name, text in CONFIGS.items():
        (path / f"{name}.yaml").write_text(f"name: {name}\n{text}{COMMON}")
    return path


@pytest.fixture(scope="module")
def processes(folder):
    """The runs of two processes that hash texts differently and train in opposite orders."""
    for number, names in enumerate((list(CONFIGS), list(reversed(CONFIGS))), 1):
        configs = [f"{name}.yaml" for name in names]
        command = [
            sys.executable,
            "-m",
            "dltrain",
            "fit",
            *configs,
            "--runs-dir",
            f"runs-{number}",
            "--json",
            "--no-report",
        ]
        # Whatever the surroundings ask of TensorFlow, the config decides which kernels compute.
        surroundings = {"PYTHONHASHSEED": str(number), "TF_ENABLE_ONEDNN_OPTS": str(number - 1)}
        environment = {**os.environ, **surroundings}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    return folder / "runs-1", folder / "runs-2"


@pytest.mark.parametrize("file", ["weights.safetensors", "history.csv", "metrics.json", "experiment.yaml"])
@pytest.mark.parametrize("model", CONFIGS)
def test_two_processes_give_equal_bits(processes, model, file):
    first, second = ((runs / model / "1" / file).read_bytes() for runs in processes)
    assert first == second


@pytest.mark.parametrize("model", CONFIGS)
def test_each_model_learns_something_in_each_epoch(processes, model):
    # Else equal bits would say nothing.
    rows = (processes[0] / model / "1" / "history.csv").read_text().splitlines()[1:]
    assert len({row.split(",")[1] for row in rows}) == 2


def test_what_the_bits_depend_on_is_recorded(processes):
    runtimes = [json.loads((runs / "mlp/1/manifest.json").read_text())["runtime"] for runs in processes]
    assert runtimes[0] == runtimes[1]
    runtime = runtimes[0]
    assert (runtime["deterministic"], runtime["onednn"], runtime["device"]) == (True, True, "cpu")
    assert (runtime["threads"], runtime["intra_op_threads"]) == (processors(), 1)
    assert {"python", "dltrain", "keras", "numpy", "tensorflow", "pyarrow", "pillow", "scikit-learn"} == set(
        runtime["versions"]
    )
    assert len(runtime["sources"]) == 16
