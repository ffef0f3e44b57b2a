"""What a table says of run directories, on records written by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dltrain.errors import UsageError
from dltrain.runs.catalog import entries, entry
from dltrain.runs.directory import RunDirectory, RunLock
from dltrain.runs.files import write_json
from dltrain.runs.rating import Rating, read_ratings, smaller_is_better

MANIFEST = {
    "status": "completed",
    "started": "2026-01-01T10:00:00.000+00:00",
    "ended": "2026-01-01T10:01:30.000+00:00",
    "monitor": "val_accuracy",
    "runtime": {"device": "cpu", "backend": "tensorflow"},
}
METRICS = {
    "scores": {
        "train": {"rows": 8, "loss": 0.1, "f1": 0.99, "accuracy": 1.0},
        "test": {"rows": 2, "loss": 0.2, "f1": 0.7, "accuracy": 0.5, "confusion_matrix": [[1, 0], [1, 0]]},
    },
    "intervals": {"test": {"accuracy": [0.25, 0.75]}},
}


def make(root, name="a/1", manifest=MANIFEST, metrics=METRICS):
    run = RunDirectory(root / name)
    run.path.mkdir(parents=True)
    if manifest is not None:
        write_json(run.manifest, manifest)
    if metrics is not None:
        write_json(run.metrics, metrics)
    return run


def test_a_completed_run_shows_the_score_that_it_monitored_on_test_rows(tmp_path):
    found = entry(make(tmp_path)).plain()
    assert {key: found[key] for key in ("name", "number", "status", "seconds", "device", "backend", "folds")} == {
        "name": "a", "number": 1, "status": "completed", "seconds": 90.0, "device": "cpu", "backend": "tensorflow",
        "folds": 0,
    }  # fmt: skip
    assert (found["metric"], found["score"], found["interval"]) == ("test.accuracy", 0.5, (0.25, 0.75))
    assert (found["baseline"], found["problem"]) == (None, None)


def test_without_a_monitored_score_the_first_metric_counts(tmp_path):
    assert entry(make(tmp_path, manifest={**MANIFEST, "monitor": None})).ratings.metric == "f1"


def test_the_best_baseline_is_the_one_with_the_smallest_error():
    baselines = {
        name: {"scores": {"root_mean_squared_error": score}} for name, score in (("mean", 3.0), ("ridge", 2.0))
    }
    scores = {"test": {"loss": 1.0, "root_mean_squared_error": 1.5}}
    assert read_ratings({"scores": scores, "baselines": baselines}, None).baseline == ("ridge", Rating(2.0))


@pytest.mark.parametrize(
    ("metric", "smaller"),
    [("loss", True), ("accuracy", False), ("rmse", True), ("r2_score_price", False), ("mean_squared_error_x", True)],
)
def test_whether_a_small_score_is_good(metric, smaller):
    assert smaller_is_better(metric) is smaller


def test_a_run_that_says_running_is_killed_unless_a_process_holds_its_lock(tmp_path):
    run = make(tmp_path, manifest={**MANIFEST, "status": "running", "ended": None}, metrics=None)
    assert (entry(run).status, entry(run).seconds) == ("killed", None)
    code = "import sys; from dltrain.runs.directory import *; lock = RunLock(find(sys.argv[1])); print(1); input()"
    command = [sys.executable, "-c", code, str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        assert entry(run).status == "running"
        holder.communicate(b"\n")
    assert entry(run).status == "killed"
    RunLock(run).release()


def test_pauses_are_no_part_of_how_long_a_run_took(tmp_path):
    pause = {"stopped": "2026-01-01T10:00:10.000+00:00", "at": "2026-01-01T10:01:10.000+00:00"}
    assert entry(make(tmp_path, "a/1", {**MANIFEST, "resumed": [pause]})).seconds == 30.0
    assert entry(make(tmp_path, "a/2", {**MANIFEST, "resumed": [{**pause, "stopped": None}]})).seconds is None


def test_a_cross_validation_is_one_run_with_the_device_of_its_first_fold(tmp_path):
    scores = {"scores": METRICS["scores"], "deviation": {"test": {"accuracy": 0.1}}}
    manifest = {key: value for key, value in MANIFEST.items() if key not in ("runtime", "monitor")}
    run = make(tmp_path, manifest={**manifest, "folds": 3}, metrics=scores)
    make(run.path, "fold-1")
    (found,) = entries(tmp_path)
    assert (found.folds, found.device, found.ratings.metric, found.ratings.main) == (
        3, "cpu", "accuracy", Rating(0.5, deviation=0.1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (None, "it has no manifest.json: nothing was trained"),
        ("{", "cannot read {path}/manifest.json: Expecting property name enclosed in double quotes: line 1 column 2"),
        ("[]", "its manifest.json has no status"),
        ('{"status": ["completed"]}', "its manifest.json has no status"),
    ],
)
def test_a_broken_record_is_a_row_that_says_so(tmp_path, manifest, problem):
    run = make(tmp_path, manifest=None, metrics=None)
    if manifest is not None:
        run.manifest.write_text(manifest)
    found = entry(run)
    assert found.status == "broken"
    assert found.problem.startswith(problem.format(path=run.path))


@pytest.mark.parametrize(
    "metrics",
    [[], {"scores": []}, {"scores": {"test": 5}}, {"scores": {"other": {"accuracy": 1}}}],
)
def test_metrics_that_make_no_sense_are_no_scores(tmp_path, metrics):
    found = entry(make(tmp_path, metrics=metrics))
    assert (found.ratings.metric, found.problem) == (None, "its metrics.json holds no scores")


@pytest.mark.parametrize("score", [None, "1", True, 10**400, [1]])
def test_a_score_that_is_no_number_is_not_defined(score):
    found = read_ratings({"scores": {"test": {"accuracy": score}}, "intervals": {"test": {"accuracy": [0, "x"]}}}, 5)
    assert (found.metric, found.main) == ("accuracy", Rating())


def test_the_text_of_an_error_is_one_short_line(tmp_path):
    found = entry(make(tmp_path, manifest={**MANIFEST, "status": "failed", "error": "a\n  b" + "c" * 1000}))
    assert (found.problem[:6], len(found.problem), found.problem[-1]) == ("a bccc", 200, "…")


def test_folders_that_are_no_runs_and_links_are_passed_over(tmp_path):
    make(tmp_path)
    (tmp_path / "a" / "notes").mkdir()
    (tmp_path / "a" / "latest").symlink_to("1")
    (tmp_path / "a" / "2").symlink_to("1")
    (tmp_path / "b").symlink_to("a")
    assert [(found.name, found.number) for found in entries(tmp_path)] == [("a", 1)]


def test_names_and_patterns_choose_runs(tmp_path):
    for name in ("a/1", "a/10", "a/9", "ab/1", "c/1"):
        make(tmp_path, name)
    assert [f"{found.name}/{found.number}" for found in entries(tmp_path, ["a*"])] == ["a/1", "a/9", "a/10", "ab/1"]
    with pytest.raises(UsageError) as caught:
        list(entries(tmp_path, ["c", "d"]))
    assert str(caught.value) == f"no run is called 'd' below {tmp_path}; `dltrain runs` shows all"


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(UsageError, match=r"no such folder: nowhere; name the folder of runs with --runs-dir"):
        list(entries(Path("nowhere")))


def test_listing_imports_nothing_heavy(tmp_path):
    make(tmp_path, "runs/a/1", metrics={**METRICS, "baselines": {"majority": {"scores": {"accuracy": 0.4}}}})
    code = (
        "import sys; sys.argv = ['dltrain', 'runs', '--json']\n"
        "import atexit; atexit.register(lambda: print(sorted({'keras', 'numpy', 'yaml', 'rich'} & set(sys.modules))))\n"
        "from dltrain.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    listed, heavy = done.stdout.splitlines()
    assert heavy == "[]"
    (run,) = json.loads(listed)["runs"]
    assert run["baseline"] == {"name": "majority", "score": 0.4, "interval": None}
