"""Each finding of the coach, provoked in a real training, and trainings that give it no cause."""

import json

import numpy as np
import pytest

import dltrain
from dltrain.load import load
from dltrain.runs.directory import RunDirectory
from dltrain.training.observer import Observer
from dltrain.workflow import resume

pytestmark = pytest.mark.keras

CONFIG = """
name: {name}
dataset: {dataset}
splits: {splits}
model: {model}
optimizer: {optimizer}
trainer: {{epochs: {epochs}, batch_size: 32{trainer}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tables of 300 rows: ``line.csv``, whose classes a line tells apart, and others that are made from it."""
    path = tmp_path_factory.mktemp("coach")
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 4))
    line, chance = rows[:, 0] + rows[:, 1] > 0, generator.random(300)
    write(path / "line.csv", rows, np.where(line, "up", "down"))
    write(path / "chance.csv", generator.normal(size=(300, 20)), np.where(chance < 0.5, "up", "down"))
    write(path / "rare.csv", rows, np.where(chance < 0.15, "rare", "common"))
    write(path / "sums.csv", rows, [f"{row[0] + row[1]:.4f},{row[2] + row[3]:.4f}" for row in rows], "y,z")
    write(path / "copy.csv", np.column_stack([rows[:, 2:], line]), np.where(line, "up", "down"))
    write(path / "moved.csv", rows + np.array([0, 0, 0, 1.5]), np.where(line, "up", "down"))
    return path


def write(path, rows, target, named="y"):
    names = [f"c{index}" for index in range(rows.shape[1])]
    lines = [
        ",".join([*(f"{value:.4f}" for value in row), str(label)]) for row, label in zip(rows, target, strict=True)
    ]
    path.write_text("\n".join([",".join([*names, named]), *lines]))


def fit(folder, name, table="line.csv", **changes):
    """The result of a fit of a small network on a table; other settings as given."""
    settings = {
        "dataset": f"{{path: {table}, target: y}}",
        "splits": "{type: random, validation: 0.3, test: 0.3}",
        "model": "{type: mlp, units: [16]}",
        "optimizer": "{adam: 0.01}",
        "epochs": 12,
        "trainer": "",
    }
    (folder / f"{name}.yaml").write_text(CONFIG.format(name=name, **settings | changes))
    return dltrain.fit(folder / f"{name}.yaml", runs_dir=folder / "runs", report=False)


def findings(run):
    """Of ``metrics.json``, by name."""
    return {one["name"]: one for one in json.loads((run.path / "metrics.json").read_text())["findings"]}


def test_a_training_that_goes_well_has_no_findings_and_says_so(folder):
    run = fit(folder, "well", epochs=12)
    assert findings(run) == {}
    assert "coach: found nothing to change" in (run.path / "log.txt").read_text()


def test_chance_that_is_learned_by_heart_is_overfitting(folder):
    run = fit(folder, "heart", "chance.csv", model="{type: mlp, units: [64]}", epochs=15)
    found = findings(run)
    assert list(found) == ["overfitting"]
    (one,) = found.values()
    history = [line.split(",") for line in (run.path / "history.csv").read_text().splitlines()]
    losses = [float(row[history[0].index("val_loss")]) for row in history[1:]]
    assert one["evidence"]["epoch"] == int(np.argmin(losses)) + 1
    assert one["evidence"]["val_loss"][0] == min(losses)
    assert (one["key"], one["remedy"]) == ("model.dropout", "`model.dropout: 0.3`, now 0")
    assert f"coach: {one['text']}; {one['remedy']}" in (run.path / "log.txt").read_text()


def test_a_training_that_ends_too_soon_still_improves(folder):
    found = findings(fit(folder, "soon", epochs=5, trainer=", monitor: val_loss"))
    assert list(found) == ["still_improving"]
    assert found["still_improving"]["remedy"] == (
        "go on with `--resume RUN --set trainer.epochs=10`, or that many from the start"
    )


def test_a_learning_rate_of_a_hundred_times_the_usual_one_is_too_high(folder):
    found = findings(fit(folder, "high", optimizer="{adam: 2.0}"))
    assert next(iter(found)) == "learning_rate_high"
    assert found["learning_rate_high"]["key"] == "optimizer.learning_rate"
    assert found["learning_rate_high"]["remedy"] == "`optimizer: {adam: 0.7}`"


