"""`dltrain validate --show`."""

import json
import os
import pty
import subprocess
import sys
from collections import namedtuple

import pytest

from dltrain.cli.app import run
from dltrain.load import load
from dltrain.spec.dumper import dump

Said = namedtuple("Said", "code out err")

BASE = """\
name: base
dataset: digits
model: {type: mlp, units: [64, 64]}
trainer:
  epochs: ${env:DLTRAIN_TEST_EPOCHS:-3}
  callbacks:
    - early_stopping: {patience: 1, start_from_epoch: 0, min_delta: 0}
"""

SHOWN = """\
name: over                    # derived
seed: 7                       # over.yaml:2
dataset:
  type: digits                # from base.yaml:2
  features: {}                # default
  augment: []                 # default
  name: digits                # base.yaml:2
splits:
  type: auto                  # default
model:
  type: mlp                   # base.yaml:3
  units: [64, 64]             # base.yaml:3
  activation: relu            # default
  dropout: 0.5                # over.yaml:3
"""


@pytest.fixture
def validate(write, tmp_path, monkeypatch, capfd):
    """Runs the command in this process."""
    write(BASE, "base.yaml")
    write("extends: base.yaml\nseed: 7\nmodel: {dropout: 0.5}\n", "over.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLTRAIN_TEST_EPOCHS", raising=False)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dltrain", "validate", *arguments])
        with pytest.raises(SystemExit) as exited:
            run()
        return Said(exited.value.code, *capfd.readouterr())

    return call


def test_every_value_is_shown_with_where_it_comes_from(validate):
    done = validate("--show", "over.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(SHOWN)
    assert "  epochs: 3                   # default of env DLTRAIN_TEST_EPOCHS, base.yaml:5\n" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_settings_and_variables_are_named(validate, monkeypatch):
    monkeypatch.setenv("DLTRAIN_TEST_EPOCHS", "4")
    done = validate("--show", "over.yaml", "--set", "trainer.batch_size=8")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "batch_size: 8 # --set trainer.batch_size=8" in lines
    assert "epochs: 4 # env DLTRAIN_TEST_EPOCHS, base.yaml:5" in lines


def test_where_there_is_no_room_beside_a_value_the_comment_stands_above_it(validate):
    lines = validate("--show", "over.yaml", "--set", f"expect.\"test.accuracy\"='>= 0.{'9' * 60}'").out.splitlines()
    at = lines.index(f"  test.accuracy: '>= 0.{'9' * 60}'")
    assert lines[at - 1].startswith("  # --set expect.")


def test_what_is_shown_is_the_same_experiment(validate, tmp_path):
    (tmp_path / "shown.yaml").write_text(validate("--show", "over.yaml").out)
    assert load("shown.yaml")[0] == load("over.yaml")[0]
    (tmp_path / "dumped.yaml").write_text(dump(load("over.yaml")[0].plain()))
    assert load("dumped.yaml")[0] == load("over.yaml")[0]


def test_json_has_settings_and_sources(validate):
    found = json.loads(validate("--show", "--json", "over.yaml", "base.yaml").out)
    assert found["problems"] == []
    over, base = found["experiments"]
    assert (over["file"], over["settings"]["seed"], over["sources"]["seed"]) == ("over.yaml", 7, "over.yaml:2")
    assert (base["file"], base["sources"]["model.units"]) == ("base.yaml", "base.yaml:3")


def test_a_wrong_config_shows_its_problems_and_the_others_their_values(validate):
    done = validate("--show", "base.yaml", "over.yaml", "--set", "seed=-1")
    assert (done.code, done.out) == (2, "")
    assert done.err == 2 * "--set seed=-1: seed: must be at least 0, got -1\n"


@pytest.mark.parametrize("no_color", [{}, {"NO_COLOR": "1"}])
def test_only_a_terminal_gets_colours(validate, tmp_path, no_color):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "dltrain", "validate", "--show", "base.yaml"]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | no_color
    subprocess.run(command, cwd=tmp_path, env=environment, stdout=follower, stderr=follower, timeout=60, check=True)
    os.close(follower)
    printed = os.read(leader, 100_000)
    os.close(leader)
    assert (b"\x1b[" in printed) is not bool(no_color)
    assert b"units: [64, 64]" in printed
