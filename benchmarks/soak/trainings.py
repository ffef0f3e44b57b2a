"""Trainings that are killed or stopped at random moments, and go on: are their bits those of one left alone?"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.nursery import Nursery

CONFIGS = {
    "mlp": """
dataset: digits
splits: {validation: 0.1, test: 0.2}
model: {type: mlp, units: [32, 32], dropout: 0.3}
optimizer: {adam: 3e-3}
trainer:
  epochs: 8
  checkpoint_seconds: 0
  callbacks: [{early_stopping: {patience: 6}}, {reduce_lr_on_plateau: {patience: 1, monitor: val_loss}}]
""",
    "cnn": """
dataset: {name: digits, augment: [{random_translation: [0.1, 0.1]}, {random_zoom: 0.1}]}
splits: {validation: 0.1, test: 0.2}
model:
  type: cnn
  layers:
    - conv2d: {filters: 8, kernel_size: 3, activation: relu}
    - batch_normalization
    - max_pooling2d: 2
    - flatten
    - dropout: 0.3
optimizer: {sgd: {learning_rate: {cosine_decay: 0.1}, momentum: 0.9}}
trainer: {epochs: 3, checkpoint_seconds: 0}
runtime: {steps_per_execution: 3}
""",
    "lstm": """
dataset: digits
splits: {validation: 0.1, test: 0.2}
model:
  type: lstm
  layers:
    - reshape: [8, 8]
    - lstm: {units: 12, dropout: 0.2, recurrent_dropout: 0.2}
optimizer: {adamw: {learning_rate: 1e-2, use_ema: true}}
metrics: [f1_macro]
trainer: {epochs: 2, checkpoint_seconds: 0}
""",
    "table": """
dataset:
  path: table.csv
  target: bought
  features: {city: {type: categorical, encoding: embedding}}
  missing: mean
splits: {validation: 0.1, test: 0.2}
model: {type: mlp, units: [16], dropout: 0.2}
trainer: {epochs: 4, checkpoint_seconds: 0}
runtime: {memory: 1kB}
""",
}
"""One of each type of model; the rows of the table lie in files, as those of one larger than memory do."""

COMPARED = ("history.csv", "weights.safetensors", "metrics.json")
"""The files of a run that have equal bits however often it was stopped."""


@dataclass
class Left:
    """A training that nothing disturbed.

    Attributes:
        seconds: how long it took.
        digest: of the files `COMPARED`.
    """

    seconds: float
    digest: str


class Ground:
    """A folder with the configs, in which trainings run.

    Attributes:
        kills: how many trainings were ended by a signal.
        inside: how many of them while they saved.
        faults: what went wrong, a line each.
    """

    def __init__(self, folder: Path, nursery: Nursery, *, seed: int) -> None:
        self.folder, self.nursery = folder, nursery
        self.kills = self.inside = 0
        self.faults: list[str] = []
        self._random = random.Random(seed)
        self._count = 0
        for name, text in CONFIGS.items():
            (folder / f"{name}.yaml").write_text(f"name: {name}{text}")
        write_table(folder / "table.csv", rows=1500)

    def undisturbed(self, name: str) -> Left:
        """Trains a config from beginning to end."""
        started = time.monotonic()
        code = self.nursery.run("fit", f"{name}.yaml", "--runs-dir", "left", folder=self.folder, output=self._log(name))
        assert code == 0, self._log(name).read_text()
        return Left(time.monotonic() - started, digest(self.folder / "left" / name / "1"))

    def disturbed(self, name: str, left: Left, signals: list[int], *, twice: float | None = None) -> None:
        """Trains a config while it is ended by `signals`, one after the other, at random moments.

        Args:
            name: of the config.
            left: the same training, undisturbed.
            signals: the last training is left alone.
            twice: seconds after which each signal is sent again.
        """
        self._count += 1
        runs = self.folder / f"runs-{self._count}"
        run = runs / name / "1"
        for number in [*signals, None]:
            resumable = (run / "manifest.json").exists()
            arguments = ["--resume", str(run)] if resumable else [f"{name}.yaml", "--runs-dir", str(runs)]
            if not resumable:
                shutil.rmtree(runs, ignore_errors=True)
            process = self.nursery.start("fit", *arguments, folder=self.folder, output=self._log(name))
            if number is not None:
                self._disturb(process, number, left.seconds, twice)
            self._look_at(self.nursery.wait(process), number, run)
        if digest(run) != left.digest:
            self.faults.append(f"{name}: other bits after {signals}, in {run}")
        else:
            shutil.rmtree(runs)

    def _disturb(self, process: int, number: int, seconds: float, twice: float | None) -> None:
        time.sleep(self._random.uniform(0.1, 1.0) * seconds)
        for pause in (0.0, twice):
            if pause is not None:
                time.sleep(pause)
                os.kill(process, number)

    def _look_at(self, code: int, number: int | None, run: Path) -> None:
        self.kills += code != 0
        self.inside += any((run / "checkpoints").glob(".*.tmp"))
        allowed = {0} if number is None else {0, -number, 128 + number}
        if code not in allowed:
            self.faults.append(f"exit {code} after signal {number} in {run}:\n{self._log(run.parent.name).read_text()}")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.txt"


def digest(run: Path) -> str:
    """Of the files of a run that must have equal bits."""
    found = hashlib.sha256()
    for name in COMPARED:
        path = run / name
        found.update(path.read_bytes() if path.exists() else b"absent")
    return found.hexdigest()


def write_table(path: Path, *, rows: int) -> None:
    """A table with numbers, a category and holes."""
    source = random.Random(7)
    lines = ["age,income,city,bought"]
    for _ in range(rows):
        age, income, city = source.randint(18, 80), source.gauss(3000, 900), source.choice("ABCDEFG")
        bought = "yes" if age / 80 + income / 4000 + (city in "ACE") + source.gauss(0, 0.4) > 1.6 else "no"
        lines.append(
            f"{age},{income:.2f},{city},{bought}" if source.random() > 0.02 else f",{income:.2f},{city},{bought}"
        )
    path.write_text("\n".join(lines) + "\n")


SIGKILL, SIGTERM, SIGINT = int(signal.SIGKILL), int(signal.SIGTERM), int(signal.SIGINT)
