"""Reports of real trainings: written at the end of a fit, again by `dltrain report`, and never the end of a run."""

from __future__ import annotations

import json
from html import unescape

import pytest
from typer.testing import CliRunner

import dltrain
from dltrain.cli.app import app
from dltrain.errors import RunError
from dltrain.runs.directory import RunLock, find
from dltrain.training.observer import Observer

pytestmark = pytest.mark.keras

CONFIG = """
name: small
dataset: {path: t.csv, target: y}
splits: {validation: 0.2, test: 0.2}
model: {type: mlp, units: [4]}
trainer: {epochs: 2, batch_size: 16}
expect: {test.accuracy: ">= 0"}
"""


class Notes(Observer):
    def __init__(self):
        self.told = []

    def note(self, text):
        self.told.append(text)


@pytest.fixture
def config(tmp_path, write):
    rows = "\n".join(f"{index},{index % 7},{'ab'[index % 2]}" for index in range(60))
    (tmp_path / "t.csv").write_text(f"u,v,y\n{rows}\n")
    return write(CONFIG)


def test_a_fit_writes_its_page_and_its_pictures_before_it_returns(config, tmp_path, reports):
    run = dltrain.fit(config, runs_dir=tmp_path / "runs")
    text = (run.path / "report.html").read_text()
    assert "learning-curves" in text
    assert (run.path / "figures" / "learning-curves.svg").is_file()
    metrics = json.loads((run.path / "metrics.json").read_text())
    assert metrics["verdict"]["text"] in unescape(text)


def test_a_fit_without_a_report_draws_nothing(config, tmp_path, reports):
    run = dltrain.fit(config, runs_dir=tmp_path / "runs", report=False)
    assert not (run.path / "report.html").exists()
    assert not (run.path / "figures").exists()
    done = CliRunner().invoke(app, ["report", str(run.path), "--json"])
    assert (done.exit_code, json.loads(done.stdout)["report"]) == (0, str(run.path / "report.html"))
    assert (run.path / "figures" / "learning-curves.svg").is_file()


def test_what_goes_wrong_in_a_page_is_one_line_and_the_run_is_complete(config, tmp_path, reports, monkeypatch):
    def full(run):
        raise RunError("cannot write it: no space left on device\nmore")

    monkeypatch.setattr("dltrain.page.process._begun", lambda: None)
    monkeypatch.setattr("dltrain.page.process.write_report", full)
    notes = Notes()
    run = dltrain.fit(config, runs_dir=tmp_path / "runs", observer=notes)
    last = f"no report: cannot write it: no space left on device; write it with: dltrain report {run.directory}"
    assert notes.told[-1] == last
    assert json.loads((run.path / "manifest.json").read_text())["status"] == "completed"


def test_a_process_that_dies_is_replaced_by_this_one(config, tmp_path, reports, monkeypatch):
    monkeypatch.setattr("dltrain.page.process.sys.executable", "/bin/false")
    notes = Notes()
    run = dltrain.fit(config, runs_dir=tmp_path / "runs", observer=notes)
    assert (run.path / "report.html").is_file()
    assert not any("no report" in line for line in notes.told)


def test_a_cross_validation_has_a_page_of_its_own_with_links_to_those_of_its_folds(config, tmp_path, reports):
    splits = 'splits={"folds": 2, "validation": 0.2}'
    run = dltrain.fit(config, overrides=[splits], runs_dir=tmp_path / "runs")
    text = (run.path / "report.html").read_text()
    assert 'href="./fold-1/report.html"' in text
    assert (run.path / "figures" / "fold-curves.svg").is_file()
    assert "Learning curves of 2 folds: " in text
    assert 'href="../report.html"' in (run.path / "fold-2" / "report.html").read_text()


def test_a_run_that_is_being_written_is_left_alone(config, tmp_path):
    run = dltrain.fit(config, runs_dir=tmp_path / "runs")
    lock = RunLock(find(run.path))
    try:
        # The lock belongs to the process, which may take it again; another may not.
        import subprocess
        import sys

        command = [sys.executable, "-m", "dltrain", "report", str(run.path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    finally:
        lock.release()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("is being written by another process; wait for it, or stop it\n")
