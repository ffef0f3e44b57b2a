"""What callbacks watch, and which way is better; no Keras is needed."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dltrain.callbacks.base import CallbackSpec, direction
from dltrain.spec.family import type_name
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of


class Config(Section):
    callback: CallbackSpec


@pytest.mark.parametrize(
    "metric",
    [
        "loss",
        "val_loss",
        "val_mean_absolute_error",
        "root_mean_squared_error",
        "mse",
        "val_rmse",
        "log_cosh",
        "binary_crossentropy",
        "kl_divergence",
        "false_positives",
        "log_loss",
    ],
)
def test_small_is_better_for_losses_and_errors(metric):
    assert direction(metric) == "min"


@pytest.mark.parametrize(
    "metric", ["accuracy", "val_f1_macro", "auc", "r2", "val_recall", "true_positives", "cosine_similarity"]
)
def test_large_is_better_for_other_metrics(metric):
    assert direction(metric) == "max"


def test_there_are_three_callbacks():
    names = {type_name(member) for member in CallbackSpec.choices().values()}
    assert names == {"early_stopping", "reduce_lr_on_plateau", "tensorboard"}


@pytest.mark.parametrize("name", ["early_stopping", "reduce_lr_on_plateau"])
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("val_accuracy", "max")),
        ({"mode": "min"}, ("val_accuracy", "min")),
        ({"monitor": "val_loss"}, ("val_loss", "min")),
        ({"monitor": "val_recall"}, ("val_recall", "max")),
        ({"monitor": "val_loss", "mode": "max"}, ("val_loss", "max")),
    ],
)
def test_a_callback_watches_its_own_monitor_or_else_the_trainers(name, settings, expected):
    assert CallbackSpec.choose({name: settings}).watch("val_accuracy", "max") == expected


def test_the_trainers_direction_holds_for_its_monitor_whatever_its_name():
    spec = CallbackSpec.choose({"early_stopping": {"monitor": "val_gap"}})
    assert spec.watch("val_gap", "min") == ("val_gap", "min")


def test_a_callback_tells_what_it_watches():
    watched = [CallbackSpec.choose(value).monitored for value in ("early_stopping", "tensorboard")]
    assert watched == [None, None]
    assert CallbackSpec.choose({"early_stopping": "val_auc"}).monitored == "val_auc"


def test_only_the_plateau_changes_the_learning_rate():
    changing = {name for name, member in CallbackSpec.choices().items() if member.changes_learning_rate}
    assert changing == {"reduce_lr_on_plateau"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"early_stopping": {"patience": -1}}, "early_stopping.patience: must be at least 0, got -1"),
        ({"early_stopping": {"mode": "auto"}}, "early_stopping.mode: expected min or max, got 'auto'"),
        (
            {"early_stopping": {"restore_best_weights": True}},
            "early_stopping.restore_best_weights: unknown key 'restore_best_weights';"
            " expected monitor, min_delta, patience, mode, baseline or start_from_epoch",
        ),
        ({"reduce_lr_on_plateau": {"factor": 1}}, "reduce_lr_on_plateau.factor: must be less than 1, got 1"),
        (
            {"tensorboard": {"update_freq": 0}},
            "tensorboard.update_freq: expected epoch, batch or a number of batches, got 0",
        ),
        (
            {"tensorboard": {"update_freq": "step"}},
            "tensorboard.update_freq: expected epoch, batch or a number of batches, got 'step'",
        ),
    ],
)
def test_a_wrong_setting_is_refused(value, text):
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"callback": value})
    assert [str(problem) for problem in problems_of(caught.value)] == [f"callback.{text}"]


def test_callbacks_load_without_keras():
    code = "import sys; from dltrain.callbacks.base import CallbackSpec; CallbackSpec.choose('early_stopping')"
    subprocess.run([sys.executable, "-c", f"{code}; assert not {{'keras', 'numpy'}} & set(sys.modules)"], check=True)
