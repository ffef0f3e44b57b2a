"""The scores of a split, on exact predictions of the final model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.metrics.base import MetricSpec, Predictions

if TYPE_CHECKING:
    import numpy as np

Scores = dict[str, Any]
"""Loss and metrics by name; None where a score is not defined for these rows."""


def predict(assembly: Assembly, inputs: np.ndarray) -> np.ndarray:
    """The model's outputs (rows, units) for prepared rows, in batches of `trainer.batch_size`.

    The batches, and so every bit of the outputs, depend on nothing but the rows.
    """
    import keras
    import numpy as np

    model, size = assembly.model, max(assembly.experiment.trainer.batch_size, 256)
    call = _compiled(model)
    pieces = [
        keras.ops.convert_to_numpy(call(inputs[start : start + size])) for start in range(0, len(inputs), size)
    ]
    return np.concatenate(pieces)


def score(assembly: Assembly, inputs: np.ndarray, values: np.ndarray) -> tuple[Scores, Predictions]:
    """Loss, the task's usual scores and the config's metrics, for prepared rows and raw targets.

    Raises:
        ValueError: a target is not one that the model knows.
    """
    targets = assembly.task.encode(values, assembly.target, assembly.loss.target_form)
    outputs = predict(assembly, inputs)
    predictions = assembly.task.read(outputs, values, assembly.target, assembly.head)
    scores: Scores = {"rows": len(inputs), "loss": _loss(assembly, targets, outputs)}
    for metric in metrics_to_report(assembly):
        scores[metric.name] = metric.score(predictions)
    if predictions.classes:
        scores["confusion_matrix"] = _confusion_matrix(predictions)
    return scores, predictions


def metrics_to_report(assembly: Assembly) -> list[MetricSpec]:
    """The config's metrics, then the task's usual ones that are not among them."""
    usual = [MetricSpec.choose(name) for name in assembly.task.report]
    named = {metric.name: metric for metric in (*usual, *assembly.metrics)}
    order = dict.fromkeys([metric.name for metric in (*assembly.metrics, *usual)])
    return [named[name] for name in order]


def _loss(assembly: Assembly, targets: np.ndarray, outputs: np.ndarray) -> float:
    """Without the penalties of regularizers."""
    return float(assembly.loss.build()(targets, outputs))


def _confusion_matrix(predictions: Predictions) -> list[list[int]]:
    """Counts, a row for each true class and a column for each predicted one."""
    from sklearn.metrics import confusion_matrix

    labels = range(len(predictions.classes))
    matrix: list[list[int]] = confusion_matrix(predictions.truth, predictions.predicted, labels=list(labels)).tolist()
    return matrix


def _compiled(model: Any) -> Any:
    """A function of inputs alone, compiled where the backend compiles."""
    import keras

    backend = keras.config.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)
    return lambda inputs: model.predict_on_batch(inputs)


