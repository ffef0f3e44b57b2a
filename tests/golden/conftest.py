"""A folder with the wrong configs and their data, and what `dltrain` says about one."""

import os
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from dltrain.cli.app import run

HERE = Path(__file__).parent
CONFIGS = HERE / "configs"
EXPECTED = HERE / "expected"

Said = namedtuple("Said", "code out err")


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    """A copy of the configs, and the arrays that a text file cannot hold."""
    folder = tmp_path_factory.mktemp("golden") / "configs"
    shutil.copytree(CONFIGS, folder)
    x, y = np.arange(40).reshape(10, 4), np.arange(10) % 2
    np.savez(folder / "ids.npz", x=x % 7, y=y)
    np.savez(folder / "pickled.npz", x=x.astype(object), y=y)
    np.savez(folder / "unlabelled.npz", x=x)
    np.savez(folder / "lengths.npz", x=x, y=y[:9])
    return folder


@pytest.fixture
def folder(copied, monkeypatch):
    """The working directory."""
    monkeypatch.chdir(copied)
    monkeypatch.delenv("DLTRAIN_DATA", raising=False)
    return copied


@pytest.fixture
def dltrain(monkeypatch, capfd):
    """Runs a command line in this process."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dltrain", *arguments])
        with pytest.raises(SystemExit) as exited:
            run()
        return Said(exited.value.code, *capfd.readouterr())

    return call


def names(command):
    """The configs whose mistake this command shows; the first line of a config says `fit` where it takes that."""
    paths = sorted(CONFIGS.glob("*.yaml"))
    return [path.stem for path in paths if path.read_bytes().startswith(b"# dltrain fit") == (command == "fit")]


def compare(name, text, folder=EXPECTED):
    """With the golden file, which DLTRAIN_GOLDEN=write renews; `/here` stands for the working directory."""
    text = text.replace(os.getcwd(), "/here")
    golden = folder / f"{name}.txt"
    if os.environ.get("DLTRAIN_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
