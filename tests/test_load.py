"""From text and settings to an experiment."""

import random

import numpy as np
import pytest

from dltrain.errors import ConfigError
from dltrain.experiment import meets
from dltrain.load import load, parse

SHORT = "dataset: digits\nmodel: mlp\n"


def refusal(path, *settings):
    with pytest.raises(ConfigError) as raised:
        load(path, settings)
    return str(raised.value).replace(f"{path}:", "")


def test_two_lines_are_a_config(write):
    experiment, document = load(write(SHORT, "my-first.yaml"))
    assert experiment.name == "my-first"
    assert (experiment.dataset.type, experiment.model.type, experiment.optimizer.type) == ("digits", "mlp", "adam")
    assert (experiment.seed, experiment.trainer.epochs, experiment.splits.type) == (42, 10, "auto")
    assert document.text == SHORT


@pytest.mark.parametrize(
    ("file", "name"), [("a b.yaml", "a-b"), (".hidden.yaml", "hidden"), ("é.yaml", "run"), ("x.v2.yaml", "x.v2")]
)
def test_the_name_of_a_run_comes_from_the_file(write, file, name):
    assert load(write(SHORT, file))[0].name == name


def test_what_is_written_out_loads_as_the_same_experiment(configs, stand_ins):
    for path in sorted(configs.glob("*.yaml")):
        experiment, _ = load(path)
        assert parse(experiment.plain()) == experiment, path


def test_nothing_is_written_out_where_it_is_not_the_default(write):
    text = "dataset: imdb\nmodel: {type: lstm, layers: [{embedding: 8}, {lstm: {units: 4, activation: null}}]}\n"
    experiment, _ = load(write(text))
    layer = experiment.plain()["model"]["layers"][1]
    assert (layer["activation"], "kernel_regularizer" in layer) == (None, False)
    assert parse(experiment.plain()) == experiment


@pytest.mark.parametrize("path", ["a" * 256 + ".csv", "~nobody-here/a.csv", "a\\ud800.csv"])
def test_a_path_that_no_file_can_have_is_refused_at_its_place(write, path):
    assert refusal(write(f'dataset: {{path: "{path}", target: y}}\nmodel: mlp\n')).startswith("1:17: dataset.path: ")


def test_a_dataset_in_one_word_is_a_name_or_a_file(write, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.ones((40, 2)), y=np.arange(40) % 2)
    assert load(write("dataset: iris\nmodel: mlp\n"))[0].dataset.type == "iris"
    assert load(write("dataset: a.npz\nmodel: mlp\n"))[0].dataset.path == str(tmp_path / "a.npz")


def test_setting_one_dataset_replaces_another(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "a.npz", x=np.ones((40, 2)), y=np.arange(40) % 2)
    for text in ("dataset: iris", "dataset: {name: iris}", "dataset: {type: iris}"):
        experiment, _ = load(write(f"{text}\nmodel: mlp\n"), ["dataset.path=a.npz"])
        assert (experiment.dataset.type, experiment.dataset.path) == ("npz", str(tmp_path / "a.npz"))
    experiment, _ = load(write("dataset: {path: a.npz}\nmodel: mlp\n"), ["dataset.name=wine"])
    assert experiment.dataset.type == "wine"


def test_a_problem_of_a_setting_has_the_setting_as_its_place(write):
    assert refusal(write(SHORT), "trainer.epochs=0", "seed=-1").splitlines() == [
        "--set seed=-1: seed: must be at least 0, got -1",
        "--set trainer.epochs=0: trainer.epochs: must be at least 1, got 0",
    ]


def test_every_problem_is_reported_in_the_order_of_lines(write):
    text = "model: mpl\nseed: x\ndataset: digit\ntrainer:\n  epochs: 0\n  batch: 3\nlos: mse\n"
    places = [line.split(": ")[:2] for line in refusal(write(text)).splitlines()]
    assert places == [["1:8", "model"], ["2:7", "seed"], ["3:10", "dataset"], ["5:11", "trainer.epochs"],
                      ["6:3", "trainer.batch"], ["7:1", "los"]]  # fmt: skip


MONITOR = SHORT + "metrics: [accuracy, f1_macro]\ntrainer: {{monitor: {}}}\nsplits: {{validation: {}}}\n"


@pytest.mark.parametrize("monitor", ["loss", "accuracy", "val_loss", "val_f1_macro"])
def test_what_is_computed_can_be_monitored(write, monitor):
    assert load(write(MONITOR.format(monitor, 0.1)))[0].monitor == monitor


def test_without_a_monitor_the_first_metric_of_validation_decides(write):
    assert load(write(SHORT + "metrics: [f1, accuracy]\n"))[0].monitor == "val_f1"
    assert load(write(SHORT))[0].monitor == "val_loss"
    assert load(write(SHORT + "task: regression\n"))[0].monitor == "val_root_mean_squared_error"
    assert load(write(SHORT + "metrics: [f1]\nsplits: {validation: none}\n"))[0].monitor is None


def test_the_mode_of_a_score_is_its_metrics(write):
    experiment, _ = load(write(SHORT))
    modes = {name: experiment.mode(name) for name in ("val_loss", "loss", "val_accuracy", "rmse", "val_r2_score")}
    assert modes == {"val_loss": "min", "loss": "min", "val_accuracy": "max", "rmse": "min", "val_r2_score": "max"}


