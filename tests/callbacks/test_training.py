"""Callbacks as Keras builds them, driven by the values of a history."""

import inspect
from pathlib import Path

import keras
import pytest

from dltrain.callbacks.base import CallbackSpec, hear_batches
from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon

pytestmark = pytest.mark.keras


def built(value, monitor="val_loss", mode="min"):
    return CallbackSpec.choose(value).build(monitor=monitor, mode=mode, folder=Path("run"))


def tiny_model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(OptimizerSpec.choose({"sgd": 1.0}).build(Horizon(1, 10)), "mse")
    return model


def stops_after(callback, name, values):
    """The number of epochs that `callback` lets pass."""
    model = tiny_model()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {name: value})
        if model.stop_training:
            return epoch + 1
    return len(values)


def rates(callback, name, values):
    """The learning rate after each epoch."""
    model = tiny_model()
    callback.set_model(model)
    callback.on_train_begin()
    found = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {name: value})
        found.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
    return found


def test_training_stops_after_so_many_epochs_without_improvement():
    callback = built({"early_stopping": {"patience": 2}})
    assert stops_after(callback, "val_loss", [3, 2, 2.5, 1, 1, 1, 1]) == 6


def test_an_improvement_must_be_larger_than_min_delta():
    callback = built({"early_stopping": {"patience": 2, "min_delta": 0.5}})
    assert stops_after(callback, "val_loss", [3, 2.8, 2.6, 1]) == 3


def test_the_trainers_monitor_and_mode_are_the_defaults():
    callback = built({"early_stopping": {"patience": 1}}, monitor="val_auc", mode="max")
    assert stops_after(callback, "val_auc", [0.5, 0.6, 0.7, 0.6, 0.9]) == 4


def test_improvements_that_do_not_beat_the_baseline_do_not_start_the_count_anew():
    values = [9, 8, 7, 7, 7, 7, 7]
    assert stops_after(built({"early_stopping": {"patience": 3}}), "val_loss", values) == 6
    assert stops_after(built({"early_stopping": {"patience": 3, "baseline": 1}}), "val_loss", values) == 4


def test_the_first_epochs_can_be_left_out():
    callback = built({"early_stopping": {"patience": 1, "start_from_epoch": 3}})
    assert stops_after(callback, "val_loss", [1, 2, 3, 4, 5, 6]) == 5


def test_the_learning_rate_falls_on_a_plateau_but_not_below_its_bound():
    callback = built({"reduce_lr_on_plateau": {"patience": 1, "factor": 0.5, "min_lr": 0.3, "min_delta": 0}})
    assert rates(callback, "val_loss", [3, 2, 2, 1, 1, 1]) == pytest.approx([1, 1, 0.5, 0.5, 0.3, 0.3])


def test_epochs_of_cooldown_do_not_count():
    callback = built({"reduce_lr_on_plateau": {"patience": 1, "factor": 0.5, "cooldown": 2}})
    assert rates(callback, "val_loss", [1, 1, 1, 1, 1]) == pytest.approx([1, 0.5, 0.5, 0.25, 0.25])


@pytest.mark.parametrize("name", ["early_stopping", "reduce_lr_on_plateau", "tensorboard"])
def test_settings_and_defaults_are_those_of_keras(name):
    spec = CallbackSpec.choose(name)
    classes = {
        "early_stopping": keras.callbacks.EarlyStopping,
        "reduce_lr_on_plateau": keras.callbacks.ReduceLROnPlateau,
        "tensorboard": keras.callbacks.TensorBoard,
    }
    ours = {key: getattr(spec, key) for key in type(spec).model_fields if key != "type"}
    theirs = {key: p.default for key, p in inspect.signature(classes[name].__init__).parameters.items()}
    left_out = {"self", "verbose", "kwargs", "restore_best_weights"}
    left_out |= {"log_dir", "profile_batch", "embeddings_freq", "embeddings_metadata"}
    if name != "tensorboard":
        # By default the trainer's.
        assert (ours.pop("monitor"), ours.pop("mode")) == (None, None)
        left_out |= {"monitor", "mode"}
    assert ours == {key: default for key, default in theirs.items() if key not in left_out}


@pytest.mark.parametrize("name", ["early_stopping", "reduce_lr_on_plateau"])
def test_callbacks_say_nothing_and_have_the_state_that_checkpoints_keep(name):
    callback = built(name)
    callback.set_model(tiny_model())
    callback.on_train_begin()
    assert callback.verbose == 0
    for attribute in CallbackSpec.choose(name).state:
        assert attribute in vars(callback)


def test_only_callbacks_with_something_to_do_hear_of_batches():
    class Old(keras.callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            self.seen = batch

    quiet = [built("early_stopping"), built("reduce_lr_on_plateau"), keras.callbacks.Callback()]
    assert not hear_batches([])
    assert not hear_batches(quiet)
    assert hear_batches([*quiet, Old()])
    assert hear_batches([keras.callbacks.LambdaCallback(on_train_batch_end=print)])
