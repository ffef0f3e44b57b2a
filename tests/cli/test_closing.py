"""The last words of a fit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dltrain.cli.closing import close
from dltrain.result import Result
from dltrain.runs.directory import RunDirectory


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs" / "iris" / "3"
    path.mkdir(parents=True)
    return RunDirectory(path)


def result(run, **known):
    scores = {"train": {"rows": 120, "accuracy": 0.975}, "test": {"rows": 30, "accuracy": 0.9}}
    return Result(run, 5, 4, 1.5, "cpu", "tensorflow", scores, **known)


BASELINES = {
    "majority_class": {
        "text": "majority class 'setosa'",
        "scores": {"accuracy": 0.3333},
        "intervals": {"accuracy": [0.1923, 0.5122]},
    },
    "linear": {"text": "logistic regression", "scores": {"accuracy": None}},
}
VERDICT = {"split": "test", "metric": "accuracy", "beaten": True, "text": "test accuracy 0.9000 beats the rest"}


def said(capsys, *arguments, **options):
    close(*arguments, **options)
    found = capsys.readouterr()
    return found.out.splitlines(), found.err.splitlines()


def test_scores_are_on_stdout_and_commands_on_stderr(run, capsys):
    out, err = said(capsys, result(run, intervals={"test": {"accuracy": [0.7, 0.95]}}), labelled=False)
    assert out == [
        "           train                     test",
        "rows         120      30",
        "accuracy  0.9750  0.9000 [0.7000, 0.9500]",
    ]
    assert err == [
        "",
        "",
        "next: dltrain evaluate runs/iris/3      # score it again",
        "next: dltrain predict runs/iris/3 DATA  # predict rows of a file",
        "next: dltrain report runs/iris/3        # draw its page",
    ]


def test_the_network_stands_among_the_baselines_with_intervals(run, capsys):
    told = result(run, intervals={"test": {"accuracy": [0.7, 0.95]}}, baselines=BASELINES, verdict=VERDICT)
    _, err = said(capsys, told, labelled=False)
    assert err[1:7] == [
        "",
        "test accuracy                    95 % interval",
        "network                  0.9000  [0.7000, 0.9500]",
        "majority class 'setosa'  0.3333  [0.1923, 0.5122]",
        "logistic regression           -",
        "verdict: test accuracy 0.9000 beats the rest",
    ]


def test_findings_are_told_with_their_remedies(run, capsys):
    told = SimpleNamespace(text="overfits from epoch 3", remedy="set model.dropout: 0.2")
    shown = result(run)
    object.__setattr__(shown, "findings", (told,))
    _, err = said(capsys, shown, labelled=False)
    assert err[1:5] == ["", "finding: overfits from epoch 3", "  try: set model.dropout: 0.2", ""]


def test_the_newest_run_before_with_scores_is_compared(run, capsys):
    for number in (1, 2, 4):
        (run.path.parent / str(number)).mkdir()
    for number in (1, 4):
        (run.path.parent / str(number) / "metrics.json").write_text("{}")
    _, err = said(capsys, result(run), labelled=False)
    assert err[-1] == "next: dltrain compare runs/iris/1 runs/iris/3  # with the run before"


def test_a_page_that_is_there_is_named(run, capsys):
    (run.path / "report.html").touch()
    _, err = said(capsys, result(run), labelled=False)
    assert err[2:4] == ["report: runs/iris/3/report.html", "next: dltrain evaluate runs/iris/3      # score it again"]


def test_names_that_a_shell_would_divide_are_quoted(run, capsys):
    path = run.path.parent.parent / "my run" / "1"
    path.mkdir(parents=True)
    out, err = said(capsys, result(RunDirectory(path)), labelled=True)
    assert out[0] == "runs/my run/1"
    assert err[2].startswith("next: dltrain evaluate 'runs/my run/1' ")
