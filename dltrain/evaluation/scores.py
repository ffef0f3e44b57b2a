"""The scores of a split, on exact predictions of the final model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from dltrain.assemble import Assembly
from dltrain.data.source import NAIVE
from dltrain.evaluation.intervals import Interval, Score, intervals_of
from dltrain.evaluation.measured import Measured, OwnColumn, RowMean, Scores, by_class
from dltrain.evaluation.naive import Naive, naive_scores
from dltrain.evaluation.resampling import Resampling
from dltrain.metrics.base import MetricSpec, Predictions, separate_names
from dltrain.models.trimming import lengths_of
from dltrain.workload import rows_at_once

if TYPE_CHECKING:
    import keras
    import numpy as np

_ROWS_OF_LOSS = 1 << 16


class Scorer:
    """Scores the model of an assembly; its prediction function is compiled once, at the first use."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._call = prediction_function(assembly.model)

    @cached_property
    def batch_size(self) -> int:
        """How many rows are predicted at a time."""
        return max(self._assembly.experiment.trainer.batch_size, rows_at_once(self._assembly.plan))

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """The model's outputs (rows, units) for prepared rows.

        Batches, and so every bit of the outputs, depend on nothing but the rows.
        """
        import numpy as np

        size = self.batch_size
        return np.concatenate([self._call(inputs[start : start + size]) for start in range(0, len(inputs), size)])

    def outputs(self, inputs: np.ndarray) -> np.ndarray:
        """The same, of rows that are all there: sequences in batches of about one length, without most padding."""
        import numpy as np

        if not self._assembly.trimmed:
            return self.predict(inputs)
        lengths = lengths_of(inputs, self._assembly.experiment.runtime.backend)
        order = lengths.ascending
        batches = (order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size))
        outputs = np.concatenate([self._call(inputs[rows, : lengths.of_batch(rows)]) for rows in batches])
        return outputs[np.argsort(order)]

    def measure(
        self,
        outputs: np.ndarray,
        values: np.ndarray,
        extras: Mapping[str, np.ndarray] | None = None,
        *,
        intervals: bool = False,
    ) -> Measured:
        """The scores and what is known of them.

        Args:
            outputs: (rows, units), whatever model they come from.
            values: raw targets.
            extras: other columns of the rows, (rows, ...) each: for forecasts the last values before them, and what
                `splits.group` names.
            intervals: whether rows are resampled for the intervals of all scores.

        Raises:
            ValueError: a target is not one that the model knows.
        """
        assembly = self._assembly
        extras = extras or {}
        read = assembly.task.read(outputs, values, assembly.target, assembly.head)
        predictions = replace(read, groups=_groups(assembly, extras))
        scores: Scores = {"rows": len(outputs), "loss": _defined(self._loss(outputs, values))}
        found, undefined = _scores_of(assembly, predictions)
        scores |= found
        last = extras.get(NAIVE) if assembly.task.report_of_forecasts else None
        if last is not None:
            scores |= {name: _defined(score) for name, score in naive_scores(predictions, last).items()}
        shown = tuple(name for name in scores if name not in assembly.task.details or name in _named(assembly))
        if predictions.classes:
            scores["confusion_matrix"] = _confusion_matrix(predictions)
        around: dict[str, Interval] = {}
        if intervals:
            loss = self.row_losses(outputs, values, scores["loss"])
            around = _intervals(assembly, predictions, scores, {**loss, **Naive.all(last)})
        return Measured(scores, predictions, around, undefined, by_class(predictions), shown)

    def row_losses(self, outputs: np.ndarray, values: np.ndarray, mean: float | None) -> dict[str, RowMean]:
        """The loss of each row; none where rows are left out of its mean, as `ignore_class` does."""
        import keras
        import numpy as np

        loss = self._assembly.loss.build()
        loss.reduction = "none"
        parts = [keras.ops.convert_to_numpy(loss(*pair)) for pair in self._pairs(outputs, values)]
        losses = np.concatenate(parts).astype("float64")
        return {"loss": RowMean(losses)} if mean is not None and np.isclose(losses.mean(), mean, rtol=1e-3) else {}

    def _loss(self, outputs: np.ndarray, values: np.ndarray) -> float:
        """The mean loss of all rows."""
        import numpy as np

        loss = self._assembly.loss.build()
        found = [(float(loss(targets, part)), len(part)) for targets, part in self._pairs(outputs, values)]
        losses, rows = zip(*found, strict=True)
        return losses[0] if len(losses) == 1 else float(np.average(losses, weights=rows))

    def _pairs(self, outputs: np.ndarray, values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What a loss takes, of a limited number of rows at a time."""
        assembly = self._assembly
        for start in range(0, len(outputs), _ROWS_OF_LOSS):
            part = slice(start, start + _ROWS_OF_LOSS)
            yield assembly.task.encode(values[part], assembly.target, assembly.outputs.form), outputs[part]


def _scores_of(assembly: Assembly, predictions: Predictions) -> tuple[Scores, dict[str, str]]:
    """The scores by all metrics, and why some are None."""
    scores: Scores = {}
    undefined: dict[str, str] = {}
    for name, (metric, own) in _all_metrics(assembly, predictions).items():
        reason = metric.undefined(own)
        scores[name] = None if reason else _defined(metric.score(own))
        if scores[name] is None:
            undefined[name] = reason or "it is no finite number"
    return scores, undefined


def _all_metrics(assembly: Assembly, predictions: Predictions) -> dict[str, tuple[MetricSpec, Predictions]]:
    """By name the metrics, and what each is of; those of the config also of each of several numbers.

    Units may differ, so each has its own ``root_mean_squared_error_price``.
    """
    found = {metric.name: (metric, predictions) for metric in metrics_to_report(assembly)}
    target = assembly.target
    for metric in assembly.metrics:
        for index, name in enumerate(separate_names(metric.name, () if target.labels else target.columns)):
            parts = predictions.truth[:, [index]], predictions.predicted[:, [index]]
            found[name] = (metric, Predictions(*parts, None, ()))
    return found


def _intervals(
    assembly: Assembly, predictions: Predictions, scores: Scores, others: Mapping[str, Score]
) -> dict[str, Interval]:
    """Of all scores that are defined; windows of a series that share steps are drawn together."""
    chosen: dict[str, Score] = dict(others)
    for name, (metric, own) in _all_metrics(assembly, predictions).items():
        chosen[name] = metric if own is predictions else OwnColumn(metric, own)
    defined = {name: chosen[name] for name in scores if name in chosen and scores[name] is not None}
    return intervals_of(defined, predictions, resampling_of(assembly, predictions))


def _groups(assembly: Assembly, extras: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Numbers of the groups that a split keeps together, int (rows,); None where they are not several, or not known."""
    import numpy as np

    column = assembly.experiment.splits.group_column
    if column is None or column not in extras:
        return None
    groups: np.ndarray = np.unique(extras[column], return_inverse=True)[1]
    return groups if groups.max(initial=0) else None


def resampling_of(assembly: Assembly, predictions: Predictions) -> Resampling:
    """How the rows of a split are drawn, the same for every model."""
    experiment, rows = assembly.experiment, len(predictions.truth)
    # Runs twice as long as what depends on each other hold five sixths of the dependence.
    length = min(2 * (experiment.dataset.stride_without_overlap or 0), rows // 2)
    return Resampling(rows, experiment.seed, max(length, 1), predictions.groups)


def _defined(score: float | None) -> float | None:
    """An infinite score, such as the squared error of huge outputs, is no number to compare."""
    return score if score is None or math.isfinite(score) else None


def metrics_to_report(assembly: Assembly) -> list[MetricSpec]:
    """The config's metrics, then the task's that are not among them."""
    usual = [MetricSpec.choose(name) for name in (*assembly.task.report, *assembly.task.details)]
    named = {metric.name: metric for metric in (*usual, *assembly.metrics)}
    order = dict.fromkeys([metric.name for metric in (*assembly.metrics, *usual)])
    return [named[name] for name in order]


def _named(assembly: Assembly) -> list[str]:
    return [metric.name for metric in assembly.metrics]


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
