"""Whether a network beats the best baseline by more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from dltrain.digits import digits
from dltrain.evaluation.drawn import LEVEL


@dataclass(frozen=True)
class Verdict:
    """What is said of a network beside its best baseline.

    Attributes:
        metric: the score that they are compared by.
        split: whose rows were scored.
        beaten: whether the network is better by more than chance; None where that cannot be said.
        text: the same in words.
        baseline: the best one; None where there is no score to compare.
        difference: by how much the network is better, below 0 where it is worse.
        interval: the 95 % interval of the difference.
    """

    metric: str
    split: str
    beaten: bool | None
    text: str
    baseline: str | None = None
    difference: float | None = None
    interval: tuple[float, float] | None = None

    def plain(self) -> dict[str, Any]:
        """For ``metrics.json``."""
        return asdict(self) | {"interval": self.interval and list(self.interval)}


@dataclass(frozen=True)
class Compared:
    """The score that network and baselines are compared by.

    Attributes:
        metric: its name.
        split: whose rows are scored.
        mode: ``max`` where a large score is good, else ``min``.
    """

    metric: str
    split: str
    mode: str

    @property
    def sign(self) -> int:
        """What a difference is multiplied by, so that more is better."""
        return 1 if self.mode == "max" else -1

    def best(self, scores: Mapping[str, float | None]) -> str | None:
        """The name of the best of several; None where none is defined."""
        defined = {name: self.sign * score for name, score in scores.items() if score is not None}
        return max(defined, key=defined.__getitem__) if defined else None

    def undefined(self, reason: str) -> Verdict:
        """That nothing can be said."""
        return Verdict(self.metric, self.split, None, f"no verdict, since {reason}")

    def said(self, network: float, baseline: tuple[str, str, float], interval: tuple[float, float]) -> Verdict:
        """What the scores come to.

        Args:
            network: its score.
            baseline: name, text and score of the best one.
            interval: of the score of the network less that of the baseline; (nan, nan) where it is not known.
        """
        name, text, score = baseline
        apart = self.sign * (network - score) + 0.0
        low, high = sorted(self.sign * end + 0.0 for end in interval)
        known = low <= high
        beaten = (low > 0) if known else None
        other = f"{text} ({digits(score)})"
        by = f"{digits(abs(apart))} [{digits(low)}, {digits(high)}]" if known else digits(abs(apart))
        if beaten:
            words = f"beats {other} by {by}"
        elif known and high < 0:
            words = f"is worse than {other} by {digits(-apart)} [{digits(-high)}, {digits(-low)}]"
        else:
            words = f"is no better than {other}: {digits(apart)}" + (
                f" [{digits(low)}, {digits(high)}]" if known else ""
            )
        said = f"{self.split} {self.metric} {digits(network)} {words}"
        return Verdict(self.metric, self.split, beaten, said, name, apart, (low, high) if known else None)


def of_folds(
    compared: Compared, network: Sequence[float], baseline: tuple[str, str, Sequence[float]], share: float
) -> Verdict:
    """The verdict on the means over the folds of a cross-validation.

    The folds share most of their training rows, so the variance of the mean difference is that of the folds times
    1 / k + n_test / n_train (Nadeau & Bengio 2003, "Inference for the generalization error", with Student's
    quantile of k - 1).

    Args:
        compared: the score.
        network: of each fold.
        baseline: name, text, and its score of each fold.
        share: n_test / n_train.
    """
    from scipy.special import stdtrit

    name, text, scores = baseline
    apart = [one - other for one, other in zip(network, scores, strict=True)]
    middle, number = fmean(apart), len(apart)
    reach = float(stdtrit(number - 1, (1 + LEVEL) / 2)) * stdev(apart) * (1 / number + share) ** 0.5
    means = (name, f"{text} over {number} folds", fmean(scores))
    return compared.said(fmean(network), means, (middle - reach, middle + reach))
