"""What the callback `tensorboard` writes, read back by TensorBoard's own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dltrain.callbacks.base import CallbackSpec
from dltrain.callbacks.event_files import EventFiles, png_of
from dltrain.callbacks.tensorboard_callback import Recorder, planes
from dltrain.errors import MissingRequirementError, RunError

pytest.importorskip("tensorboard", reason="tensorboard is not installed")

SETTINGS = {
    "histogram_freq": 0,
    "write_graph": False,
    "write_images": False,
    "write_steps_per_second": False,
    "update_freq": "epoch",
}


def read(folder):
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    found.Reload()
    return found


def values(folder, tag):
    """Step and value of each event of a tag."""
    from tensorboard.util.tensor_util import make_ndarray

    return [(event.step, make_ndarray(event.tensor_proto)) for event in read(folder).Tensors(tag)]


def plugins(folder):
    found = read(folder)
    return {tag: found.SummaryMetadata(tag).plugin_data.plugin_name for tag in found.Tags()["tensors"]}


@pytest.mark.long
def test_every_kind_of_event_is_read_back(tmp_path):
    events = EventFiles(tmp_path)
    events.scalars({"loss": 0.5, "accuracy": 0.25}, 1)
    events.scalars({"loss": 0.125, "accuracy": 0.75}, 2)
    events.histogram("kernel", np.array([0.0, 0.0, 30.0, np.nan]), 2)
    events.pictures("image", [png_of(np.eye(3)), png_of(np.ones((3, 3)))], 2)
    events.keras_model('{"class_name": "Functional"}')
    events.close()
    assert plugins(tmp_path) == {
        "loss": "scalars",
        "accuracy": "scalars",
        "kernel": "histograms",
        "image": "images",
        "keras": "graph_keras_model",
    }
    assert values(tmp_path, "loss") == [(1, 0.5), (2, 0.125)]
    ((_, buckets),) = values(tmp_path, "kernel")
    assert buckets.shape == (30, 3)
    assert (buckets[0].tolist(), buckets[-1].tolist()) == ([0.0, 1.0, 2.0], [29.0, 30.0, 1.0])
    ((_, image),) = values(tmp_path, "image")
    assert image[:2].tolist() == [b"3", b"3"]
    assert [png[:4] for png in image[2:]] == [b"\x89PNG", b"\x89PNG"]


def test_numbers_that_are_not_finite_have_no_histogram(tmp_path):
    events = EventFiles(tmp_path)
    events.histogram("kernel", np.array([np.nan, np.inf]), 1)
    events.close()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_goes_on_takes_back_the_steps_that_it_does_again(tmp_path):
    stopped = EventFiles(tmp_path)
    for step in range(1, 6):
        stopped.scalars({"loss": float(step)}, step)
    stopped.flush()
    again = EventFiles(tmp_path)
    for step in range(4, 7):
        again.scalars({"loss": -float(step)}, step)
    again.close()
    assert values(tmp_path, "loss") == [(1, 1.0), (2, 2.0), (3, 3.0), (4, -4.0), (5, -5.0), (6, -6.0)]


def test_batches_are_counted_over_all_epochs_and_written_every_so_many(tmp_path):
    recorder = Recorder(tmp_path, SETTINGS | {"update_freq": 4})
    for epoch in range(2):
        recorder.begin_epoch(epoch * 6)
        for batch in range(6):
            recorder.begin_batch(batch)
            recorder.batch(batch + 1, {"loss": float(batch)})
        recorder.end_epoch(epoch + 1, {"loss": 0.5, "val_loss": 0.75}, None)
    recorder.end()
    assert values(tmp_path / "batches", "batch_loss") == [(4, 3.0), (8, 1.0), (12, 5.0)]
    assert values(tmp_path / "train", "epoch_loss") == [(1, 0.5), (2, 0.5)]
    assert values(tmp_path / "validation", "epoch_loss") == [(1, 0.75), (2, 0.75)]


def test_weights_are_pictures_of_at_most_three_planes():
    filters = np.arange(72.0).reshape(3, 3, 2, 4)
    shown = list(planes(filters))
    assert [plane.shape for plane in shown] == [(3, 3)] * 3
    assert shown[1].tolist() == filters[:, :, 0, 1].tolist()
    assert [plane.shape for plane in planes(np.zeros((5, 2)))] == [(2, 5)]
    assert [plane.shape for plane in planes(np.zeros(7))] == [(1, 7)]
    assert list(planes(np.zeros(3, "uint32"))) == []
    assert list(planes(np.zeros((10_000, 8)))) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    events = EventFiles(tmp_path / "file" / "train")
    with pytest.raises(RunError) as caught:
        events.scalars({"loss": 0.5}, 1)
    assert str(caught.value) == f"cannot write events for TensorBoard in {tmp_path}/file/train: Not a directory"


def test_tensorboard_that_is_missing_is_named_with_its_installation(monkeypatch):
    monkeypatch.setattr("dltrain.callbacks.tensorboard.find_spec", lambda name: None)
    with pytest.raises(MissingRequirementError) as caught:
        CallbackSpec.choose("tensorboard").require()
    text = "the callback tensorboard needs TensorBoard; install it: pip install 'dltrain[tensorboard]'"
    assert str(caught.value) == text


def test_events_are_written_without_tensorflow(tmp_path):
    code = """
