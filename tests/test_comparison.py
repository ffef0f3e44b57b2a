"""What differs between two runs, on records written by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dltrain.comparison import (
    Difference,
    compare_data,
    compare_history,
    compare_runtime,
    compare_scores,
    compare_splits,
    compare_versions,
    compare_weights,
)
from dltrain.errors import RunError
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import write_arrays, write_json

MANIFEST = {
    "dataset": {"origin": "a.csv", "fingerprint": "f00d"},
    "splits": {"fingerprint": "beef", "rows": {"train": 8, "test": 2}},
    "runtime": {
        "device": "cpu",
        "threads": 2,
        "reason": "asked for",
        "sources": "0123",
        "versions": {"keras": "3.15.1", "numpy": "2.4.6"},
    },
}


@pytest.fixture
def runs(tmp_path):
    pair = tuple(RunDirectory(tmp_path / name) for name in ("was", "now"))
    for run in pair:
        run.path.mkdir()
        write_json(run.manifest, MANIFEST)
        run.history.write_text("epoch,loss,accuracy\n1,0.5,0.25\n2,0.25,0.5\n")
        write_arrays(run.weights, {"a": np.array([1.0, 2.0], "float32"), "b": np.zeros((2, 2), "float32")})
        write_json(run.metrics, {"scores": {"test": {"accuracy": 0.5, "confusion_matrix": [[1, 2], [3, 4]]}}})
    return pair


def alter(run, **runtime):
    run.update_manifest(runtime={**MANIFEST["runtime"], **runtime})


ALL = [
    compare_data, compare_history, compare_runtime, compare_scores, compare_splits, compare_versions, compare_weights
]  # fmt: skip


@pytest.mark.parametrize("compare", ALL)
def test_nothing_differs_between_equal_runs(runs, compare):
    assert compare(*runs).differences == ()


def test_the_first_epoch_that_differs_is_named(runs):
    runs[1].history.write_text("epoch,loss,accuracy\n1,0.5,0.25\n2,0.75,0.5\n3,9.0,9.0\n")
    assert compare_history(*runs).differences == (
        Difference("epoch 2 loss", 0.25, 0.75, 0.5),
        Difference("epochs", 2, 3, 1.0),
    )


def test_a_digit_more_in_the_history_is_a_difference(runs):
    runs[1].history.write_text("epoch,loss,accuracy\n1,0.5000000000000001,0.25\n2,0.25,0.5\n")
    (found,) = compare_history(*runs).differences
    assert (found.name, found.by) == ("epoch 1 loss", 2**-53)


def test_the_number_that_differs_most_stands_for_its_array_and_the_largest_comes_first(runs):
    arrays = {"a": np.array([1.5, 2.25], "float32"), "b": np.array([[0, 0], [0, -4]], "float32")}
    write_arrays(runs[1].weights, arrays)
    assert compare_weights(*runs).differences == (Difference("b", 0.0, -4.0, -4.0), Difference("a", 1.0, 1.5, 0.5))


def test_zeros_of_different_sign_are_different_bits(runs):
    write_arrays(runs[1].weights, {"a": np.array([1, 2], "float32"), "b": np.full((2, 2), -0.0, "float32")})
    assert compare_weights(*runs).differences == (Difference("b", 0.0, -0.0, 0.0),)


def test_arrays_of_another_shape_or_that_one_run_lacks_are_named(runs):
    write_arrays(runs[1].weights, {"a": np.array([1, 2, 3], "float32"), "c": np.zeros(1, "float32")})
    assert compare_weights(*runs).differences == (
        Difference("a", "float32 (2,)", "float32 (3,)"),
        Difference("b", "float32 (2, 2)", None),
        Difference("c", None, "float32 (1,)"),
    )


def test_scores_are_compared_one_by_one(runs):
    write_json(runs[1].metrics, {"scores": {"test": {"accuracy": 0.25, "confusion_matrix": [[1, 2], [3, 5]]}}})
    assert compare_scores(*runs).differences == (
        Difference("test.accuracy", 0.5, 0.25, -0.25),
        Difference("test.confusion_matrix.1.1", 4, 5, 1.0),
    )


def test_versions_and_the_code_of_dltrain_are_compared_where_both_runs_record_them(runs):
    alter(runs[1], sources="4567", versions={"keras": "3.16.0", "pyarrow": "26.0.1"})
    assert compare_versions(*runs).differences == (
        Difference("keras", "3.15.1", "3.16.0"),
        Difference("dltrain's code", "0123", "4567"),
    )


def test_threads_and_device_are_compared_and_the_reason_is_not(runs):
    alter(runs[1], threads=1, device="gpu", reason="the only one", onednn=True)
    assert compare_runtime(*runs).differences == (
        Difference("device", "cpu", "gpu"),
        Difference("threads", 2, 1, -1.0),
    )


def test_other_rows_are_another_fingerprint(runs):
    runs[1].update_manifest(dataset={"origin": "b.csv", "fingerprint": "cafe"})
    assert compare_data(*runs).differences == (Difference("fingerprint", "f00d", "cafe"),)


@pytest.mark.parametrize(
    ("compare", "file", "text"),
    [
        (compare_data, "manifest.json", "[]"),
        (compare_splits, "manifest.json", json.dumps({**MANIFEST, "splits": 5})),
        (compare_versions, "manifest.json", "{}"),
        (compare_runtime, "manifest.json", '{"runtime": null}'),
        (compare_history, "history.csv", ""),
        (compare_history, "history.csv", "\x00"),
        (compare_history, "history.csv", "epoch,loss\n1\n"),
        (compare_weights, "weights.safetensors", "no arrays"),
        (compare_scores, "metrics.json", "{}"),
        (compare_scores, "metrics.json", '{"scores": []}'),
    ],
)
@pytest.mark.parametrize("index", [0, 1])
def test_a_damaged_record_is_refused_in_one_line(runs, compare, file, text, index):
    (runs[index].path / file).write_text(text)
    with pytest.raises(RunError) as caught:
        compare(*runs)
    assert "\n" not in str(caught.value)
    assert str(runs[index].path / file) in str(caught.value)


def test_missing_history_is_refused(runs):
    runs[0].history.unlink()
    with pytest.raises(RunError, match=r"cannot read .*history\.csv: "):
        compare_history(*runs)
