"""Trainings that are killed, stopped, doubled and run side by side, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from benchmarks.soak.nursery import Nursery
from benchmarks.soak.trainings import CONFIGS, SIGINT, SIGKILL, SIGTERM, Ground, digest

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    nursery = Nursery()
    yield Ground(tmp_path_factory.mktemp("ground"), nursery, seed=11)
    nursery.close()


@pytest.fixture(scope="module")
def left(ground):
    return {name: ground.undisturbed(name) for name in CONFIGS}


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_five_kills_of_each_type_of_model_lose_nothing_and_change_no_bit(ground, left, name):
    ground.kills = 0
    while ground.kills < 5:
        ground.disturbed(name, left[name], [SIGKILL] * 3)
        assert ground.faults == []


@pytest.mark.parametrize(("number", "twice"), [(SIGTERM, None), (SIGINT, None), (SIGTERM, 0.0), (SIGINT, 0.05)])
def test_a_stopped_run_goes_on_to_the_same_bits_also_where_the_signal_comes_twice(ground, left, number, twice):
    ground.disturbed("mlp", left["mlp"], [number] * 2, twice=twice)
    assert ground.faults == []


@pytest.mark.parametrize(("number", "code"), [(SIGINT, 130), (SIGTERM, 143)])
def test_a_signal_ends_the_run_after_the_batch_and_says_how_to_go_on(ground, tmp_path, number, code):
    output = tmp_path / "output.txt"
    arguments = ["fit", str(ground.folder / "mlp.yaml"), "--set", "trainer.epochs=100000"]
    process = ground.nursery.start(*arguments, folder=tmp_path, output=output)
    wait_for(tmp_path / "runs/mlp/1/history.csv")
    os.kill(process, number)
    assert ground.nursery.wait(process) == code
    run = tmp_path / "runs" / "mlp" / "1"
    manifest = json.loads((run / "manifest.json").read_text())
    last = output.read_text().splitlines()[-1]
    assert last.startswith("interrupted ")
    assert last.endswith("; go on with: dltrain fit --resume runs/mlp/1")
    assert (manifest["status"], manifest["error"]) == ("interrupted", last)
    assert (run / "weights.safetensors").exists()


@pytest.mark.parametrize("many", [30, pytest.param(100, marks=pytest.mark.soak)])
def test_of_many_that_resume_one_run_at_once_one_wins_and_the_others_exit_3(ground, tmp_path, many):
    config, log = str(ground.folder / "mlp.yaml"), tmp_path / "log.txt"
    endless = ["--set", "trainer.epochs=100000"]
    process = ground.nursery.start("fit", config, *endless, folder=tmp_path, output=log)
    wait_for(tmp_path / "runs/mlp/1/history.csv")
    os.kill(process, signal.SIGKILL)
    ground.nursery.wait(process)
    arguments = ["fit", "--resume", "runs/mlp/1", *endless]
    processes = [ground.nursery.start(*arguments, folder=tmp_path, output=tmp_path / f"{n}.txt") for n in range(many)]
    busy = "runs/mlp/1 is being written by another process; wait for it, or stop it"
    deadline = time.monotonic() + 300
    while len(losers := [n for n in range(many) if busy in text_of(tmp_path / f"{n}.txt")]) < many - 1:
        assert time.monotonic() < deadline, f"{len(losers)} of {many - 1} have given up"
        time.sleep(0.1)
    (winner,) = set(range(many)) - set(losers)
    assert {ground.nursery.wait(processes[n]) for n in losers} == {3}
    os.kill(processes[winner], signal.SIGTERM)
    assert ground.nursery.wait(processes[winner]) == 143


def test_a_run_of_folds_that_is_stopped_goes_on(ground, tmp_path):
    config, log = str(ground.folder / "mlp.yaml"), tmp_path / "log.txt"
    folds = ["--set", "splits={folds: 3}", "--set", "trainer.callbacks=[]", "--set", "trainer.epochs=2"]
    assert ground.nursery.run("fit", config, *folds, folder=tmp_path, output=log) == 0
    process = ground.nursery.start("fit", config, *folds, folder=tmp_path, output=log)
    wait_for(tmp_path / "runs/mlp/2/fold-2/history.csv")
    os.kill(process, signal.SIGTERM)
    if ground.nursery.wait(process) == 143:
        assert text_of(log).splitlines()[-1].endswith("; go on with: dltrain fit --resume runs/mlp/2")
    assert ground.nursery.run("fit", "--resume", "latest", folder=tmp_path, output=log) == 0
    runs = tmp_path / "runs" / "mlp"
    assert (runs / "2" / "metrics.json").read_bytes() == (runs / "1" / "metrics.json").read_bytes()
    for fold in ("fold-1", "fold-2", "fold-3"):
        assert digest(runs / "2" / fold) == digest(runs / "1" / fold)


def text_of(path):
    return path.read_text() if path.exists() else ""


def wait_for(path):
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.02)
