"""What training rows hold, learned chunk by chunk in memory that does not grow with them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MOST_SAMPLED = 1 << 20


class Moments:
    """Mean, variance and extremes of each column, NaN left out.

    Chunks are merged after Chan, Golub & LeVeque (1979), in 64 bits.
    """

    def __init__(self) -> None:
        self.count: Any = 0
        self.mean: Any = 0.0
        self.squares: Any = 0.0
        self.low: Any = float("inf")
        self.high: Any = float("-inf")

    def add(self, values: "np.ndarray") -> None:
        """Takes in rows, float64 (rows, columns)."""
        import numpy as np

        sums = values.sum(axis=0)
        if np.isnan(sums).any():
            there = ~np.isnan(values)
            count = there.sum(axis=0)
            mean = np.where(there, values, 0.0).sum(axis=0) / np.maximum(count, 1)
            apart = np.where(there, values - mean, 0.0)
            low, high = np.where(there, values, np.inf), np.where(there, values, -np.inf)
        else:
            count = np.full(values.shape[1:], len(values))
            mean = sums / np.maximum(count, 1)
            apart, low, high = values - mean, values, values
        total = np.maximum(self.count + count, 1)
        shift = np.where(count, mean - self.mean, 0.0)
        within = np.einsum("ij,ij->j", apart, apart)
        self.squares = self.squares + within + shift**2 * self.count * count / total
        self.mean = self.mean + shift * count / total
        self.count = self.count + count
        self.low = np.minimum(self.low, low.min(axis=0, initial=np.inf))
        self.high = np.maximum(self.high, high.max(axis=0, initial=-np.inf))

    @property
    def deviation(self) -> "np.ndarray":
        """The root of the mean squared distance from the mean."""
        import numpy as np

        deviation: np.ndarray = np.sqrt(self.squares / np.maximum(self.count, 1))
        return deviation


class Sample:
    """An evenly spaced sample of rows: all of them up to `MOST_SAMPLED`, then every second, fourth, ..."""

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._step = 1
        self._seen = 0
        self._count = 0

    def add(self, values: "np.ndarray") -> None:
        """Takes in rows, (rows, columns)."""
        import numpy as np

        chosen = values[-self._seen % self._step :: self._step]
        self._seen += len(values)
        self._kept.append(np.array(chosen))
        self._count += len(chosen)
        while self._count > MOST_SAMPLED:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._step *= 2
            self._count = len(self._kept[0])

    def quantiles(self, *shares: float) -> "np.ndarray":
        """A row for each share, a column for each column; NaN where a column has no value."""
        import numpy as np

        rows = np.concatenate(self._kept)
        columns = [column[~np.isnan(column)] for column in rows.T]
        found = [np.quantile(column, shares) if len(column) else np.full(len(shares), np.nan) for column in columns]
        return np.stack(found, axis=1)

    def most_frequent(self) -> "np.ndarray":
        """The most frequent value of each column, of equally frequent ones the smallest."""
        import numpy as np

        found = []
        for column in np.concatenate(self._kept).T:
            values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
            found.append(values[counts.argmax()] if len(values) else np.nan)
        return np.asarray(found)
