"""Settings that differ between runs."""

from __future__ import annotations

import pytest

from dltrain.contrast.contrast import contrast
from dltrain.contrast.settings import MISSING, circumstances, differing, read_settings
from dltrain.errors import RunError, UsageError
from dltrain.runs.directory import RunDirectory


def test_settings_have_dotted_names(tmp_path):
    run = RunDirectory(tmp_path)
    run.experiment.write_text("name: a\nmodel: {type: mlp, units: [4, 8]}\nmetrics: []\n")
    assert read_settings(run) == {
        "name": "a", "model.type": "mlp", "model.units.0": 4, "model.units.1": 8, "metrics": [],
    }  # fmt: skip


def test_only_what_differs_is_named_and_what_a_run_lacks_is_no_value():
    assert differing([{"a": 1, "b": 2, "c": None}, {"a": 1, "b": 2.0, "d": None}]) == {
        "b": [2, 2.0], "c": [None, MISSING], "d": [MISSING, None],
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a: [", "a: !!python/object:os.x {}", "\x00", "a: 1\na: 2\n"])
def test_settings_that_cannot_be_read(tmp_path, text):
    run = RunDirectory(tmp_path)
    run.experiment.write_text(text)
    with pytest.raises(RunError, match=r"^cannot read .*experiment\.yaml: .*; this run directory is damaged$"):
        read_settings(run)


def test_circumstances_are_data_splits_machine_and_versions():
    runtime = {"threads": 2, "reason": "x", "versions": {"keras": "3"}, "sources": "0123"}
    manifest = {"dataset": {"fingerprint": "f" * 64}, "splits": None, "runtime": runtime, "seed": 1}
    assert circumstances(manifest) == {
        "dataset.fingerprint": "f" * 12, "machine.threads": 2, "version.keras": "3", "version.dltrain's code": "0123",
    }  # fmt: skip


def test_runs_that_hold_nothing_are_compared_all_the_same(tmp_path):
    runs = [RunDirectory(tmp_path / name) for name in ("1", "2")]
    for run in runs:
        run.path.mkdir()
    found = contrast(runs)
    assert [entry.status for entry in found.entries] == ["broken", "broken"]
    assert found.tests == [f"{runs[0]} has no predictions of test rows: predictions/test.safetensors is not there"]
    assert len(found.notes) == 4


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "name two runs or more"), (1, "only {run} is named; name two runs or more"),
     (21, "21 runs are too many to see side by side; name at most 20")],
)  # fmt: skip
def test_at_least_two_runs_and_not_too_many(tmp_path, number, text):
    runs = [RunDirectory(tmp_path / str(index)) for index in range(number)]
    with pytest.raises(UsageError) as caught:
        contrast([*runs, *runs])
    assert str(caught.value) == text.format(run=tmp_path / "0")
