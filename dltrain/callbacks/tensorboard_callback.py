"""The Keras callback behind `callbacks: [tensorboard]`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.callbacks.event_files import EventFiles, png_of

if TYPE_CHECKING:
    import numpy as np

_MOST_PICTURES = 3
"""Of one array of weights, as TensorBoard's own functions write."""

_LONGEST_SIDE = 2048


class Recorder:
    """What is written when.

    Epochs are counted from 1, as in ``history.csv``, and batches from the first one of the run; both follow from
    the epoch and the place in it, so that a run that goes on counts on. Each of the folders ``train``,
    ``validation`` and ``batches`` has steps of one kind only, or the order of steps would mean nothing.

    Args of the constructor: the folder of all, and the settings of `TensorBoard`.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._train, self._validation = EventFiles(folder / "train"), EventFiles(folder / "validation")
        self._batches = EventFiles(folder / "batches")
        frequency = settings["update_freq"]
        self._every = {"batch": 1, "epoch": 0}.get(frequency, frequency)
        self._begun = False
        self._before = self._written = 0
        self._moment, self._first, self._done = time.perf_counter(), 0, 0

    def begin(self, model: Any) -> None:
        """The layers, once a run."""
        if not self._settings["write_graph"] or self._train.resumes:
            return
        # Whatever layers do not say in JSON, a picture of them is no reason not to train.
        with suppress(TypeError, ValueError, NotImplementedError):
            self._train.keras_model(model.to_json())

    def begin_epoch(self, before: int) -> None:
        """So many batches of earlier epochs are behind us."""
        self._before = before
        self._begun = False

    def begin_batch(self, done: int) -> None:
        """So many batches of this epoch are behind us, of which an earlier process may have done some."""
        if not self._begun:
            self._moment, self._first, self._done = time.perf_counter(), done, done
            self._written = self._before + done
            self._begun = True

    def batch(self, done: int, logs: dict[str, Any] | None) -> None:
        """So many batches of this epoch are behind us; logs are None where the device would wait for them."""
        self._done = done
        step = self._before + done
        if not self._every or logs is None or step // self._every == self._written // self._every:
            return
        values = {f"batch_{name}": float(value) for name, value in logs.items()}
        if self._settings["write_steps_per_second"]:
            values["batch_steps_per_second"] = self._speed()
        self._batches.scalars(values, step)
        self._written = step

    def end_epoch(self, epoch: int, logs: dict[str, Any], model: Any) -> None:
        """Loss and metrics of training and validation, and where it is time for them the weights."""
        values = {f"epoch_{name}": float(value) for name, value in logs.items() if not name.startswith("val_")}
        if self._settings["write_steps_per_second"]:
            values["epoch_steps_per_second"] = self._speed()
        self._train.scalars(values, epoch)
        validated = {name.removeprefix("val_"): value for name, value in logs.items() if name.startswith("val_")}
        if validated:
            self._validation.scalars({f"epoch_{name}": float(value) for name, value in validated.items()}, epoch)
        frequency = self._settings["histogram_freq"]
        if frequency and epoch % frequency == 0:
            self._weights(epoch, model)
        for events in (self._train, self._validation, self._batches):
            events.flush()

    def end(self) -> None:
        """Closes all files."""
        for events in (self._train, self._validation, self._batches):
            events.close()

    def _weights(self, epoch: int, model: Any) -> None:
        import keras

        for weight in model.weights:
            # The model's own name is not the same in each run of a process.
            name, array = weight.path.removeprefix(f"{model.name}/"), keras.ops.convert_to_numpy(weight)
            self._train.histogram(f"{name}/histogram", array, epoch)
            if self._settings["write_images"] and (pngs := [png_of(pixels) for pixels in planes(array)]):
                self._train.pictures(f"{name}/image", pngs, epoch)

    def _speed(self) -> float:
        return (self._done - self._first) / max(time.perf_counter() - self._moment, 1e-9)


def planes(weights: np.ndarray) -> Iterator[np.ndarray]:
    """An array of weights as at most three pictures, (height, width): of convolutions the first filters.

    None of numbers such as seeds, and of arrays that are too large for a picture.
    """
    if weights.dtype.kind != "f" or not weights.size:
        return
    array = weights.squeeze()
    if array.ndim < 2:
        array = array.reshape(1, -1)
    elif array.ndim == 2 and array.shape[0] > array.shape[1]:
        array = array.T
    if max(array.shape[:2]) > _LONGEST_SIDE:
        return
    pictures = array.reshape(*array.shape[:2], -1)
    for index in range(min(pictures.shape[2], _MOST_PICTURES)):
        yield pictures[:, :, index]


@cache
def callback_class() -> Any:
    """The class, made once: its base exists only after Keras is imported."""
    import keras

    class TensorBoardCallback(keras.callbacks.Callback):  # type: ignore[misc]
        """Tells a recorder what happens."""

        def __init__(self, recorder: Recorder) -> None:
            super().__init__()
            self.recorder = recorder

        def on_train_begin(self, logs: Any = None) -> None:
            self.recorder.begin(self.model)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.recorder.begin_epoch(epoch * self.params["steps"])

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.recorder.begin_batch(batch)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.recorder.batch(batch + 1, logs)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.recorder.end_epoch(epoch + 1, logs or {}, self.model)

        def on_train_end(self, logs: Any = None) -> None:
            self.recorder.end()

    return TensorBoardCallback
