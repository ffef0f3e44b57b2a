"""What a shell proposes, in the protocol of typer's scripts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dltrain.cli.app import run

CONFIG = "dataset: digits\nmodel: mlp\noptimizer: {sgd: 0.1}\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory with configs and runs."""
    (tmp_path / "configs" / "old").mkdir(parents=True)
    (tmp_path / "configs" / ".hidden").mkdir()
    for name in ("a.yaml", "b.yml", "c.csv"):
        (tmp_path / "configs" / name).write_text(CONFIG)
    for name in ("digits/1", "digits/2", "iris/1", "digits/other"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "runs" / "digits" / "latest").symlink_to("2")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def proposed(place, monkeypatch, capfd):
    """What bash gets for words, of which the last is incomplete; bash divides words at the sign =."""

    def complete(*words):
        monkeypatch.setenv("_DLTRAIN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["dltrain", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        monkeypatch.setattr(sys, "argv", ["dltrain"])
        with pytest.raises(SystemExit) as exited:
            run()
        assert exited.value.code == 0
        return capfd.readouterr().out.split()

    return complete


FIT = ("fit", "configs/a.yaml")


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (("val",), ["validate"]),
        (("fit", "conf"), ["configs/"]),
        (("fit", "configs/"), ["configs/a.yaml", "configs/b.yml", "configs/old/"]),
        (("validate", "configs/a.yaml", "configs/b"), ["configs/b.yml"]),
        (("fit", "no/such/folder/"), []),
        ((*FIT, "--set", "trainer.ep"), ["trainer.epochs="]),
        ((*FIT, "--set", "optimizer.mom"), ["optimizer.momentum="]),
        (("fit", "--set", "optimizer.mom", "configs/a"), ["configs/a.yaml"]),
        ((*FIT, "--set", "optimizer.type", "=", "nad"), ["nadam"]),
        ((*FIT, "--set", "runtime.device", "="), ["auto", "cpu", "gpu"]),
        ((*FIT, "--set", "seed", "=", "1", "--set", "tra"), ["trainer."]),
        ((*FIT, "--set", "trainer.epochs", "=", "1"), []),
        (("evaluate", "runs/d"), ["runs/digits/1", "runs/digits/2", "runs/digits/latest"]),
        (("evaluate", ""), ["runs/digits/1", "runs/digits/2", "runs/digits/latest", "runs/iris/1"]),
        (("predict", "runs/i"), ["runs/iris/1"]),
        (("reproduce", "conf"), ["configs/"]),
        (("runs", "d"), ["digits"]),
        (("runs", ""), ["digits", "iris", "rm"]),
        (("runs", "rm", "runs/i"), ["runs/iris/1"]),
        (("compare", "runs/iris/1", "runs/digits/l"), ["runs/digits/latest"]),
        (("fit", "--resume", "la"), ["latest"]),
        (("fit", "--resume", "runs/iris/"), ["runs/iris/1"]),
    ],
)
def test_bash_gets(words, texts, proposed):
    assert proposed(*words) == texts


def test_a_config_that_cannot_be_read_is_no_obstacle(proposed, place):
    (place / "configs" / "a.yaml").write_text("model: [\n")
    assert proposed(*FIT, "--set", "trainer.ep") == ["trainer.epochs="]


def test_bash_is_told_not_to_put_a_space_after_a_part(place):
    environment = {**os.environ, "SHELL": "/bin/bash", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [sys.executable, "-m", "dltrain", "--show-completion", "bash"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert "== *[=./] ]] && compopt -o nospace\n    return 0" in done.stdout


def test_settings_are_proposed_without_anything_heavy(place):
    words = {"COMP_WORDS": "dltrain\nfit\nconfigs/a.yaml\n--set\noptimizer.n", "COMP_CWORD": "4"}
    code = (
        "import atexit, sys; sys.argv = ['dltrain']\n"
        "atexit.register(lambda: print(*sorted({name.partition('.')[0] for name in sys.modules})))\n"
        "from dltrain.cli import main; main()"
    )
    environment = {**os.environ, **words, "_DLTRAIN_COMPLETE": "complete_bash"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    first, *imported = done.stdout.split()
    assert first == "optimizer.nesterov="
    assert not {"tensorflow", "keras", "numpy", "pyarrow", "sklearn", "jax", "torch"} & set(imported)
