"""Measurements in processes of their own, on the real backend."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dltrain.benchmarking.process import Measuring

pytestmark = pytest.mark.keras

CONFIG = """\
name: iris  # my own
dataset: iris
model: {type: mlp, units: [8]}
runtime:
  threads: 2   # all that there are
"""
DLTRAIN = [sys.executable, "-m", "dltrain"]
REPOSITORY = Path(__file__).parent.parent.parent


def processes_of(session):
    """The processes that have a word in their environment, as Linux tells it."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"DLTRAIN_TEST={session}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.long
def test_two_trials_are_measured_told_and_the_faster_is_written(write, tmp_path):
    path = write(CONFIG, "iris.yaml")
    fixed = ["backend=tensorflow", "onednn=false", "jit_compile=auto", "steps_per_execution=1", "device=cpu"]
    fixed += ["intra_op_threads=1"]
    settings = [part for each in fixed for part in ("--set", f"runtime.{each}")]
    command = [*DLTRAIN, "bench", "iris.yaml", *settings, "--seconds", "0.2", "--write", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert [(trial["settings"], trial["status"]) for trial in found["trials"]] == [
        ({}, "measured"),
        ({"threads": 1}, "measured"),
    ]
    for trial, threads in zip(found["trials"], (2, 1), strict=True):
        facts = (trial["backend"], trial["device"], trial["threads"], trial["steps_per_execution"], trial["steps"])
        assert facts == ("tensorflow", "cpu", threads, 1, 4)
        assert (len(trial["slices"]), trial["samples_per_second"]) == (5, sorted(trial["slices"])[2])
        assert trial["memory"] > 100e6
        assert 0 < trial["first_step_seconds"] < 300
    written = CONFIG.replace("threads: 2 ", "threads: 1 ") + (
        "  device: cpu\n  backend: tensorflow\n  intra_op_threads: 1\n  onednn: false\n"
        "  steps_per_execution: 1\n  jit_compile: null\n"
    )
    assert found["written"] == (found["chosen"] == {"threads": 1})
    assert path.read_text() == (written if found["written"] else CONFIG)
    assert os.listdir(tmp_path) == ["iris.yaml"]


def test_what_a_config_refuses_is_told_in_a_line(write):
    trial = Measuring(write(CONFIG), [], 0.1)({"backend": "nonsense"})
    assert (trial.status, trial.exit_code) == ("refused", 2)
    assert trial.text == "expected tensorflow, jax or torch, got 'nonsense'"
    assert (
        trial.error
        == "--set runtime.backend=nonsense: runtime.backend: expected tensorflow, jax or torch, got 'nonsense'"
    )


def test_one_that_takes_too_long_is_ended(write):
    trial = Measuring(write(CONFIG), [], 1000.0)({}, 0.3)
    assert (trial.status, trial.text) == ("failed", "took longer than 0 s")


def test_one_that_dies_says_how(write, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import os, sys\n'-P' in sys.orig_argv and os.kill(os.getpid(), 11)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    trial = Measuring(write(CONFIG), [], 0.1)({})
    assert (trial.status, trial.text) == ("failed", "its backend crashed")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_a_bench_ends_no_process_is_left(write, tmp_path, number):
    write(CONFIG, "iris.yaml")
    session = f"{tmp_path.name}-{number}"
    command = [*DLTRAIN, "bench", "iris.yaml", "--seconds", "100"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "DLTRAIN_TEST": session},
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in its background with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        deadline = time.monotonic() + 60
        while len(processes_of(session)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(processes_of(session)) == 2
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    while processes_of(session) and time.monotonic() < deadline + 60:
        time.sleep(0.05)
    assert processes_of(session) == []
    if number == signal.SIGINT:
        assert (process.returncode, said) == (130, "interrupted\n")
    assert os.listdir(tmp_path) == ["iris.yaml"]
