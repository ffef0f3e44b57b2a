"""What is proposed trains as it is."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

import dltrain
from dltrain.proposal.propose import propose

pytestmark = pytest.mark.keras


def table(path):
    chance = random.Random(0)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "size", "money", "colour", "born", "words", "kind"])
        for index in range(160):
            words = " ".join(chance.choices(["good", "bad", "film", "very", "nice"], k=6)) + f" {index}"
            size, money = chance.choice(["", "?", chance.random()]), chance.lognormvariate(3, 3)
            born = f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.19{chance.randint(50, 99)}"
            rows.writerow([index, size, money, chance.choice(["red", "blue", ""]), born, words, chance.choice("xyz")])


def series(path):
    hours = [f"2024-01-{index // 24 + 1:02} {index % 24:02}:00,{np.sin(index / 4)},{index % 5}" for index in range(480)]
    path.write_text("\n".join(["when,load,other", *hours]))


def labels(path):
    path.write_text("\n".join(["a,tags", *(f"{i / 7},{'x|y' if i % 2 else 'y' if i % 3 else 'x'}" for i in range(90))]))


@pytest.mark.parametrize("make", [table, series, labels])
def test_it_trains_without_editing(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "data.csv")
    target = ("load",) if make is series else ()
    config = Path("data.yaml")
    config.write_text(propose("data.csv", target, config).text, encoding="utf-8")
    run = dltrain.fit(config, overrides=["trainer.epochs=1"], runs_dir=tmp_path / "runs")
    assert np.isfinite(run.scores["test"]["loss"])
