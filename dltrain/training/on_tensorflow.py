"""Steps on TensorFlow: only row indices travel through the input pipeline, and batches are gathered ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from dltrain.models.trimming import Lengths
from dltrain.scratch import is_mapped
from dltrain.training.stepper import Batches, Logs, Stepper, plain_logs

if TYPE_CHECKING:
    import keras
    import numpy as np

_BATCHES_AHEAD = 4


class BackendStepper(Stepper):
    """Calls Keras's own `train_function` and `test_function` on iterators of `tf.data`."""

    def __init__(self, model: keras.Model, training: Batches, validation: Batches | None) -> None:
        super().__init__(model, training, validation)
        self._order: np.ndarray | None = None
        self._training = self._pipeline(training, lambda: self._order)
        self._validation = validation and self._pipeline(validation, lambda: validation.ascending)

    def train_epoch(self, order: np.ndarray, start: int = 0) -> Iterator[tuple[int, Logs | None]]:
        """Yields after each execution of `steps_per_execution` steps; the last may be shorter."""
        self._order = order[start * self.training.batch_size :]
        for done, logs in self._run(self._training, self.model.train_function, len(self.training) - start):
            yield start + done, plain_logs(logs)

    def validate(self) -> Logs:
        """One pass over the validation rows."""
        assert self.validation is not None
        self.model.reset_metrics()
        *_, (_, logs) = self._run(self._validation, self.model.test_function, len(self.validation))
        return plain_logs(logs)

    def _run(self, pipeline: Any, function: Any, steps: int) -> Iterator[tuple[int, Any]]:
        iterator = iter(pipeline)
        at_once = self.model.steps_per_execution
        for start in range(0, steps, at_once):
            yield min(start + at_once, steps), function(iterator)

    def _pipeline(self, batches: Batches, order: Any) -> Any:
        """A dataset that asks for the order each time it is iterated, so that it is traced only once."""
        import tensorflow as tf

        with tf.device("cpu"):
            gatherers = [_gatherer(array) for array in batches.arrays]
            trim = _trimmer(batches.lengths)
        options = tf.data.Options()
        options.autotune.enabled = False
        options.deterministic = True
        options.threading.private_threadpool_size = 1

        def gathered(_: Any) -> Any:
            indices = tf.ensure_shape(tf.numpy_function(order, [], tf.int32, stateful=True), [None])
            starts = tf.data.Dataset.range(0, tf.size(indices, tf.int64), batches.batch_size)
            return starts.map(lambda start: gather(indices[start : start + batches.batch_size]))

        def gather(indices: Any) -> Any:
            inputs, *others = (gatherer(indices) for gatherer in gatherers)
            return (trim(indices, inputs), *others)

        dataset = tf.data.Dataset.range(1).flat_map(gathered)
        return dataset.prefetch(_BATCHES_AHEAD).with_options(options)


def _gatherer(rows: np.ndarray) -> Callable[[Any], Any]:
    """Takes rows by their indices; TensorFlow copies all rows at once, unless they lie in a file."""
    import tensorflow as tf

    if not is_mapped(rows):
        copied = tf.constant(rows)
        return lambda indices: tf.gather(copied, indices)

    def gather(indices: Any) -> Any:
        taken = tf.numpy_function(rows.__getitem__, [indices], rows.dtype.name, stateful=False)
        return tf.ensure_shape(taken, [None, *rows.shape[1:]])

    return gather


def _trimmer(lengths: Lengths | None) -> Callable[[Any, Any], Any]:
    """Cuts gathered rows where their batch ends, as `Lengths.of_batch` says."""
    import tensorflow as tf

    if lengths is None:
        return lambda _, rows: rows
    of_rows, quantum = tf.constant(lengths.of_rows), lengths.quantum

    def trim(indices: Any, rows: Any) -> Any:
        steps = (tf.reduce_max(tf.gather(of_rows, indices)) // quantum + 1) * quantum
        return rows[:, : tf.minimum(steps, lengths.longest)]

    return trim
