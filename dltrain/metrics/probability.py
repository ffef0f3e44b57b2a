"""Scores of the probabilities themselves."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, Outputs, Predictions
from dltrain.metrics.means import MeanMetric
from dltrain.metrics.statistics import means
from dltrain.signature import TaskName

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np

BINS = 15
"""Of `calibration_error`, as Guo et al. 2017 have it."""

_LEAST = 2.0**-52
"""Probabilities are at least so large, as scikit-learn has it."""


class _ProbabilityMetric(MeanMetric):
    """A mean over rows; while training, of a margin it takes ``(margin + 1) / 2`` for the probability."""

    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION | MULTILABEL
    mode: ClassVar[Any] = "min"
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, None)

    def undefined(self, predictions: Predictions) -> str | None:
        """Some losses give margins and no probabilities."""
        found = predictions.probabilities
        return "there are no probabilities" if found is None or found.ndim == 1 else None

    def score(self, predictions: Predictions) -> float | None:
        """The mean over all rows; None where there are no probabilities."""
        return None if self.undefined(predictions) else float(self.of_all(predictions).mean())

    def of_all(self, predictions: Predictions) -> "np.ndarray":
        """The score of each row, (rows,)."""
        import numpy as np

        marks = predictions.truth
        if predictions.classes:
            marks = marks[:, None] == np.arange(len(predictions.classes))
        of_labels = not predictions.classes
        return np.asarray(self.of_rows(marks * 1.0, predictions.probabilities, np, of_labels=of_labels))

    def of_rows(self, marks: Any, probabilities: Any, ops: Any, *, of_labels: bool) -> Any:
        """The score of each row, from 0.0 or 1.0 and the probability of each kind, (rows, kinds).

        Args:
            marks: which class or labels it has.
            probabilities: of each.
            ops: ``numpy``, or ``keras.ops`` where these are tensors.
            of_labels: whether a row may have several.
        """
        raise NotImplementedError

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same mean over batches."""
        import keras
        from keras import ops

        from dltrain.metrics.counts import marks, probabilities

        def of_batch(y_true: Any, y_pred: Any) -> Any:
            truth, given = marks(y_true, outputs, truth=True), probabilities(y_pred, outputs)
            return self.of_rows(truth, given, ops, of_labels=outputs.form == "multi_hot")

        return keras.metrics.MeanMetricWrapper(of_batch, name=self.name)


class LogLoss(_ProbabilityMetric):
    """The mean of -log of the probability of the true class; of labels, of each label being there or not.

    In nats, and whatever the loss of the training is.
    """

    type: Literal["log_loss"] = "log_loss"

    def of_rows(self, marks: Any, probabilities: Any, ops: Any, *, of_labels: bool) -> Any:
        """As ``sklearn.metrics.log_loss``; of labels, the mean over them."""
        if of_labels:
            given = marks * probabilities + (1 - marks) * (1 - probabilities)
            return -ops.mean(ops.log(ops.maximum(given, _LEAST)), axis=1)
        return -ops.log(ops.maximum(ops.sum(marks * probabilities, axis=1), _LEAST))


class BrierScore(_ProbabilityMetric):
    """The mean squared distance of the probabilities from 0 and 1, summed over the classes; of two classes half of it.

    Of labels the mean over them. Brier 1950.
    """

    type: Literal["brier_score"] = "brier_score"
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, 2.0)

    def of_rows(self, marks: Any, probabilities: Any, ops: Any, *, of_labels: bool) -> Any:
        """As ``sklearn.metrics.brier_score_loss``."""
        squares = (marks - probabilities) ** 2
        return ops.mean(squares, axis=1) if of_labels or marks.shape[1] == 2 else ops.sum(squares, axis=1)


class CalibrationError(_ProbabilityMetric):
    """How far the probability of the predicted class is from how often it is right, over 15 bins of equal width.

    ``sum_b |right_b - sure_b| / n``, over the bins ``(b / 15, (b + 1) / 15]`` of the probability of the predicted
    class, with the number of right rows and the sum of the probabilities of each: the expected calibration error of
    Guo et al. 2017, https://arxiv.org/abs/1706.04599. Of few rows it is larger than of many.
    """

    type: Literal["calibration_error"] = "calibration_error"
    aliases: ClassVar[tuple[str, ...]] = ("expected_calibration_error", "ece")
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    limits: ClassVar[tuple[float | None, float | None]] = (0.0, 1.0)

    def score(self, predictions: Predictions) -> float | None:
        """Of all rows; None where there are no probabilities."""
        import numpy as np

        if self.undefined(predictions):
            return None
        sums = self.statistic(predictions)(np.ones((len(predictions.truth), 1)))
        return float(self.resampled(sums, predictions)[0])

    def statistic(self, predictions: Predictions) -> "Callable[[np.ndarray], np.ndarray]":
        """For each bin the number of right rows less the sum of the probabilities, over the number of all rows."""
        import numpy as np

        assert predictions.probabilities is not None
        sure = np.take_along_axis(predictions.probabilities, predictions.predicted[:, None], axis=1)[:, 0]
        place = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
        apart = (predictions.truth == predictions.predicted) - sure
        return means(apart[:, None] * (place[:, None] == np.arange(BINS)))

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """The distances of all bins together."""
        import numpy as np

        return np.asarray(abs(values).sum(axis=0))

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same sums over batches."""
        from dltrain.metrics.moments import calibration_error

        return calibration_error(self.name, BINS, outputs)
