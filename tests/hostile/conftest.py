"""A small run, and a process in which commands are tried on what a stranger made of it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXECUTOR = Path(__file__).parent / "executor.py"

CONFIG = """
name: small
dataset: {path: t.csv, target: y, features: {color: {categorical: {encoding: embedding, length: 2}}}}
splits: {validation: 0.2, test: 0.2}
model: {type: mlp, units: [4]}
trainer: {epochs: 2, batch_size: 16}
runtime: {device: cpu}
"""


class Executor:
    """Commands of dltrain, each in a process of its own; `dltrain(...)` gives code, seconds, megabytes and text."""

    def __init__(self):
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
        self._process = subprocess.Popen(
            [sys.executable, str(EXECUTOR)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )

    def __call__(self, *arguments, folder):
        request = {"arguments": [str(argument) for argument in arguments], "folder": str(folder)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="session")
def dltrain_in_child():
    executor = Executor()
    yield executor
    executor.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory, dltrain_in_child):
    """A folder with `t.csv` and `run`, a completed run on it."""
    folder = tmp_path_factory.mktemp("small")
    colors, answers = ("red", "green", "blue"), ("no", "yes")
    rows = [
        f"{i * 37 % 60 / 60},{colors[i % 3]},202{i % 3}-0{1 + i % 9}-11,{answers[i * 7 % 5 % 2]}" for i in range(60)
    ]
    (folder / "t.csv").write_text("\n".join(["a,color,when,y", *rows]) + "\n")
    (folder / "c.yaml").write_text(CONFIG)
    done = dltrain_in_child("fit", "c.yaml", "--no-report", folder=folder)
    assert done["code"] == 0, done["text"]
    (folder / "runs/small/1").rename(folder / "run")
    shutil.rmtree(folder / "runs")
    (folder / "secret").write_text("key: value\n")
    return folder


@pytest.fixture
def hostile(small, tmp_path):
    """A copy of it that may be changed; beside it lies a file called `secret`."""
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    return tmp_path
