"""What training rows count in the loss."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dltrain
from dltrain.errors import ConfigError, DataError
from dltrain.load import load
from dltrain.preparation import gather
from dltrain.scratch import Scratch
from dltrain.training.stepper import Batches, stepper_class
from dltrain.training.weights import row_weights

pytestmark = pytest.mark.keras

ROWS = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
TARGETS = (ROWS @ np.array([[1.0], [-2.0], [0.5]])).astype("float32")
WEIGHTS = np.random.default_rng(1).integers(0, 4, 50).astype("float32")


def compiled(rate=0.1):
    import keras

    layers = [keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    random = np.random.default_rng(2)
    model.set_weights([random.normal(size=weight.shape) for weight in model.weights])
    model.compile(optimizer=keras.optimizers.SGD(rate, momentum=0.9), loss="mse", metrics=["mae"])
    return model


def trained(*arrays, size, epochs=1):
    """The weights of the model, and the last logs, after training in the order of the rows."""
    import keras

    model, batches = compiled(), Batches(arrays[0], arrays[1], size, *arrays[2:])
    stepper = stepper_class(keras.config.backend())(model, batches, None)
    for _ in range(epochs):
        model.reset_metrics()
        *_, (_, logs) = stepper.train_epoch(np.arange(len(batches.inputs), dtype="int32"))
    return model.get_weights(), logs


def close(first, second, tolerance=1e-6):
    return all(np.abs(one - other).max() <= tolerance for one, other in zip(first, second, strict=True))


def test_an_epoch_gives_the_weights_of_a_loop_over_kerass_own_batches_with_sample_weights():
    found, logs = trained(ROWS, TARGETS, WEIGHTS, size=16)
    model = compiled()
    for start in range(0, 50, 16):
        rows = slice(start, start + 16)
        model.train_on_batch(ROWS[rows], TARGETS[rows], sample_weight=WEIGHTS[rows])
    assert close(found, model.get_weights())
    unweighted, plain = trained(ROWS, TARGETS, size=16)
    assert not close(found, unweighted, 1e-3)
    assert set(logs) == set(plain) == {"loss", "mae"}


def test_a_row_of_weight_zero_has_no_effect():
    changed = np.where(WEIGHTS[:, None] == 0, ROWS + 7, ROWS)
    found, _ = trained(ROWS, TARGETS, WEIGHTS, size=16)
    other, _ = trained(changed, TARGETS, WEIGHTS, size=16)
    assert close(found, other, 0.0)


def test_weights_with_a_mean_of_1_are_repeated_rows():
    times = WEIGHTS.astype(int)
    found, _ = trained(ROWS, TARGETS, WEIGHTS / WEIGHTS.mean(), size=1000, epochs=5)
    repeated, _ = trained(ROWS.repeat(times, axis=0), TARGETS.repeat(times, axis=0), size=1000, epochs=5)
    assert close(found, repeated, 1e-5)


def test_without_weights_batches_have_two_parts():
    assert len(Batches(ROWS, TARGETS, 16).arrays) == 2
    weighted = list(Batches(ROWS, TARGETS, 30, WEIGHTS).gathered(np.arange(49, -1, -1)))
    assert [[part.shape for part in batch] for batch in weighted] == [
        [(30, 3), (30, 1), (30,)],
        [(20, 3), (20, 1), (20,)],
    ]
    np.testing.assert_array_equal(weighted[1][2], WEIGHTS[19::-1])


TABLE = ["a,kind,count", *(f"{row / 7},{'yes' if row % 4 == 0 else 'no'},{row % 3}" for row in range(40))]


@pytest.fixture
def config(tmp_path):
    """A config over a table of ten times yes and thirty times no; `rows` are changed by their number, from 1."""

    def write(*settings, **rows):
        lines = [rows.get(f"row{number}", line) for number, line in enumerate(TABLE)]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        text = "dataset: {path: t.csv, target: kind}\nmodel: {type: mlp, units: []}\n"
        (tmp_path / "t.yaml").write_text(text + "splits: {validation: none, test: none}\ntrainer: {epochs: 1}\n")
        return load(tmp_path / "t.yaml", settings)[0]

    return write


def weights_of(experiment, folder):
    return row_weights(gather(experiment, Scratch(folder, None)))


COUNTS = np.arange(40) % 3
OF_CLASS = np.where(np.arange(40) % 4 == 0, 40 / (2 * 10), 40 / (2 * 30))


def test_own_weights_get_a_mean_of_1_and_are_multiplied_with_those_of_the_classes(config, tmp_path):
    assert weights_of(config(), tmp_path) is None
    for setting, expected in [
        (["dataset.weight=count"], COUNTS / COUNTS.mean()),
        (["trainer.class_weight=balanced", "dataset.ignore=[count]"], OF_CLASS),
        (["trainer.class_weight=balanced", "dataset.weight=count"], COUNTS / COUNTS.mean() * OF_CLASS),
    ]:
        weights = weights_of(config(*setting), tmp_path)
        assert weights.dtype == "float32"
        np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_a_column_of_weights_is_no_feature(config, tmp_path):
    materials = gather(config("dataset.weight=count"), Scratch(tmp_path, None))
    assert [feature.name for feature in materials.assembly.preprocessing.features] == ["a"]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("0.5,no,-1", "t.csv: row 7: the weight 'count' is -1; weights are finite numbers of at least 0"),
        ("0.5,no,inf", "t.csv: row 7: the weight 'count' is inf; weights are finite numbers of at least 0"),
        ("0.5,no,many", "t.csv: row 7: the weight 'count' is 'many'; weights are finite numbers of at least 0"),
        ("0.5,no,", "t.csv: row 7: column 'count' has no value; fill or drop these rows"),
    ],
)
def test_a_wrong_weight_is_refused_with_its_row(config, tmp_path, row, text):
    with pytest.raises(DataError) as caught:
        weights_of(config("dataset.weight=count", row7=row), tmp_path)
    assert str(caught.value) == text


def test_weights_that_are_all_zero_are_refused(config, tmp_path):
    zeros = {f"row{number}": f"{TABLE[number].rpartition(',')[0]},0" for number in range(1, 41)}
    with pytest.raises(DataError) as caught:
        weights_of(config("dataset.weight=count", **zeros), tmp_path)
    assert str(caught.value) == "t.csv: every training row has the weight 0, so nothing would be learned"


def test_a_file_of_test_rows_needs_no_weights_and_a_rerun_is_the_same(config, tmp_path):
    config()
    (tmp_path / "test.csv").write_text("a,kind\n" + "".join(f"{row},{['no', 'yes'][row % 2]}\n" for row in range(6)))
    path = tmp_path / "parts.yaml"
    path.write_text(
        "dataset: {train: t.csv, test: test.csv, target: kind, weight: count}\nmodel: {type: mlp, units: []}\n"
        "splits: {validation: none}\ntrainer: {epochs: 1, class_weight: {no: 1, yes: 5}}\n"
    )
    run = dltrain.fit(path, runs_dir=tmp_path / "runs")
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert manifest["classes"] == {"rows": {"no": 30, "yes": 10}, "weights": {"no": 1.0, "yes": 5.0}}
    assert "classes: no 30 (1.00), yes 10 (5.00)\n" in (run.path / "log.txt").read_text()
    assert dltrain.evaluate(run) == run.scores["test"]
    again = dltrain.fit(run.path / "experiment.yaml", runs_dir=tmp_path / "runs")
    assert (again.path / "history.csv").read_bytes() == (run.path / "history.csv").read_bytes()


def test_a_class_without_a_weight_is_refused_before_a_run_begins(config, tmp_path):
    config()
    with pytest.raises(ConfigError) as caught:
        dltrain.fit(tmp_path / "t.yaml", overrides=["trainer.class_weight={no: 1}"], runs_dir=tmp_path / "runs")
    assert str(caught.value) == (
        "--set trainer.class_weight={no: 1}: trainer.class_weight: the class 'yes' has no weight; "
        "the classes are no or yes; write one for each"
    )
    assert not (tmp_path / "runs").exists()