@pytest.mark.parametrize("patience", [0, 4])
def test_a_patience_within_the_run_is_taken(write, patience):
    text = f"trainer: {{epochs: 5, callbacks: [{{early_stopping: {{patience: {patience}}}}}]}}\n"
    assert load(write(SHORT + text))[0].trainer.callbacks[0].patience == patience


def test_a_plateau_with_a_constant_learning_rate_is_taken(write):
    text = "optimizer: {sgd: 0.1}\ntrainer: {callbacks: [{reduce_lr_on_plateau: {patience: 2}}]}\n"
    assert load(write(SHORT + text))[0].trainer.callbacks[0].changes_learning_rate


@pytest.mark.parametrize(
    ("score", "bound", "met"),
    [
        (0.99, ">= 0.99", True),
        (0.98, ">= 0.99", False),
        (0.99, "> 0.99", False),
        (5.0, "<=5", True),
        (5.0, "< 5e0", False),
        (-1.0, "< -0.5", True),
        (None, ">= 0", False),
        (float("nan"), ">= 0", False),
    ],
)
def test_a_bound_is_met_or_missed(score, bound, met):
    assert meets(score, bound) is met


@pytest.mark.parametrize("bound", ["0.99", "= 0.99", "=> 0.99", ">= ", ">= 1.2.3", ">= .", ">= 0.9 and", ">=> 1"])
def test_what_is_no_bound_is_refused(write, bound):
    error = refusal(write(SHORT + f"expect: {{test.accuracy: '{bound}'}}\n"))
    assert error == '3:25: expect."test.accuracy": expected a bound such as ">= 0.99" or "< 12.5", in quotes'


def test_a_config_with_slips_of_the_keyboard_is_refused_at_a_place_or_loads(configs, tmp_path):
    draw, path, refused = random.Random(1), tmp_path / "c.yaml", []
    texts = [file.read_text(encoding="utf-8") for file in sorted(configs.glob("*.yaml"))]
    for _ in range(200):
        text = list(draw.choice(texts))
        for _ in range(draw.randint(1, 6)):
            place, slip = draw.randrange(len(text)), draw.choice(" \n\t\r:-[]{},'\"#&*!|>%@`?~\\0.9aé\u00a0\x00")
            text[place : place + draw.choice([0, 1, 9])] = draw.choice([slip, ""])
        path.write_text("".join(text), encoding="utf-8")
        try:
            load(path)
        except ConfigError as error:
            refused.append(error.problems)
    assert 100 < len(refused) < 200
    assert all(problem.position.line for problems in refused for problem in problems)


@pytest.mark.parametrize("optimizer", ["{adam: 1e-3}", "{adam: {beta_1: 0.8}}", "adam", "{type: adam}", "{adam: }"])
def test_a_setting_reaches_a_component_however_it_is_written(write, optimizer):
    path = write(f"dataset: iris\nmodel: mlp\noptimizer: {optimizer}\n")
    settings = ["optimizer.learning_rate=3e-4", "optimizer.beta_2=0.9"]
    found = load(path, settings)[0].optimizer
    assert (found.type, found.learning_rate.learning_rate, found.beta_2) == ("adam", 3e-4, 0.9)
    assert found.beta_1 == (0.8 if "beta_1" in optimizer else 0.9)


def test_a_setting_beside_the_only_key_of_a_section_is_not_taken_for_one_below_it(write):
    path = write("dataset: {name: mnist}\nmodel: mlp\ntrainer: {epochs: 3}\n")
    loaded = load(path, ["dataset.features={x: {image: minus_one_one}}", "trainer.batch_size=8"])[0]
    assert loaded.dataset.features["x"].scaling == "minus_one_one"
    assert (loaded.trainer.epochs, loaded.trainer.batch_size) == (3, 8)


def windows(write, tmp_path, stride, splits):
    (tmp_path / "t.csv").write_text("site,x,y\n" + "a,1.5,p\n" * 20)
    window = f"{{group: site, past: 5, horizon: 3, stride: {stride}}}"
    files = "train: t.csv, validation: t.csv" if "provided" in splits else "path: t.csv"
    return write(f"dataset: {{{files}, target: y, window: {window}}}\nsplits: {splits}\nmodel: mlp\n")


@pytest.mark.parametrize(
    ("splits", "name"),
    [
        ("random", "random"),
        ("{type: stratified, test: 0.1}", "stratified"),
        ("hash", "hash"),
        ("{folds: 3}", "k_fold"),
    ],
)
def test_windows_that_share_rows_are_not_scattered_over_splits(write, tmp_path, splits, name):
    assert refusal(windows(write, tmp_path, 7, splits)) == (
        f"2:9: splits: {name} puts windows that share rows into different splits, so training sees what is "
        "scored; write time or group, or `dataset.window.stride: 8`"
    )


@pytest.mark.parametrize(
    ("stride", "splits"),
    [
        (8, "random"),
        (8, "{folds: 3}"),
        (1, "auto"),
        (1, "{validation: none, test: 0.1}"),
        (1, "{type: random, validation: provided, test: none}"),
        (1, "{folds: 3, group: site}"),
        (1, "{hash: site}"),
        (1, "{group: site}"),
        (1, "time"),
    ],
)
def test_windows_that_are_kept_apart_are_split_in_any_way(write, tmp_path, stride, splits):
    experiment, _ = load(windows(write, tmp_path, stride, splits))
    assert experiment.dataset.window.stride == stride
