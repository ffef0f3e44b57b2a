"""The loop: epochs of steps, validation, callbacks, and the best weights."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.errors import RunError
from dltrain.runs.directory import RunDirectory
from dltrain.training.best import BestWeights
from dltrain.training.history import History
from dltrain.training.observer import EpochReport, Observer
from dltrain.training.order import epoch_order
from dltrain.training.stepper import Batches, Logs, Stepper, stepper_class

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Training:
    """A training that has ended.

    Attributes:
        epochs: how many were run.
        best_epoch: whose weights the model now has, from 1.
        reason: why it ended, in words.
    """

    epochs: int
    best_epoch: int
    reason: str


class Loop:
    """Trains the compiled model of an assembly.

    Afterwards the model has the weights of the best epoch by `trainer.monitor`, or of the last
    epoch where nothing is monitored, or where the optimizer keeps an average of the weights.
    """

    def __init__(
        self,
        assembly: Assembly,
        training: Batches,
        validation: Batches | None,
        *,
        run: RunDirectory,
        observer: Observer,
    ) -> None:
        self.experiment = assembly.experiment
        self.model = assembly.model
        self.run = run
        self.observer = observer
        self.steps = len(training)
        self.rows = len(training.inputs)
        self.history = History(run.history)
        monitor = self.experiment.monitor or "loss"
        mode = self.experiment.mode(monitor)
        self.best = BestWeights(self.model, run.weights, monitor=self.experiment.kept_by, mode=mode)
        self.callbacks = self._callbacks(monitor, mode)
        self.stepper: Stepper = stepper_class(self.experiment.runtime.backend)(self.model, training, validation)

    def __call__(self) -> Training:
        """Runs all epochs.

        Raises:
            RunError: the loss is no longer a finite number.
        """
        epochs, last, reason = self.experiment.trainer.epochs, 0, "all epochs are done"
        self.callbacks.on_train_begin()
        for last in range(1, epochs + 1):
            self._epoch(last, epochs)
            if self.model.stop_training:
                reason = f"stopped early after epoch {last} of {epochs}"
                break
        self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        self.callbacks.on_train_end()
        if self.best.monitor is None:
            self.best.keep()
            return Training(last, last, reason)
        self.best.restore()
        return Training(last, self.best.epoch, reason)

    def _epoch(self, epoch: int, epochs: int) -> None:
        started = time.perf_counter()
        self.model.reset_metrics()
        self.callbacks.on_epoch_begin(epoch - 1)
        logs = self._ordered(self._steps(epoch))
        if self.stepper.validation is not None:
            validated = self._ordered(self.stepper.validate())
            self._check_finite(validated, epoch, self.steps)
            logs |= {f"val_{name}": value for name, value in validated.items()}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        self.history.add(epoch, logs)
        best = self.best.offer(epoch, logs)
        self.callbacks.on_epoch_end(epoch - 1, dict(logs))
        seconds = time.perf_counter() - started
        self.observer.epoch(EpochReport(epoch, epochs, logs, seconds, self.best.monitor, best))

    def _steps(self, epoch: int) -> Logs:
        done, logs, latest = 0, None, {}
        order = epoch_order(self.experiment.seed, epoch - 1, self.rows)
        self.callbacks.on_train_batch_begin(0)
        for done, logs in self.stepper.train_epoch(order):
            if logs is not None:
                latest = logs
                self._check_finite(logs, epoch, done)
            self.callbacks.on_train_batch_end(done - 1, logs)
            self.observer.step(epoch, done, self.steps, logs)
            if done < self.steps:
                self.callbacks.on_train_batch_begin(done)
        return dict(latest)

    def _ordered(self, logs: Logs) -> Logs:
        """The loss, then the metrics in the order of the config, which not every backend keeps."""
        return {name: logs[name] for name in ("loss", *self.experiment.metric_names) if name in logs}

    def _check_finite(self, logs: Logs, epoch: int, step: int) -> None:
        if math.isfinite(logs["loss"]):
            return
        rate = float(self.model.optimizer.learning_rate)
        raise RunError(
            f"the loss became {logs['loss']} in epoch {epoch} by step {step}, at a learning rate of {rate:g}; "
            f"try optimizer.learning_rate: {rate / 10:g}, or clipnorm: 1.0"
        )

    def _callbacks(self, monitor: str, mode: str) -> keras.callbacks.CallbackList:
        import keras

        built: list[Any] = [
            spec.build(monitor=monitor, mode="max" if mode == "max" else "min", folder=self.run.path)
            for spec in self.experiment.trainer.callbacks
        ]
        self.model.stop_training = False
        return keras.callbacks.CallbackList(
            built, add_history=False, model=self.model, epochs=self.experiment.trainer.epochs, steps=self.steps
        )
