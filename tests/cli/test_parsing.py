"""Options and errors of the command line that need no Keras."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dltrain.cli.console import clean, confusion_table, number, score_table, table


def dltrain(*arguments, cwd):
    command = [sys.executable, "-m", "dltrain", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_help_names_every_command(tmp_path):
    done = dltrain("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("fit", "evaluate", "validate"):
        assert f"\n  {command} " in done.stdout


def test_the_version_is_printed(tmp_path):
    done = dltrain("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "dltrain 0.1.0\n")


@pytest.mark.parametrize("arguments", [["fit", "--no-such"], ["evaluate", "--split"], ["no-such-command"]])
def test_a_wrong_command_line_exits_2_without_a_traceback(arguments, tmp_path):
    done = dltrain(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_fit_wants_a_config_or_a_run_to_go_on_with(tmp_path):
    for arguments, text in (
        (["fit"], "give a CONFIG to train, or --resume RUN"),
        (["fit", "--force"], "--force belongs to --resume RUN"),
        (["fit", "a.yaml", "b.yaml", "--resume", "latest"], "--resume goes on with one run; give one CONFIG, or none"),
        (["fit", "--resume", "latest"], "no run below runs to go on with; leave --resume out to begin one"),
        (["fit", "--resume", "no/run"], "no/run is not a run directory; give one such as runs/digits-mlp/1"),
    ):
        done = dltrain(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, f"{text}\n")


def test_validate_says_that_a_config_is_well(configs, tmp_path):
    config = configs / "digits-mlp.yaml"
    done = dltrain("validate", config, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{config}: ok\n", "")


def test_validate_lists_problems_of_every_file_as_json(write, tmp_path):
    write("dataset: iris\nmodel: mpl\n", "a.yaml")
    write("dataset: iris\n", "b.yaml")
    done = dltrain("validate", "a.yaml", "b.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "problems": [
            {
                "file": "a.yaml",
                "line": 2,
                "column": 8,
                "path": "model",
                "message": "unknown model 'mpl'; expected cnn, lstm, mlp or sequential; did you mean 'mlp'?",
            },
            {"file": "b.yaml", "line": 1, "column": 1, "path": "model", "message": "required, but not set; add it"},
        ]
    }


def test_evaluate_without_a_run_says_what_to_do(tmp_path):
    done = dltrain("evaluate", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "no completed run below runs; run `dltrain fit CONFIG` first, or give the path of a run\n"


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    done = dltrain("evaluate", "here", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "here is not a run directory; give one such as runs/digits-mlp/1\n")


def test_control_characters_of_foreign_text_are_not_printed():
    assert clean("a\x1b[31mb\nc") == "a\ufffd[31mb\nc"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (12345, "12,345"),
        (0.5, "0.5000"),
        (0, "0"),
        (0.0, "0.0000"),
        (1e-5, "1e-05"),
        (123456.7, "1.235e+05"),
    ],
)
def test_scores_are_shown_to_four_digits(value, text):
    assert number(value) == text


def test_a_table_is_aligned():
    assert table(["", "a"], [["loss", "1"], ["x", "22"]]) == ["       a", "loss   1", "x     22"]


def test_the_scores_of_splits_stand_side_by_side():
    scores = {"train": {"rows": 3, "loss": 0.25}, "test": {"rows": 2, "loss": None, "confusion_matrix": [[1]]}}
    assert score_table(scores) == ["       train  test", "rows       3     2", "loss  0.2500     -"]


def test_a_confusion_matrix_of_many_classes_is_not_printed():
    assert confusion_table([[0] * 13] * 13, list("abcdefghijklm")) == []
    assert confusion_table([[1, 2], [3, 4]], ["no", "yes"])[1] == "no                 1    2"