def test_a_learning_rate_of_a_thirtieth_of_the_usual_one_is_too_low(folder):
    found = findings(fit(folder, "low", optimizer="{adam: 3e-5}", epochs=6))
    assert list(found) == ["learning_rate_low"]
    assert found["learning_rate_low"]["remedy"] == "`optimizer: {adam: 0.001}`"


def test_a_rare_class_that_nothing_tells_is_never_predicted_and_balancing_makes_it(folder):
    found = findings(fit(folder, "rare", "rare.csv", model="{type: mlp, units: []}", optimizer="{adam: 0.1}"))
    assert next(iter(found)) == "never_predicted"
    one = found["never_predicted"]
    assert (one["key"], one["remedy"]) == ("trainer.class_weight", "`trainer.class_weight: balanced`")
    assert one["evidence"]["rows"].keys() == {"rare"}
    again = findings(fit(folder, "balanced", "rare.csv", epochs=3, trainer=", class_weight: balanced"))
    assert "never_predicted" not in again


def test_units_that_a_bias_keeps_at_0_are_dead(folder):
    def layers(bias):
        dense = f"dense: {{units: 8, activation: relu, bias_initializer: {{constant: {bias}}}}}"
        return f"{{type: mlp, layers: [{{{dense}}}, {{dense: {{units: 16, activation: relu}}}}]}}"

    found = findings(fit(folder, "dead", model=layers(-50)))
    assert found["dead_relu"]["text"] == "8 of 8 units of 'dense' are dead: 0 on all of 120 train rows"
    assert "dead_relu" not in findings(fit(folder, "alive", model=layers(0)))


def test_a_test_part_whose_column_has_moved_differs(folder):
    found = findings(
        fit(folder, "moved", dataset="{train: line.csv, test: moved.csv, target: y}", splits="{validation: 0.3}")
    )
    assert list(found["shift"]["evidence"]["distances"]) == ["'c3'"]
    assert found["shift"]["key"] == "splits.test"


def test_a_column_that_copies_the_target_is_a_leak(folder):
    found = findings(fit(folder, "copy", "copy.csv"))
    one = found["leak"]
    assert (one["key"], one["evidence"]["kind"], one["evidence"]["column"]) == (
        "dataset.ignore",
        "telling_column",
        "c2",
    )
    assert one["remedy"] == "leave it out with `dataset.ignore: [c2]` if it is not known before the target"


def test_one_unit_underfits_two_sums_which_two_lines_tell(folder):
    settings = {"dataset": "{path: sums.csv, target: [y, z]}", "optimizer": "{adam: 0.1}", "epochs": 30}
    found = findings(fit(folder, "one-unit", model="{type: mlp, units: [1]}", **settings))
    assert list(found) == ["underfitting"]
    assert found["underfitting"]["remedy"] == "`model.units: [2]`, now [1]"
    assert "underfitting" not in findings(fit(folder, "units", **settings))


def test_a_training_of_a_few_small_steps_underfits_for_want_of_epochs(folder):
    found = findings(fit(folder, "few", optimizer="{adam: 0.001}", epochs=5, trainer=", monitor: val_loss"))
    assert list(found) == ["underfitting"]
    assert (found["underfitting"]["key"], found["underfitting"]["remedy"]) == (
        "trainer.epochs",
        "`trainer.epochs: 25`, now 5",
    )


def test_without_held_out_rows_what_needs_them_is_not_said(folder):
    run = fit(folder, "all", "chance.csv", splits="{validation: none, test: none}", model="{type: mlp, units: [64]}")
    assert findings(run) == {}


def test_a_run_that_goes_on_is_judged_by_its_whole_history(folder):
    first = fit(folder, "goes-on", "chance.csv", model="{type: mlp, units: [64]}", epochs=2)
    assert findings(first) == {}
    run = RunDirectory(first.path)
    experiment, document = load(run.experiment, ["trainer.epochs=15"], recorded=True)
    resume(run, experiment, document, observer=Observer())
    assert findings(first)["overfitting"]["evidence"]["epoch"] < 4


def test_folds_say_what_most_of_them_say(folder):
    run = fit(folder, "folds", "chance.csv", splits="{folds: 2, validation: 0.3}", model="{type: mlp, units: [64]}")
    found = findings(run)
    assert found["overfitting"]["text"].startswith("in 2 of 2 folds, as in fold 1: overfits after epoch ")
    assert found["overfitting"]["evidence"]["folds"] == [1, 2]
