"""Scores of how far predictions agree with the truth beyond what chance or the rarest class would give."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.metrics.base import CLASSIFICATION, MetricSpec, Outputs, Predictions
from dltrain.metrics.confusion import RecallMacro
from dltrain.metrics.statistics import class_counts
from dltrain.signature import TaskName

if TYPE_CHECKING:
    import keras
    import numpy as np


class BalancedAccuracy(RecallMacro):
    """Recall averaged over the classes, each counting the same; 1 / classes is chance."""

    type: Literal["balanced_accuracy"] = "balanced_accuracy"  # type: ignore[assignment]
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION


class _Agreement(MetricSpec):
    tasks: ClassVar[frozenset[TaskName]] = CLASSIFICATION
    limits: ClassVar[tuple[float | None, float | None]] = (-1.0, 1.0)
    statistic: ClassVar[Any] = staticmethod(class_counts)

    def resampled(self, values: "np.ndarray", predictions: Predictions) -> "np.ndarray":
        """From the counts of each resample."""
        import numpy as np

        with np.errstate(invalid="ignore", divide="ignore"):
            share, whole = self.of_shares(values / values[1].sum(axis=0), np)
            return np.where(whole > 1e-12, share / whole, np.nan)

    def of_shares(self, shares: Any, ops: Any) -> tuple[Any, Any]:
        """A numerator and a denominator, (...).

        Args:
            shares: of the rows that are hit, of each class, and predicted as it, (3, classes, ...).
            ops: ``numpy``, or ``keras.ops`` where `shares` is a tensor.
        """
        raise NotImplementedError

    def build(self, outputs: Outputs) -> "keras.metrics.Metric":
        """The same of the counts over batches; 0 where it is not defined."""
        from dltrain.metrics.counts import counting_metric

        return counting_metric(self.name, self.of_shares, "macro", outputs)


class MatthewsCorrcoef(_Agreement):
    """Matthews's correlation of true and predicted classes: 1 is perfect, 0 no better than chance.

    ``(c - sum_k t_k p_k) / sqrt((1 - sum_k p_k^2) (1 - sum_k t_k^2))``, where c is the accuracy, and t_k and p_k are
    the shares of rows that are of class k and predicted as it. Gorodkin 2004.
    """

    type: Literal["matthews_corrcoef"] = "matthews_corrcoef"
    aliases: ClassVar[tuple[str, ...]] = ("mcc",)

    def undefined(self, predictions: Predictions) -> str | None:
        """What does not vary is not correlated."""
        for verb, values in (("is", predictions.truth), ("is predicted as", predictions.predicted)):
            if (values == values[0]).all():
                return f"every row {verb} '{predictions.classes[int(values[0])][:40]}'"
        return None

    def score(self, predictions: Predictions) -> float:
        """``sklearn.metrics.matthews_corrcoef``."""
        from sklearn.metrics import matthews_corrcoef

        return float(matthews_corrcoef(predictions.truth, predictions.predicted))

    def of_shares(self, shares: Any, ops: Any) -> tuple[Any, Any]:
        """The covariance and the root of both variances."""
        hits, truth, predicted = shares[0], shares[1], shares[2]
        variances = (1 - ops.sum(truth**2, axis=0)) * (1 - ops.sum(predicted**2, axis=0))
        # A variance of 0 may come out as -1e-16.
        return ops.sum(hits, axis=0) - ops.sum(truth * predicted, axis=0), ops.sqrt(ops.abs(variances))


class CohenKappa(_Agreement):
    """Cohen's kappa: how much of the agreement that chance leaves open is there; 0 is chance.

    ``(c - e) / (1 - e)``, where c is the accuracy and ``e = sum_k t_k p_k`` what chance gives, with the shares t_k of
    rows that are of class k, and p_k of those predicted as it.
    """

    type: Literal["cohen_kappa"] = "cohen_kappa"
    aliases: ClassVar[tuple[str, ...]] = ("kappa",)

    def undefined(self, predictions: Predictions) -> str | None:
        """Where only one class is there and predicted, chance is never wrong."""
        first = predictions.truth[0]
        if (predictions.truth == first).all() and (predictions.predicted == first).all():
            return f"every row is '{predictions.classes[int(first)][:40]}', and predicted as it"
        return None

    def score(self, predictions: Predictions) -> float:
        """``sklearn.metrics.cohen_kappa_score``; NaN where it is not defined."""
        from sklearn.metrics import cohen_kappa_score

        labels = list(range(len(predictions.classes)))
        return float(cohen_kappa_score(predictions.truth, predictions.predicted, labels=labels))

    def of_shares(self, shares: Any, ops: Any) -> tuple[Any, Any]:
        """The agreement beyond chance, and all that there could be."""
        hits, truth, predicted = shares[0], shares[1], shares[2]
        chance = ops.sum(truth * predicted, axis=0)
        return ops.sum(hits, axis=0) - chance, 1 - chance
