"""Completion in the shells themselves, where they are installed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.long


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Writes a shell's script into the working directory; gives the environment to run it in."""

    def prepare(name):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        (tmp_path / "bike.yaml").write_text("dataset: digits\nmodel: mlp\n")
        monkeypatch.chdir(tmp_path)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        home = {
            "HOME": str(tmp_path),
            "SHELL": name,
            "TERM": "dumb",
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        }
        environment = {**os.environ, **home, "PATH": path}
        show = [sys.executable, "-m", "dltrain", "--show-completion", name]
        script = subprocess.run(show, capture_output=True, text=True, env=environment, check=True, timeout=60).stdout
        (tmp_path / "script").write_text(script.replace("python -m dltrain", "dltrain"))
        return environment

    return prepare


def typed_into_zsh(keys, environment, *, until, limit=20):
    """What the line looks like after some keys."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
    start = "PS1='> '; autoload -Uz compinit; compinit -u; source ./script; echo rea''dy\n"
    os.write(terminal, start.encode())
    seen = read(terminal, "ready", limit)
    os.write(terminal, keys.encode())
    seen = read(terminal, until, limit)
    os.close(terminal)
    os.waitpid(child, 0)
    return seen


def read(terminal, until, limit):
    seen, end = "", time.monotonic() + limit
    while until not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
            seen = seen.replace("\a", "").replace(" \b", "")  # a bell, and a space that is taken back
    return seen


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("fit bi", ["bike.yaml"]),
        ("fit bike.yaml --set trainer.ep", ["trainer.epochs="]),
        ("fit bike.yaml --set optimizer=adamw", ["optimizer=adamw"]),
        ("valid", ["validate"]),
    ],
)
def test_fish_gets(words, texts, shell):
    environment = shell("fish")
    command = ["fish", "-c", f'source ./script; complete -C "dltrain {words}"']
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=True)
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == texts


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("fit bi\t--data", "fit bike.yaml --data"),
        ("fit bike.yaml --set trainer.ep\t3", "fit bike.yaml --set trainer.epochs=3"),
        ("valid\tbi", "validate bi"),
    ],
)
def test_zsh_completes_and_puts_no_space_after_a_part(words, line, shell):
    seen = typed_into_zsh(f"dltrain {words}", shell("zsh"), until=line)
    assert line in seen
