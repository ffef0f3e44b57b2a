"""A run that was stopped goes on to the same bits as one that was left alone."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal

import pytest

import dltrain
from benchmarks.soak.disks import small_disk
from benchmarks.soak.trainings import CONFIGS, digest, write_table
from dltrain.errors import InterruptedRunError, RunError, UsageError
from dltrain.training.observer import Observer

pytestmark = pytest.mark.keras

MANY_STEPS = """
name: crash
dataset: iris
model: {type: mlp, units: [8], dropout: 0.2}
optimizer: {adam: 1e-2}
trainer: {epochs: 4, batch_size: 16, monitor: val_loss, checkpoint_seconds: 0}
splits: {validation: 0.2, test: 0.2}
runtime: {steps_per_execution: 1}
"""


class Crash(Exception):
    """Stands for whatever ends a process."""


class Crashing(Observer):
    """Ends the training after so many steps, without a word to anyone; keeps the notes."""

    def __init__(self, after: int | None = None) -> None:
        self.left = after
        self.notes: list[str] = []

    def step(self, epoch, done, steps, logs):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash

    def note(self, text):
        self.notes.append(text)


class Filling(Observer):
    """Fills the disk that a file lies on after so many steps."""

    def __init__(self, path, *, after):
        self.path, self.after, self.steps = path, after, 0

    def step(self, epoch, done, steps, logs):
        self.steps += 1
        if self.steps == self.after:
            self.fill()

    def fill(self):
        with self.path.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(1024))
                except OSError:
                    break


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resume")
    (folder / "crash.yaml").write_text(MANY_STEPS)
    write_table(folder / "table.csv", rows=1500)
    for name, text in CONFIGS.items():
        (folder / f"{name}.yaml").write_text(f"name: {name}{text}")
    return folder


@pytest.fixture(scope="module")
def left(folder):
    """The run of `crash.yaml` that nothing disturbed."""
    return dltrain.fit(folder / "crash.yaml", runs_dir=folder / "left")


def crashed(folder, runs, after, *overrides, name="crash"):
    """A run that ended after so many steps."""
    with pytest.raises(Crash):
        dltrain.fit(folder / f"{name}.yaml", overrides=overrides, runs_dir=runs, observer=Crashing(after))
    return runs / name / "1"


def manifest_of(run):
    return json.loads((run / "manifest.json").read_text())


def forget(run, **values):
    """Changes what the manifest says."""
    (run / "manifest.json").write_text(json.dumps({**manifest_of(run), **values}))


@pytest.mark.parametrize("after", [0, 1, 5, 6, 7, 13])
def test_a_run_of_six_steps_an_epoch_that_ends_anywhere_goes_on_to_the_same_bits(folder, left, tmp_path, after):
    run = crashed(folder, tmp_path, after)
    assert manifest_of(run)["status"] == "crashed"
    listener = Crashing()
    dltrain.resume(run, observer=listener)
    epochs, steps = divmod(after, 6)
    place = f"in epoch {epochs + 1} after step {steps}" if steps else f"after epoch {epochs}"
    assert listener.notes[0] == f"going on {place if after else 'before the first step'}"
    assert digest(run) == digest(left.path)
    assert manifest_of(run)["status"] == "completed"


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_every_type_of_model_goes_on_to_the_same_bits(folder, tmp_path, name):
    several = "runtime.steps_per_execution=3"
    undisturbed = dltrain.fit(folder / f"{name}.yaml", overrides=[several], runs_dir=tmp_path / "left")
    run = crashed(folder, tmp_path, 4, several, name=name)
    dltrain.resume(run)
    assert digest(run) == digest(undisturbed.path)


def test_a_run_that_crashes_twice_goes_on_to_the_same_bits(folder, left, tmp_path):
    run = crashed(folder, tmp_path, 8)
    with pytest.raises(Crash):
        dltrain.resume(run, observer=Crashing(7))
    dltrain.resume(run)
    assert digest(run) == digest(left.path)
    assert [entry["from"] for entry in manifest_of(run)["resumed"]] == [
        {"epochs": 1, "steps": 2},
        {"epochs": 2, "steps": 3},
    ]


def test_a_signal_in_the_middle_of_a_save_ends_the_run_after_it(folder, left, tmp_path, monkeypatch):
    fsync, calls, saving = os.fsync, itertools.count(), []

    def signalling(file):
        if next(calls) > 60 and not saving:
            saving.extend((tmp_path / "crash/1/checkpoints").glob(".*"))
            if saving:
                os.kill(os.getpid(), signal.SIGTERM)
        fsync(file)

    monkeypatch.setattr(os, "fsync", signalling)
    with pytest.raises(InterruptedRunError):
        dltrain.fit(folder / "crash.yaml", runs_dir=tmp_path)
    assert saving
    run = tmp_path / "crash" / "1"
    assert manifest_of(run)["status"] == "interrupted"
    dltrain.resume(run)
    assert digest(run) == digest(left.path)


def test_a_run_that_ended_before_its_first_checkpoint_begins_at_the_first_step(folder, left, tmp_path):
    run = crashed(folder, tmp_path, 0)
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    listener = Crashing()
    dltrain.resume(run, observer=listener)
    assert listener.notes[0] == "no step had been done; beginning"
    assert digest(run) == digest(left.path)


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before_it(folder, left, tmp_path):
    run = crashed(folder, tmp_path, 9)
    newest = max((run / "checkpoints").iterdir())
    newest.write_bytes(newest.read_bytes()[:-1])
    listener = Crashing()
    dltrain.resume(run, observer=listener)
    assert listener.notes[0].startswith(f"passed over a damaged checkpoint: {newest.name}: ")
    assert listener.notes[1] == "going on in epoch 2 after step 2"
    assert digest(run) == digest(left.path)


@pytest.mark.parametrize("damage", ["cut", "removed"])
def test_a_run_without_a_whole_checkpoint_does_not_start_over(folder, tmp_path, damage):
    run = crashed(folder, tmp_path, 9)
    before = (run / "history.csv").read_bytes()
    for path in (run / "checkpoints").iterdir():
        path.write_bytes(b"") if damage == "cut" else path.unlink()
    with pytest.raises(RunError) as caught:
        dltrain.resume(run)
    assert str(caught.value) == (
        f"{run}/checkpoints holds no whole checkpoint, so {run} cannot go on; "
        f"start again with dltrain fit {run}/config.yaml"
    )
    assert (run / "history.csv").read_bytes() == before


def test_a_complete_run_is_left_as_it_is(folder, left):
    before = {path: path.stat().st_mtime_ns for path in left.path.rglob("*") if path.is_file()}
    listener = Crashing()
    dltrain.resume(left, observer=listener)
    assert listener.notes == [f"{left.path} is complete: 4 epochs are done; ask for more with --set trainer.epochs=8"]
    assert {path: path.stat().st_mtime_ns for path in left.path.rglob("*") if path.is_file()} == before


def test_more_epochs_give_what_as_many_would_have_given_at_once(folder, tmp_path):
    more = dltrain.fit(folder / "crash.yaml", overrides=["trainer.epochs=6"], runs_dir=tmp_path / "more")
    run = dltrain.fit(folder / "crash.yaml", runs_dir=tmp_path / "few")
    dltrain.resume(run, overrides=["trainer.epochs=6"])
    assert digest(run.path) == digest(more.path)
    assert "epochs: 6\n" in (run.path / "experiment.yaml").read_text()


def test_more_epochs_change_a_schedule_and_that_is_said(folder, tmp_path):
    rate = "optimizer.learning_rate={cosine_decay: 0.01}"
    run = dltrain.fit(folder / "crash.yaml", overrides=[rate], runs_dir=tmp_path)
    listener = Crashing()
    dltrain.resume(run, overrides=["trainer.epochs=8"], observer=listener)
    # Half of a cosine from 0.01 is done: cos(pi / 2) = 0.
    assert listener.notes[1] == (
        "the schedule cosine_decay now spans 8 epochs, not 4; the learning rate jumps from 0 to 0.005"
    )


def test_a_run_that_stopped_early_is_complete_whatever_its_epochs(folder, tmp_path):
    stop = "trainer.callbacks=[{early_stopping: {patience: 1, min_delta: 10}}]"
    run = dltrain.fit(folder / "crash.yaml", overrides=[stop], runs_dir=tmp_path)
    listener = Crashing()
    dltrain.resume(run, overrides=["trainer.epochs=9"], observer=listener)
    complete = "it stopped early after epoch 2 of 4, as it would have with more"
    assert listener.notes == [f"{run.path} is complete: {complete}"]


def test_fewer_epochs_than_are_begun_are_refused(folder, tmp_path):
    run = crashed(folder, tmp_path, 15)
    with pytest.raises(UsageError) as caught:
        dltrain.resume(run, overrides=["trainer.epochs=2"])
    assert str(caught.value) == f"{run} is already in epoch 3; ask for as many at least, not for 2"


def test_what_has_changed_is_refused_by_name(folder, left, tmp_path):
    run = crashed(folder, tmp_path, 3)
    runtime = now = manifest_of(run)["runtime"]
    versions = {**runtime["versions"], "keras": "3.0.0"}
    runtime = {**runtime, "versions": versions, "device_name": "another processor"}
    forget(run, runtime=runtime, dataset={"origin": "iris", "fingerprint": "other"})
    before = (run / "manifest.json").read_bytes()
    changes = ["optimizer.learning_rate=0.02"]
    with pytest.raises(UsageError) as caught:
        dltrain.resume(run, overrides=changes)
    assert str(caught.value) == "\n".join(
        [
            f"{run} cannot go on to the same result, since this has changed:",
            "  optimizer.learning_rate.learning_rate: was 0.01, is 0.02",
            f"  device_name: was another processor, is {now['device_name']}",
            f"  versions.keras: was 3.0.0, is {now['versions']['keras']}",
            "  dataset: not the rows of then",
            "change it back, or go on all the same with --force",
        ]
    )
    assert (run / "manifest.json").read_bytes() == before
    dltrain.resume(run, overrides=changes, force=True)
    assert manifest_of(run)["status"] == "completed"
    assert manifest_of(run)["resumed"][0]["forced"][0] == "optimizer.learning_rate.learning_rate: was 0.01, is 0.02"
    # The rate of the checkpoint does not come back.
    assert dltrain.open_run(run).history["learning_rate"] == pytest.approx([0.02] * 4)


def test_another_model_cannot_go_on_even_by_force(folder, tmp_path):
    run = crashed(folder, tmp_path, 3)
    with pytest.raises(RunError) as caught:
        dltrain.resume(run, overrides=["model.units=[9]"], force=True)
    shape = "the variable model/0000 has the shape (4, 8) in the checkpoint, and has the shape (4, 9) in the model"
    assert str(caught.value) == f"the checkpoint in {run} does not fit: {shape}"


def test_a_run_that_diverged_goes_on_from_its_last_finite_state_with_a_lower_rate(folder, tmp_path):
    overrides = ["dataset=diabetes", "optimizer={sgd: 1000}", "trainer.checkpoint_seconds=60"]
    with pytest.raises(RunError) as caught:
        dltrain.fit(folder / "crash.yaml", overrides=overrides, runs_dir=tmp_path)
    pattern = (
        r"the (loss became \S+|weights '\S+' are no longer finite numbers) in epoch 1 (by|after) step \d, "
        r"at a learning rate of 1000; try optimizer.learning_rate: 100; the state before the first step is kept"
    )
    assert re.fullmatch(pattern, str(caught.value))
    run, listener = tmp_path / "crash" / "1", Crashing()
    dltrain.resume(run, overrides=["optimizer.learning_rate=1e-3"], force=True, observer=listener)
    assert listener.notes[0] == "going on before the first step"
    assert manifest_of(run)["status"] == "completed"


def test_a_disk_that_is_full_ends_the_run_whose_checkpoints_stay(folder, left, tmp_path):
    with small_disk(tmp_path, 2) as disk:
        if disk is None:
            pytest.skip("this process may not mount a disk")
        listener = Filling(disk / "ballast", after=8)
        with pytest.raises(RunError) as caught:
            dltrain.fit(folder / "crash.yaml", runs_dir=disk, observer=listener)
        run = disk / "crash" / "1"
        assert re.fullmatch(
            rf"cannot write .*{run}/\S+: no space left on device; (it needs [0-9,]+ bytes; )?"
            r"free space, or choose another folder with --runs-dir",
            str(caught.value),
        )
        (disk / "ballast").unlink()
        dltrain.resume(run)
        assert digest(run) == digest(left.path)


def test_a_disk_that_is_full_at_once_is_noticed_before_the_first_step(folder, tmp_path):
    with small_disk(tmp_path, 1) as disk:
        if disk is None:
            pytest.skip("this process may not mount a disk")
        listener = Filling(disk / "ballast", after=0)
        listener.fill()
        with pytest.raises(RunError, match="no space left on device"):
            dltrain.fit(folder / "crash.yaml", runs_dir=disk, observer=listener)
        assert listener.steps == 0


def test_a_cross_validation_goes_on_in_the_fold_where_it_ended(folder, tmp_path):
    folds = "splits={folds: 3}"
    undisturbed = dltrain.fit(folder / "crash.yaml", overrides=[folds], runs_dir=tmp_path / "left")
    # 100 rows in batches of 16 are 7 steps, and 4 epochs of them 28: this is in the second fold.
    run = crashed(folder, tmp_path, 40, folds)
    assert [manifest_of(fold.path)["status"] for fold in dltrain.open_run(run).folds] == ["completed", "crashed"]
    dltrain.resume(run)
    assert (run / "metrics.json").read_bytes() == (undisturbed.path / "metrics.json").read_bytes()
    for fold in ("fold-1", "fold-2", "fold-3"):
        assert digest(run / fold) == digest(undisturbed.path / fold)
    assert manifest_of(run)["status"] == "completed"


def test_callbacks_go_on_with_what_they_have_counted(folder, tmp_path):
    callbacks = (
        "trainer.callbacks=[{reduce_lr_on_plateau: {patience: 2, factor: 0.5, min_delta: 10}},"
        " {early_stopping: {patience: 5, min_delta: 10}}]"
    )
    overrides = [callbacks, "trainer.epochs=9"]
    undisturbed = dltrain.fit(folder / "crash.yaml", overrides=overrides, runs_dir=tmp_path / "left")
    run = crashed(folder, tmp_path, 20, *overrides)
    dltrain.resume(run)
    assert digest(run) == digest(undisturbed.path)
    assert len(undisturbed.history["epoch"]) == 6
    # The first epoch is the best; every second one after it halves the rate for the next.
    assert undisturbed.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.01, 0.005, 0.005, 0.0025])
