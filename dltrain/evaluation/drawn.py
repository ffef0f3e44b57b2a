"""A score of resampled rows, and the interval that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LEVEL = 0.95
_LEAST_DEFINED = 0.5
_FEWEST_STUDENTIZED = 10
"""Of fewer rows, a resample may be of almost one row, and its standard error next to nothing."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Drawn:
    """A score of all rows, of resamples, and of all rows but one group each.

    Attributes:
        rows: how many rows there are, or runs of rows that are drawn together.
        score: of all rows.
        error: the standard error of the score; NaN where it is not known.
        draws: of the resamples, (resamples,); NaN where the score is not defined; empty where there are too many rows.
        errors: the standard errors of the resamples, (resamples,); NaN where they are not known.
        left_out: without each group, (groups,).
    """

    rows: int
    score: float
    error: float
    draws: np.ndarray
    errors: np.ndarray
    left_out: np.ndarray

    def __sub__(self, other: Drawn) -> Drawn:
        """By how much the score of the same rows, drawn the same, is larger than another."""
        apart, unknown = self.draws - other.draws, self.draws * math.nan
        left_out = self.left_out - other.left_out
        return Drawn(self.rows, self.score - other.score, math.nan, apart, unknown, left_out)

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; None where fewer than half of the resamples define the score, or where all agree."""
        import numpy as np

        if not len(self.draws):
            return self._by_groups()
        draws = self.draws[np.isfinite(self.draws)]
        if len(draws) < _LEAST_DEFINED * len(self.draws) or draws.min() == draws.max():
            return None
        if (studentized := self._studentized()) is not None:
            return studentized
        low, high = np.quantile(draws, [self._rank(draws, -1), self._rank(draws, 1)])
        return float(low), float(high)

    def _studentized(self) -> tuple[float, float] | None:
        """By the quantiles of (score of a resample - score) / (its standard error); None where those are not known."""
        import numpy as np

        with np.errstate(invalid="ignore", divide="ignore"):
            apart = (self.draws - self.score) / self.errors
        apart = apart[np.isfinite(apart)]
        if self.rows < _FEWEST_STUDENTIZED or len(apart) < _LEAST_DEFINED * len(self.draws):
            return None
        low, high = np.quantile(apart, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        least = 0.0 if self.draws.min() >= 0 else -math.inf
        return max(self.score - float(high) * self.error, least), self.score - float(low) * self.error

    def _rank(self, draws: np.ndarray, side: int) -> float:
        """The share of draws below the end of the interval: Efron 1987, equation 2.3, with Student's quantile."""
        import numpy as np

        below = (np.count_nonzero(draws < self.score) + np.count_nonzero(draws <= self.score)) / (2 * len(draws))
        shift = _NORMAL.inv_cdf(min(max(below, 1 / len(draws)), 1 - 1 / len(draws)))
        reach = shift + side * self._quantile(self.rows) * (self.rows / (self.rows - 1)) ** 0.5
        skew = self._acceleration()
        return _NORMAL.cdf(shift + reach / max(1 - skew * reach, 0.1))

    def _acceleration(self) -> float:
        """A sixth of the skewness of what each group adds to the score."""
        import numpy as np

        found = self.left_out[np.isfinite(self.left_out)]
        apart = found.mean() - found if len(found) else found
        spread = float((apart**2).sum())
        return float((apart**3).sum()) / (6 * spread**1.5) if spread else 0.0

    def _by_groups(self) -> tuple[float, float] | None:
        """Student's interval of the jackknife: the variance is (g - 1) / g of the sum of squared deviations."""
        import numpy as np

        number = len(self.left_out)
        if number < 2 or not np.isfinite(self.left_out).all():
            return None
        error = float(np.sqrt((number - 1) * self.left_out.var()))
        reach = self._quantile(number) * error
        return (self.score - reach, self.score + reach) if reach else None

    @staticmethod
    def _quantile(rows: int) -> float:
        """Of Student's distribution for so many rows."""
        from scipy.special import stdtrit

        return float(stdtrit(rows - 1, (1 + LEVEL) / 2))
