"""Resamples of the rows of a split: how often each row counts in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 1_000
GROUPS = 200
MOST_RESAMPLED = 100_000
"""Of more rows the groups alone tell the spread as well, in a fraction of the time."""

_FEW_ROWS = 4_000
_PURPOSE = 7
"""Keeps these draws apart from those of other things that are drawn from the same seed."""


@dataclass(frozen=True)
class Resampling:
    """What rows are drawn, which is a function of these numbers alone, so that two models are drawn the same.

    Attributes:
        rows: how many there are.
        seed: of the draws.
        length: of the runs of neighbouring rows that are drawn together, where rows follow one another in time
            (circular block bootstrap, Politis & Romano 1992); 1 draws each row alone.
        together: numbers, int (rows,), of which equal ones are of rows that are drawn together wherever they stand,
            as those of one patient (cluster bootstrap, Davison & Hinkley 1997, section 3.8); None where none are.
    """

    rows: int
    seed: int
    length: int = 1
    together: np.ndarray | None = field(default=None, compare=False)

    @property
    def independent(self) -> bool:
        """Whether each row is drawn alone."""
        return self.length == 1 and self.together is None

    @property
    def units(self) -> int:
        """How many rows, runs of rows or groups of rows there are to draw from."""
        if self.together is not None:
            return int(self._owners.max(initial=0)) + 1
        return max(self.rows // self.length, 1)

    @property
    def groups(self) -> int:
        """How many parts of the rows there are, each of which is left out once."""
        return min(self.units, GROUPS)

    @cached_property
    def _owners(self) -> np.ndarray:
        """`together`, counted from 0 without gaps."""
        import numpy as np

        assert self.together is not None
        owners: np.ndarray = np.unique(self.together, return_inverse=True)[1]
        return owners

    @property
    def _at_once(self) -> int:
        """How many resamples are held at a time: of few rows many, so that calls do not cost more than sums."""
        return 250 if self.rows <= _FEW_ROWS else 25

    def draws(self) -> Iterator[np.ndarray]:
        """Weights of the rows in the resamples, float64 (rows, resamples), some resamples at a time."""
        import numpy as np

        for number in range(RESAMPLES // self._at_once):
            generator = np.random.Generator(np.random.Philox(key=self.seed, counter=[0, 0, _PURPOSE, number]))
            yield np.stack(self._counts(generator), axis=1).astype("float64")

    def _counts(self, generator: np.random.Generator) -> list[np.ndarray]:
        """Of each resample how often it has each row, (rows,)."""
        import numpy as np

        step, units = self._at_once, self.units
        if self.together is not None:
            drawn = generator.integers(0, units, (step, units))
            return [np.bincount(numbers, minlength=units)[self._owners] for numbers in drawn]
        drawn = generator.integers(0, self.rows, (step, -(-self.rows // self.length), 1))
        if self.length > 1:
            drawn = (drawn + np.arange(self.length)) % self.rows
        return [np.bincount(places, minlength=self.rows) for places in drawn.reshape(step, -1)[:, : self.rows]]

    def left_out(self) -> Iterator[np.ndarray]:
        """The same where each group of rows is left out once."""
        import numpy as np

        rows = np.arange(self.rows)
        # Rows may be in the order of their classes, so neighbours are of different groups; in time, of the same.
        group = rows % self.groups if self.length == 1 else rows * self.groups // self.rows
        if self.together is not None:
            group = self._owners % self.groups
        for first in range(0, self.groups, self._at_once):
            numbers = np.arange(first, min(first + self._at_once, self.groups))
            yield (group[:, None] != numbers).astype("float64")
