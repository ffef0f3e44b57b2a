"""The scores of a split, on exact predictions of the final model."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.evaluation.naive import naive_scores
from dltrain.metrics.base import MetricSpec, Predictions, separate_names
from dltrain.signature import Target

if TYPE_CHECKING:
    import keras
    import numpy as np

_ROWS_OF_LOSS = 1 << 16

Scores = dict[str, Any]
"""Loss and metrics by name; None where a score is not defined for these rows."""


class Scorer:
    """Scores the model of an assembly; its prediction function is compiled once, at the first use."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._call = prediction_function(assembly.model)

    @property
    def batch_size(self) -> int:
        """How many rows are predicted at a time."""
        return max(self._assembly.experiment.trainer.batch_size, 256)

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """The model's outputs (rows, units) for prepared rows.

        Batches, and so every bit of the outputs, depend on nothing but the rows.
        """
        import numpy as np

        size = self.batch_size
        return np.concatenate([self._call(inputs[start : start + size]) for start in range(0, len(inputs), size)])

    def score(self, inputs: np.ndarray, values: np.ndarray, last: np.ndarray | None = None) -> Scores:
        """Loss, the task's usual scores and the config's metrics.

        Args:
            inputs: prepared rows.
            values: raw targets.
            last: for forecasts the last values before them, (rows, targets).

        Raises:
            ValueError: a target is not one that the model knows.
        """
        assembly = self._assembly
        outputs = self.predict(inputs)
        loss = self._loss(outputs, values)
        predictions = assembly.task.read(outputs, values, assembly.target, assembly.head)
        scores: Scores = {"rows": len(inputs), "loss": _defined(loss)}
        for metric in metrics_to_report(assembly):
            scores[metric.name] = _defined(metric.score(predictions))
        for metric in assembly.metrics:
            scores |= _separate(metric, predictions, assembly.target)
        if last is not None and assembly.task.report_of_forecasts:
            scores |= {name: _defined(score) for name, score in naive_scores(predictions, last).items()}
        if predictions.classes:
            scores["confusion_matrix"] = _confusion_matrix(predictions)
        return scores

    def _loss(self, outputs: np.ndarray, values: np.ndarray) -> float:
        """The mean loss of all rows, of a limited number of rows at a time."""
        import numpy as np

        assembly, loss = self._assembly, self._assembly.loss.build()
        losses, rows = [], []
        for start in range(0, len(outputs), _ROWS_OF_LOSS):
            part = slice(start, start + _ROWS_OF_LOSS)
            targets = assembly.task.encode(values[part], assembly.target, assembly.outputs.form)
            losses.append(float(loss(targets, outputs[part])))
            rows.append(len(targets))
        return losses[0] if len(losses) == 1 else float(np.average(losses, weights=rows))


def _separate(metric: MetricSpec, predictions: Predictions, target: Target) -> Scores:
    """Of each of several numbers, whose units may differ: ``root_mean_squared_error_price``."""
    names = separate_names(metric.name, () if target.labels else target.columns)
    parts = [(predictions.truth[:, [index]], predictions.predicted[:, [index]]) for index in range(len(names))]
    scores = (metric.score(Predictions(*part, None, ())) for part in parts)
    return {name: _defined(score) for name, score in zip(names, scores, strict=True)}


def _defined(score: float | None) -> float | None:
    """An infinite score, such as the squared error of huge outputs, is no number to compare."""
    return score if score is None or math.isfinite(score) else None


def metrics_to_report(assembly: Assembly) -> list[MetricSpec]:
    """The config's metrics, then the task's usual ones that are not among them."""
    usual = [MetricSpec.choose(name) for name in assembly.task.report]
    named = {metric.name: metric for metric in (*usual, *assembly.metrics)}
    order = dict.fromkeys([metric.name for metric in (*assembly.metrics, *usual)])
    return [named[name] for name in order]


def _confusion_matrix(predictions: Predictions) -> list[list[int]]:
    """Counts, a row for each true class and a column for each predicted one."""
    from sklearn.metrics import confusion_matrix

    labels = range(len(predictions.classes))
    matrix: list[list[int]] = confusion_matrix(predictions.truth, predictions.predicted, labels=list(labels)).tolist()
    return matrix


def prediction_function(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """From prepared rows to outputs, compiled once for any number of rows where the backend compiles."""
    import keras

    if keras.config.backend() != "tensorflow":
        return lambda inputs: keras.ops.convert_to_numpy(model.predict_on_batch(inputs))
    import tensorflow as tf

    signature = [tf.TensorSpec([None, *model.inputs[0].shape[1:]], model.inputs[0].dtype)]
    compiled = tf.function(lambda inputs: model(inputs, training=False), input_signature=signature)
    return lambda inputs: compiled(tf.convert_to_tensor(inputs)).numpy()
