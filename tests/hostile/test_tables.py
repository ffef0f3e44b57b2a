"""`dltrain runs` and `dltrain compare` on run directories that a stranger wrote."""

import os
import shutil

import numpy as np
import pytest

from dltrain.runs.files import read_arrays, write_arrays
from hostile.mutator import mutate
from hostile.test_records import check, saved

pytestmark = [pytest.mark.keras, pytest.mark.timeout(600)]

COMPARE = ("compare", "runs/a/1", "runs/a/2", "--html", "page.html", "--overwrite")


@pytest.fixture
def two(small, tmp_path):
    """A folder with the same run twice, of which the second may be changed."""
    for number in "12":
        shutil.copytree(small / "run", tmp_path / "runs" / "a" / number)
    shutil.copy(small / "secret", tmp_path)
    return tmp_path


@pytest.fixture
def predictions(two):
    """The file of predictions of the second run."""
    return two / "runs/a/2/predictions/test.safetensors"


def test_what_is_not_changed_is_listed_and_compared(two, dltrain_in_child):
    done = dltrain_in_child(*COMPARE, folder=two)
    check(done, two, (0,))
    assert "paired on the same 12 test rows" in done["text"]
    done = dltrain_in_child("runs", folder=two)
    check(done, two, (0,))
    assert "a/2  completed" in done["text"]


@pytest.mark.parametrize("count", [20])
def test_mutations(two, dltrain_in_child, count):
    check_mutations(two, dltrain_in_child, range(30_000, 30_000 + count))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_thousand_mutations(two, dltrain_in_child):
    check_mutations(two, dltrain_in_child, range(40_000, 41_000))


def check_mutations(two, dltrain_in_child, seeds):
    run, commands = two / "runs/a/2", (COMPARE, ("runs", "--where", "optimizer=adam"))
    for seed in seeds:
        shutil.rmtree(run)
        shutil.copytree(two / "runs/a/1", run)
        done = mutate(run, seed)
        found = dltrain_in_child(*commands[seed % 2], folder=two)
        try:
            check(found, two, (0, 1, 2))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {done}: {error}") from None
        assert not set(found["text"]) & set("\x1b\x07\u202e")
        assert "key: value" not in found["text"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("row", np.arange(12)[::-1]),
        ("row", np.arange(12, dtype="uint64") + np.uint64(2**63)),
        ("truth", np.full(12, 5)),
        ("predicted", np.full(12, -1)),
        ("predicted", np.zeros((12, 1000), "int64")),
        ("outputs", np.full((12, 1), np.nan, "float32")),
        ("outputs", np.zeros((12, 0), "float32")),
        ("truth", np.zeros(12, "complex64")),
    ],
)
def test_predictions_that_none_could_be(two, predictions, dltrain_in_child, name, values):
    write_arrays(predictions, {**read_arrays(predictions), name: values})
    done = dltrain_in_child(*COMPARE, folder=two)
    check(done, two, (0,))
    assert "B against A: no paired test: " in done["text"]


@pytest.mark.parametrize("kind", ["link", "fifo", "sparse", "pickle", "folder", "header"])
def test_another_thing_in_the_place_of_predictions(two, predictions, dltrain_in_child, kind):
    predictions.unlink()
    if kind == "link":
        predictions.symlink_to(two / "secret")
    elif kind == "fifo":
        os.mkfifo(predictions)
    elif kind == "folder":
        predictions.mkdir()
    elif kind == "header":
        saved(predictions, {"row": {"dtype": "I64", "shape": [10**12], "data_offsets": [0, 8 * 10**12]}})
    else:
        predictions.write_bytes(b"\x80\x04cos\nsystem\n(S'touch owned'\ntR.")
    if kind == "sparse":
        os.truncate(predictions, 1 << 40)
    done = dltrain_in_child(*COMPARE, folder=two)
    check(done, two, (0,))
    assert "B against A: no paired test: " in done["text"]


def test_a_history_without_end_is_not_drawn(two, dltrain_in_child):
    (two / "runs/a/2/history.csv").write_text("epoch,loss\n" + "1,1\n" * 5_000_000)
    check(dltrain_in_child(*COMPARE, folder=two), two, (0,))


def test_what_a_run_holds_is_removed_and_nothing_else(two, dltrain_in_child):
    (two / "runs/a/2/checkpoints/link").symlink_to(two / "secret")
    (two / "runs/a/2/outside").symlink_to(two)
    done = dltrain_in_child("runs", "rm", "runs/a/2", "--yes", folder=two)
    check(done, two, (0,))
    assert sorted(path.name for path in two.iterdir()) == ["runs", "secret"]
    assert [path.name for path in (two / "runs/a").iterdir()] == ["1"]
