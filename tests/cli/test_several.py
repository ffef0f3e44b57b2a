"""Several configs in one command: forks that print in order, and what becomes of those that end badly."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems train one after the other")

FRAME = """
import os, signal, sys, time
from functools import partial
from pathlib import Path
from dltrain.cli.console import fail, say, show
from dltrain.cli.several import SideBySide
from dltrain.errors import DataError, DltrainError
from dltrain.runtime.interruption import Interruption

def quick(name):
    say(f"{name} begins")
    show(f"score of {name}")
    say(f"\\n{name} ends")
    return {"run": name}

def slow(name):
    time.sleep(0.5)
    return quick(name)

def wrong(name):
    raise DataError(f"{name}.csv: has no rows")

def dies(name):
    say("half a")
    os.kill(os.getpid(), signal.SIGKILL)

def breaks(name):
    raise ZeroDivisionError

def waits(name):
    interruption = Interruption()
    try:
        with interruption.listening():
            Path(name).touch()
            time.sleep(60)
    except KeyboardInterrupt:
        raise interruption.error(f"interrupted; {name} is saved") from None

def run(*works, at_once):
    try:
        found = SideBySide([(f"{work.__name__}.yaml", partial(work, work.__name__)) for work in works], at_once)()
    except DltrainError as error:
        sys.exit(fail(error))
    print([one if isinstance(one, dict) else (type(one).__name__, one.exit_code) for one in found])

def run_groups(*works, kernels):
    import dltrain.cli.by_kernels as module
    module.side_by_side = lambda works, specs, jobs, onednn: say(f"onednn {onednn}") or SideBySide(works, 1)()
    named = [(f"{work.__name__}.yaml", partial(work, work.__name__)) for work in works]
    try:
        found = module.in_groups(named, [None] * len(works), kernels, None)
    except DltrainError as error:
        sys.exit(fail(error))
    print([one if isinstance(one, dict) else (type(one).__name__, one.exit_code) for one in found])
