"""The loop: epochs of steps, validation, callbacks, the best weights, and checkpoints to go on from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.callbacks.base import hear_batches
from dltrain.errors import RunError
from dltrain.runs.checkpoints import Checkpoint, CheckpointStore
from dltrain.runs.files import write_arrays
from dltrain.runs.writing import OpenRun
from dltrain.training.best import BestWeights
from dltrain.training.checkpointing import Checkpointer
from dltrain.training.failures import explaining
from dltrain.training.finite import Finite
from dltrain.training.history import History
from dltrain.training.observer import EpochReport, Observer, Plan
from dltrain.training.state import Place, read_callbacks, read_variables, write_callbacks, write_variables
from dltrain.training.stepper import Batches, Logs, Stepper, stepper_class

if TYPE_CHECKING:
    import keras
    import numpy as np


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
        run: OpenRun,
        observer: Observer,
    ) -> None:
        self.assembly = assembly
        self.experiment = assembly.experiment
        self.model = assembly.model
        self.run = run
        self.observer = observer
        self.steps = len(training)
        self.place = Place()
        self.history = History(run.directory.history)
        monitor = self.experiment.monitor or "loss"
        mode = self.experiment.mode(monitor)
        self.finite = Finite(self.model)
        self.best = BestWeights(self.model, self.finite, monitor=self.experiment.kept_by, mode=mode)
        self.callbacks = self._callbacks(monitor, mode)
        self.stepper: Stepper = stepper_class(self.experiment.runtime.backend)(self.model, training, validation)
        store = CheckpointStore(run.directory.checkpoints)
        self.checkpointer = Checkpointer(store, seconds=self.experiment.trainer.checkpoint_seconds)

    def __call__(self, checkpoint: Checkpoint | None = None) -> Training:
        """Runs all epochs, from the state of `checkpoint` where one is given.

        Raises:
            RunError: loss or weights are no longer finite numbers, memory is too small, the disk is full, or
                the checkpoint is of another model.
            KeyboardInterrupt: Ctrl-C or SIGTERM came; the state is saved.
        """
        self.callbacks.on_train_begin()
        if checkpoint is not None:
            self._resume(checkpoint)
        else:
            self.best.keep(0)
        with self.run.interruption.deferred(), self._keeping_best(), explaining(self.assembly, self.stepper.training):
            if checkpoint is None:
                self._save()
            self.observer.begin(self._plan)
            self._epochs()
        self.run.log.write(str(self.checkpointer))
        return self._end()

    def _epochs(self) -> None:
        epochs = self.experiment.trainer.epochs
        while self.place.epochs < epochs and not self.model.stop_training:
            self._epoch(self.place.epochs + 1, epochs)
            self.place = Place(self.place.epochs + 1)
            self._pause(over=self.model.stop_training or self.place.epochs == epochs)

    def _epoch(self, epoch: int, epochs: int) -> None:
        started = time.perf_counter()
        if not self.place.steps:
            self.model.reset_metrics()
        self.callbacks.on_epoch_begin(epoch - 1)
        logs = self._ordered(self._steps(epoch))
        if self.stepper.validation is not None:
            validated = self._ordered(self.stepper.validate())
            self.finite.check_loss(validated["loss"], f"of the validation split in epoch {epoch}")
            logs |= {f"val_{name}": value for name, value in validated.items()}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        best = self.best.offer(epoch, logs)
        self.history.add(epoch, logs)
        self.callbacks.on_epoch_end(epoch - 1, dict(logs))
        seconds = time.perf_counter() - started
        self.observer.epoch(EpochReport(epoch, epochs, logs, seconds, self.best.monitor, best, self._patience))

    def _steps(self, epoch: int) -> Logs:
        if self.place.steps == self.steps:
            return dict(self.place.logs)
        order = self.stepper.training.order(self.experiment.seed, epoch - 1)
        hears = hear_batches(self.callbacks.callbacks)
        if hears:
            self.callbacks.on_train_batch_begin(self.place.steps)
        for done, logs in self.stepper.train_epoch(order, self.place.steps):
            if logs is not None:
                self.finite.check_loss(logs["loss"], f"in epoch {epoch} by step {done}")
            self.place = Place(epoch - 1, done, logs or {})
            if hears:
                self.callbacks.on_train_batch_end(done - 1, logs)
            self.observer.step(epoch, done, self.steps, logs)
            self._pause()
            if hears and done < self.steps:
                self.callbacks.on_train_batch_begin(done)
        return dict(self.place.logs)

    def _pause(self, *, over: bool = False) -> None:
        """Saves where it is time to, or `over`, and stops where that was asked for."""
        stopping = self.run.interruption.signal is not None
        if over or stopping or self.checkpointer.due(epoch_ended=not self.place.steps):
            self._save()
        if stopping:
            raise KeyboardInterrupt(str(self.place))

    def _save(self) -> None:
        self.stepper.update_model()
        self.finite.check_weights(str(self.place))
        arrays = {f"variables/{name}": array for name, array in read_variables(self.model).items()}
        if self.best.monitor is not None:
            arrays |= {f"best/{name}": array for name, array in self.best.weights.items()}
        position = self.place.epochs * (self.steps + 1) + self.place.steps
        self.checkpointer.save(Checkpoint(position, arrays, self._state()))
        self.finite.kept = f"the state {self.place}"

    def _state(self) -> dict[str, Any]:
        return {
            **asdict(self.place),
            "stopped": bool(self.model.stop_training),
            "learning_rate": self._learning_rate,
            "history": self.history.rows,
            "best": self.best.state(),
            "callbacks": read_callbacks(self.experiment.trainer.callbacks, self.callbacks.callbacks),
        }

    def _resume(self, checkpoint: Checkpoint) -> None:
        try:
            self._restore(checkpoint.state, checkpoint.arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the checkpoint in {self.run.directory} does not fit: {error}") from None
        self.finite.kept = f"the state {self.place}"

    def _restore(self, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        # A rate that was changed by force holds from here on; else the plateau's is restored with the variables.
        changed = state["learning_rate"] != self._learning_rate
        spared = [self.model.optimizer.learning_rate] if changed else []
        write_variables(self.model, _below("variables/", arrays), spared=spared)
        write_callbacks(self.experiment.trainer.callbacks, self.callbacks.callbacks, state["callbacks"])
        self.best.resume(state["best"], _below("best/", arrays))
        self.history.restore(state["history"])
        self.place = Place(state["epochs"], state["steps"], state["logs"])
        self.model.stop_training = state["stopped"]

    @property
    def _plan(self) -> Plan:
        trainer, monitor = self.experiment.trainer, self.best.monitor or "loss"
        mode = self.experiment.mode(monitor)
        return Plan(trainer.epochs, self.steps, trainer.batch_size, monitor, mode, tuple(self.history.rows))

    @property
    def _patience(self) -> tuple[int, int] | None:
        pairs = zip(self.experiment.trainer.callbacks, self.callbacks.callbacks, strict=True)
        return next((found for spec, callback in pairs if (found := spec.patience_of(callback)) is not None), None)

    @property
    def _learning_rate(self) -> Any:
        """As the config has it."""
        return self.experiment.plain()["optimizer"]["learning_rate"]

    def _end(self) -> Training:
        last, planned = self.place.epochs, self.experiment.trainer.epochs
        self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        self.callbacks.on_train_end()
        if self.best.monitor is None:
            self.best.keep(last)
        else:
            self.best.restore()
        write_arrays(self.run.directory.weights, self.best.weights)
        reason = "all epochs are done" if last == planned else f"stopped early after epoch {last} of {planned}"
        return Training(last, self.best.epoch, reason)

    @contextmanager
    def _keeping_best(self) -> Iterator[None]:
        """Where the epochs end before their time, the best weights so far are written all the same."""
        try:
            yield
        except (RunError, KeyboardInterrupt):
            with suppress(RunError):
                write_arrays(self.run.directory.weights, self.best.weights)
            raise

    def _ordered(self, logs: Logs) -> Logs:
        """The loss, then the metrics in the order of the config, which not every backend keeps."""
        return {name: logs[name] for name in ("loss", *self.experiment.metric_names) if name in logs}

    def _callbacks(self, monitor: str, mode: str) -> keras.callbacks.CallbackList:
        import keras

        built: list[Any] = [
            spec.build(monitor=monitor, mode="max" if mode == "max" else "min", folder=self.run.directory.path)
            for spec in self.experiment.trainer.callbacks
        ]
        self.model.stop_training = False
        return keras.callbacks.CallbackList(
            built, add_history=False, model=self.model, epochs=self.experiment.trainer.epochs, steps=self.steps
        )


def _below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
