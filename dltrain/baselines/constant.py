"""One answer for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.baselines.base import Baseline, Guess
from dltrain.baselines.trial import Trial
from dltrain.data.source import NAIVE

if TYPE_CHECKING:
    import numpy as np


class Constant(Baseline):
    """The same for every row, whatever its features: the share of each class or label, the mean, or the median.

    Shares are of the training rows as they are, without weights, and stand for probabilities. So the most frequent
    class is predicted, and a label where more than half of the rows have it.
    """

    def name(self, trial: Trial) -> str:
        """``majority_class``, ``most_frequent_labels``, ``mean`` or ``median``."""
        assembly = trial.assembly
        if assembly.target.classes:
            return "majority_class"
        return "most_frequent_labels" if assembly.target.labels else assembly.loss.best_constant

    def guess(self, trial: Trial) -> Guess:
        """The same row for each."""
        import numpy as np

        name, truth = self.name(trial), trial.truth
        if trial.assembly.target.classes:
            row = np.bincount(truth, minlength=trial.kinds) / len(truth)
        else:
            row = np.median(truth, axis=0) if name == "median" else truth.mean(axis=0, dtype="float64")
        text = self._text(name, trial, row)
        return Guess(text, np.broadcast_to(row, (len(trial.held.inputs), trial.kinds)))

    @staticmethod
    def _text(name: str, trial: Trial, row: np.ndarray) -> str:
        text = name.replace("_", " ")
        if classes := trial.assembly.target.classes:
            return f"{text} '{classes[int(row.argmax())][:40]}'"
        return f"{text} {row[0]:.4g}" if trial.kinds == 1 and not trial.assembly.target.labels else text


class Naive(Baseline):
    """The naive forecast: the last value before the forecast, at every step of it."""

    def name(self, trial: Trial) -> str:
        """``naive_forecast``."""
        return "naive_forecast"

    def applies(self, trial: Trial) -> bool:
        """To forecasts of numbers."""
        return NAIVE in trial.held.extras and bool(trial.assembly.task.report_of_forecasts)

    def guess(self, trial: Trial) -> Guess:
        """The last value of each target, repeated."""
        import numpy as np

        last = trial.held.extras[NAIVE]
        return Guess("naive forecast", np.tile(last, trial.kinds // last.shape[1]))