import sys
from pathlib import Path
import numpy as np
from dltrain.callbacks.event_files import EventFiles, png_of
events = EventFiles(Path(sys.argv[1]))
events.scalars({"loss": 0.5}, 1)
events.histogram("kernel", np.eye(2), 1)
events.pictures("image", [png_of(np.eye(2))], 1)
events.keras_model("{}")
events.close()
sys.exit("tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], timeout=60, check=False)
    assert done.returncode == 0
    assert len(plugins(tmp_path)) == 4


CONFIG = """
name: board
dataset: digits
splits: {validation: 0.2, test: 0.2}
model: {type: cnn, filters: [2], kernel_size: 3, units: [4]}
baselines: none
trainer:
  epochs: 2
  batch_size: 256
  checkpoint_seconds: 0
  callbacks: [{tensorboard: {histogram_freq: 1, write_images: true, update_freq: batch}}]
runtime: {steps_per_execution: 1}
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    import dltrain

    folder = tmp_path_factory.mktemp("board")
    (folder / "board.yaml").write_text(CONFIG)
    return dltrain.fit(folder / "board.yaml", runs_dir=folder / "runs").path


@pytest.mark.keras
def test_a_training_writes_curves_weights_and_layers(board):
    from dltrain.opening import read_history
    from dltrain.runs.directory import RunDirectory

    folder, history = Path(board) / "tensorboard", read_history(RunDirectory(Path(board)))
    for split, prefix in (("train", ""), ("validation", "val_")):
        for name in ("loss", "accuracy"):
            written = values(folder / split, f"epoch_{name}")
            assert [step for step, _ in written] == [1, 2]
            assert [value for _, value in written] == pytest.approx(history[f"{prefix}{name}"], rel=1e-6)
    assert [step for step, _ in values(folder / "batches", "batch_loss")] == list(range(1, 11))
    kinds = plugins(folder / "train")
    assert kinds["keras"] == "graph_keras_model"
    for weight in ("conv2d/kernel", "conv2d/bias", "dense/kernel", "output/bias"):
        assert kinds[f"{weight}/histogram"] == "histograms"
        assert kinds[f"{weight}/image"] == "images"


@pytest.mark.keras
def test_steps_of_a_run_that_was_stopped_go_on_where_it_was(tmp_path):
    import dltrain
    from dltrain.cross_validation import resume, train
    from dltrain.load import load
    from dltrain.runs.directory import find
    from dltrain.training.observer import Observer

    class Stopping(Observer):
        def step(self, epoch, done, steps, logs):
            if (epoch, done) == (2, 3):
                raise KeyboardInterrupt

    (tmp_path / "board.yaml").write_text(CONFIG)
    experiment, document = load(tmp_path / "board.yaml", [])
    with pytest.raises((KeyboardInterrupt, dltrain.errors.DltrainError)):
        train(experiment, document, runs_dir=tmp_path / "runs", observer=Stopping())
    run = find(tmp_path / "runs/board/1")
    resume(run, experiment, document, observer=Observer())
    folder = run.path / "tensorboard"
    assert [step for step, _ in values(folder / "batches", "batch_loss")] == list(range(1, 11))
    assert [step for step, _ in values(folder / "train", "epoch_loss")] == [1, 2]
    assert "keras" in plugins(folder / "train")


@pytest.mark.keras
def test_pictures_of_a_completed_run_are_shown(board):
    from dltrain.experiment import Experiment
    from dltrain.load import load
    from dltrain.record import give_pictures
    from dltrain.runs.directory import RunDirectory

    run = RunDirectory(Path(board))
    (run.path / "figures").mkdir(exist_ok=True)
    (run.path / "figures" / "drawn.png").write_bytes(png_of(np.eye(10)))
    experiment, _ = load(run.experiment, [], recorded=True)
    assert isinstance(experiment, Experiment)
    give_pictures(run, experiment, pytest.fail)
    ((step, image),) = values(run.path / "tensorboard" / "pictures", "drawn")
    assert step in (1, 2)
    assert image[:2].tolist() == [b"10", b"10"]