"""


def run(call, cwd):
    return subprocess.run(
        [sys.executable, "-c", f"{FRAME}\n{call}"], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_forks_print_comes_in_the_order_of_the_configs(tmp_path, at_once):
    done = run(f"run(slow, quick, at_once={at_once})", tmp_path)
    assert done.stdout == "score of slow\nscore of quick\n[{'run': 'slow'}, {'run': 'quick'}]\n"
    assert done.stderr == "slow begins\n\nslow ends\nquick begins\n\nquick ends\n"


def test_a_config_that_fails_leaves_the_others_alone(tmp_path):
    done = run("run(wrong, dies, quick, at_once=2)", tmp_path)
    assert done.stdout == "score of quick\n[('DltrainError', 2), ('RunError', 1), {'run': 'quick'}]\n"
    assert done.stderr == (
        "wrong.yaml failed: wrong.csv: has no rows\n"
        "half a\n"
        "dies.yaml failed: its process was ended by SIGKILL, as a system does that runs out of memory (--jobs 1 needs "
        "less); if its training had begun, go on with: dltrain fit dies.yaml --resume latest\n"
        "quick begins\n\nquick ends\n"
    )


def test_a_bug_in_one_shows_its_traceback_and_is_named(tmp_path):
    done = run("run(breaks, quick, at_once=1)", tmp_path)
    assert done.stdout.endswith("[('RunError', 1), {'run': 'quick'}]\n")
    assert "ZeroDivisionError\nbreaks.yaml failed: its process ended with exit code 1 and no result" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_passed_on_and_the_rest_is_not_begun(tmp_path, number, code):
    call = f"{FRAME}\nrun(waits, quick, at_once=1)"
    process = subprocess.Popen([sys.executable, "-c", call], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "waits").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (code, "waits.yaml: interrupted; waits is saved\nnot begun: quick.yaml\n")


def test_configs_of_other_kernels_come_later_and_their_outcomes_in_order(tmp_path):
    done = run("run_groups(quick, wrong, slow, kernels=[True, False, True])", tmp_path)
    found = "[{'run': 'quick'}, ('DltrainError', 2), {'run': 'slow'}]"
    assert done.stdout == f"score of quick\nscore of slow\n{found}\n"
    assert done.stderr == (
        "onednn True\nquick begins\n\nquick ends\nslow begins\n\nslow ends\n"
        "onednn False\nwrong.yaml failed: wrong.csv: has no rows\n"
    )


def test_configs_of_the_same_kernels_are_one_group(tmp_path):
    done = run("run_groups(quick, wrong, kernels=[False, False])", tmp_path)
    assert done.stderr.count("onednn False\n") == 1
    assert done.stdout.endswith("[{'run': 'quick'}, ('DltrainError', 2)]\n")


def test_a_signal_reaches_the_group_that_trains_and_the_others_are_not_begun(tmp_path):
    call = f"{FRAME}\nrun_groups(waits, quick, kernels=[True, False])"
    process = subprocess.Popen([sys.executable, "-c", call], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "waits").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 143
    assert said.splitlines()[0] == "onednn True"
    assert "interrupted; waits is saved" in said
    assert "not begun: quick.yaml" in said


def dltrain(*arguments, cwd):
    command = [sys.executable, "-m", "dltrain", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def folder(tmp_path):
    for name, dataset in (("iris", "iris"), ("wine", "wine")):
        text = f"dataset: {dataset}\nmodel: {{type: mlp, units: [8], dropout: 0.1}}\ntrainer: {{epochs: 2}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_configs_that_need_different_processes_are_refused_before_any_starts(folder):
    (folder / "wine.yaml").write_text("dataset: wine\nmodel: mlp\nruntime:\n  backend: jax\n  deterministic: true\n")
    done = dltrain("fit", "iris.yaml", "wine.yaml", cwd=folder)
    rest = "and one process cannot do both; train them with two commands\n"
    assert done.stderr == (
        f"wine.yaml:4:12: runtime.backend: 'jax', but 'tensorflow' in iris.yaml, {rest}"
        f"wine.yaml:5:18: runtime.deterministic: true, but the default in iris.yaml, {rest}"
    )
    assert done.returncode == 2
    assert not (folder / "runs").exists()


@pytest.mark.keras
def test_kernels_are_those_of_a_command_of_its_own(folder):
    wide = "dataset: wine\nmodel: {type: mlp, units: [600, 600]}\ntrainer: {epochs: 1, batch_size: 64}\n"
    (folder / "wine.yaml").write_text(wide)
    together = dltrain("fit", "iris.yaml", "wine.yaml", cwd=folder)
    assert together.returncode == 0, together.stderr
    assert dltrain("fit", "wine.yaml", cwd=folder).returncode == 0
    one, other = (Path(folder, "runs", "wine", number, "weights.safetensors").read_bytes() for number in "12")
    assert one == other
    runs = [folder / "runs" / name / "manifest.json" for name in ("iris/1", "wine/1", "wine/2")]
    assert [json.loads(run.read_text())["runtime"]["onednn"] for run in runs] == [True, False, False]
    assert dltrain("evaluate", "runs/wine/2", cwd=folder).returncode == 0


@pytest.mark.keras
def test_configs_in_one_command_get_the_bits_of_commands_of_their_own(folder):
    together = dltrain("fit", "iris.yaml", "wine.yaml", "--json", cwd=folder)
    assert together.returncode == 0, together.stderr
    runs = [run["run"] for run in json.loads(together.stdout)["runs"]]
    assert runs == ["runs/iris/1", "runs/wine/1"]
    assert dltrain("fit", "wine.yaml", cwd=folder).returncode == 0
    for name in ("history.csv", "weights.safetensors", "metrics.json"):
        one, other = (Path(folder, "runs", "wine", number, name).read_bytes() for number in "12")
        assert one == other
