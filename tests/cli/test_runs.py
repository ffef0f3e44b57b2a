"""`dltrain runs`, `dltrain runs rm` and `dltrain compare` as commands, on records written by hand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from dltrain.cli.app import run
from dltrain.cli.columns import Column, fitted
from dltrain.cli.moments import duration
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import write_json


@pytest.fixture
def dltrain(monkeypatch, capfd):
    """Runs a command line in this process; gives the exit code, the lines of stdout and those of stderr."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dltrain", *arguments])
        with pytest.raises(SystemExit) as exited:
            run()
        out, err = capfd.readouterr()
        return exited.value.code, out.splitlines(), err.splitlines()

    return call


def make(name, accuracy=None, status="completed", seconds=30, **settings):
    path = RunDirectory(Path.cwd() / "runs" / name)
    path.path.mkdir(parents=True)
    begin = {"a/1": "2025-01-01", "a/2": "2025-03-01", "b/1": "2025-02-01"}.get(name, "2025-01-01")
    ended = f"{begin}T10:00:{seconds:02}.000+00:00"
    runtime = {"device": "cpu", "backend": "tensorflow"}
    manifest = {"status": status, "started": f"{begin}T10:00:00.000+00:00", "ended": ended, "runtime": runtime}
    write_json(path.manifest, manifest)
    if accuracy is not None:
        write_json(path.metrics, {"scores": {"test": {"rows": 9, "loss": 1 - accuracy, "accuracy": accuracy}}})
    path.experiment.write_text(json.dumps({"name": name, **settings}))
    return path


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Three runs of two names."""
    monkeypatch.chdir(tmp_path)
    return [
        make("a/1", 0.9, optimizer={"type": "adam", "learning_rate": 0.001}),
        make("a/2", 0.8, seconds=5, optimizer={"type": "sgd", "learning_rate": 0.1}),
        make("b/1", status="failed", optimizer={"type": "adam", "learning_rate": 0.1}),
    ]


def test_the_newest_run_comes_first(made, dltrain):
    assert dltrain("runs") == (
        0,
        [
            "run     status        when  took  device  accuracy",
            "a/2  completed  2025-03-01   5 s     cpu    0.8000",
            "b/1     failed  2025-02-01  30 s     cpu",
            "a/1  completed  2025-01-01  30 s     cpu    0.9000",
        ],
        [],
    )


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--sort", "name"], "a/1 a/2 b/1"),
        (["--sort", "score"], "a/1 a/2 b/1"),
        (["--sort", "test.loss"], "a/1 a/2 b/1"),
        (["--sort", "loss"], "a/1 a/2 b/1"),
        (["--sort", "status"], "a/1 a/2 b/1"),
        (["--sort", "took"], "a/1 b/1 a/2"),
        (["a", "--sort", "took"], "a/1 a/2"),
        (["list", "b"], "b/1"),
        (["--status", "failed"], "b/1"),
        (["--status", "failed", "--status", "completed", "--sort", "name"], "a/1 a/2 b/1"),
        (["--where", "optimizer=adam"], "b/1 a/1"),
        (["--where", "optimizer.learning_rate=1e-1", "--where", "optimizer.type=adam"], "b/1"),
    ],
)
def test_runs_are_chosen_and_sorted(made, dltrain, arguments, names):
    code, out, err = dltrain("runs", *arguments, "--json")
    assert (code, err) == (0, [])
    assert " ".join(found["run"].removeprefix("runs/") for found in json.loads(out[0])["runs"]) == names


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["--sort", "acuracy"],
            "--sort 'acuracy': no run has such a score; write when, name, status, took, device or score, or a score "
            "such as test.accuracy; did you mean 'accuracy'?",
        ),
        (
            ["--status", "kiled"],
            "--status 'kiled' is none; write running, completed, failed, crashed, interrupted, killed or broken; did "
            "you mean 'killed'?",
        ),
        (["--where", "seed"], "--where seed: not of the form key=value; write e.g. --where optimizer.type=adam"),
        (
            ["--where", "optimizer.tipe=x"],
            "--where optimizer.tipe: no run has such a setting; did you mean 'optimizer.type'?",
        ),
        (["c"], "no run is called 'c' below runs; `dltrain runs` shows all"),
        (["--runs-dir", "no"], "no such folder: no; name the folder of runs with --runs-dir"),
    ],
)
def test_what_cannot_be_listed_is_one_line(made, dltrain, arguments, text):
    assert dltrain("runs", *arguments) == (2, [], [text])


def test_what_is_wrong_with_a_run_stands_below_the_table(made, dltrain):
    made[2].manifest.write_text("{")
    code, out, err = dltrain("runs", "b")
    assert (code, out) == (0, ["run  status", "b/1  broken"])
    assert err[0] == ""
    assert err[1].startswith("b/1 broken: cannot read ")


def test_a_record_cannot_speak_to_the_terminal(made, dltrain):
    write_json(made[2].manifest, {"status": "failed", "error": "\x1b]0;owned\x07\u202ea\nrun"})
    metrics = {"scores": {"test": {"\x1b[2J\nevil": 0.5}}, "baselines": {"\x1bb": {"scores": {"\x1b[2J\nevil": 0.25}}}}
    write_json(made[2].metrics, metrics)
    code, out, err = dltrain("runs")
    assert code == 0
    assert len(out) == 4
    assert not set("".join(out + err)) & set("\x1b\x07\u202e")


def test_no_run_is_no_error(tmp_path, monkeypatch, dltrain):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert dltrain("runs") == (0, [], ["no run below runs yet"])
    assert dltrain("runs", "--json") == (0, ['{"runs": []}'], [])


def test_less_important_columns_go_where_a_terminal_is_narrow(monkeypatch):
    columns = [
        Column("run", ["x" * 70, "short"], rank=0),
        Column("status", ["completed", "failed"], rank=1),
        Column("note", ["n" * 20, ""], rank=5),
        Column("empty", ["", ""], rank=2),
    ]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    assert fitted(columns) == [
        f"{'run':<69}     status", "…" + "x" * 68 + "  completed", f"{'short':<69}     failed",
    ]  # fmt: skip
    monkeypatch.setenv("COLUMNS", "200")
    assert fitted(columns)[0].split() == ["run", "status", "note"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.25, "0.2 s"), (9.0, "9 s"), (59.0, "59 s"), (90.0, "1.5 min"), (5400.0, "1.5 h"), (9e5, "10 d")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_nothing_is_removed_where_nobody_can_be_asked(made, dltrain):
    size = sum(path.stat().st_size for path in made[0].path.iterdir())
    text = f"1 run, {size / 1e6:.1f} MB would be removed for good, and no terminal is here to ask; write --yes to do it"
    assert dltrain("runs", "rm", "runs/a/1") == (2, [], [text])
    assert made[0].path.is_dir()


def test_runs_are_removed_with_yes(made, dltrain):
    assert dltrain("runs", "rm", "runs/a/1", "runs/b/1", "--yes") == (0, ["removed runs/a/1", "removed runs/b/1"], [])
    assert [found.path.exists() for found in made] == [False, True, False]


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("\n", True)])
def test_a_terminal_is_asked(made, tmp_path, answer, left):
    import pty

    pid, terminal = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-m", "dltrain", "runs", "rm", "runs/a/1"])
    text = b""
    while b"[y/N]" not in text:
        text += os.read(terminal, 1000)
    os.write(terminal, answer.encode())
    while True:
        try:
            text += os.read(terminal, 1000)
        except OSError:
            break
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert made[0].path.exists() is left
    assert (b"nothing was removed" in text) is left


def test_runs_without_predictions_are_compared_by_settings_and_scores(made, dltrain):
    code, out, _ = dltrain("compare", "runs/a/1", "runs/a/2")
    assert code == 0
    assert out == [
        "A  runs/a/1  completed",
        "B  runs/a/2  completed",
        "",
        "what differs                 A    B",
        "name                       a/1  a/2",
        "optimizer.type            adam  sgd",
        "optimizer.learning_rate  0.001  0.1",
        "",
        "test           A       B",
        "loss      0.1000  0.2000",
        "accuracy  0.9000  0.8000",
        "",
        "B against A: no paired test: runs/a/1 has no predictions of test rows: predictions/test.safetensors is not "
        "there",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["runs/a/1"], "only runs/a/1 is named; name two runs or more"),
        (["runs/a/1", "runs/c/1"], "runs/c/1 is not a run directory; give one such as runs/digits-mlp/1"),
        (["runs/a/1", "runs/a/2", "--html", "runs"], "runs is a folder; name a file in it, such as runs/compare.html"),
    ],
)
def test_what_cannot_be_compared_is_one_line(made, dltrain, arguments, text):
    assert dltrain("compare", *arguments) == (2, [], [text])
