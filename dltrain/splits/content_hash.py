"""Splits that a row's content decides."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from dltrain.spec.problems import SpecError
from dltrain.splits.base import DIGESTS, Population, Splits
from dltrain.splits.by_column import ColumnSplitsSpec
from dltrain.splits.digest import digest, key, mixed

if TYPE_CHECKING:
    import numpy as np


class Hash(ColumnSplitsSpec):
    """A row stays in its split when other rows come, go or change places.

    The split is decided by a 64-bit hash of the row's features and the seed, so that rows with the same
    features are in one split. The target has no part in it: a label that is mended moves no row. The
    sizes of the splits follow the shares as well as chance does. Shares are fractions.

    Attributes:
        column: whose value decides instead of the features, such as an id; it is then no feature.
    """

    type: Literal["hash"] = "hash"

    @property
    def scatters(self) -> bool:
        """Where no column holds rows together."""
        return self.column is None

    def sizes(self, rows: Mapping[str, int | None]) -> dict[str, int]:
        """Not known before the rows are read."""
        super().sizes(rows)
        return {}

    def split(self, population: Population, *, seed: int) -> Splits:
        """Test from 0 up to its share, then validation, then train."""
        import numpy as np

        counts, parts = self.counts(population), population.ids
        pool, places = parts["train"], self._places(population, seed)
        chosen = {name: parts[name] for name, count in counts.items() if count is None}
        start, free = 0.0, np.ones(len(pool), bool)
        for name, count in counts.items():
            if count:
                end = start + self._fraction(name)
                inside = (places[pool] >= start) & (places[pool] < end)
                chosen[name], start = pool[inside], end
                free &= ~inside
        chosen["train"] = pool[free]
        if empty := [name for name, ids in chosen.items() if not len(ids) and counts.get(name) != 0]:
            text = f"the hash puts none of {len(pool)} rows in {empty[0]}"
            raise SpecError.at("", f"{text}; take another share, or another type for so few rows")
        return Splits.of(chosen)

    def _places(self, population: Population, seed: int) -> "np.ndarray":
        """A number for each row, evenly spread from 0 up to 1."""
        import numpy as np

        digests = population.columns[DIGESTS]
        if self.column is not None:
            digests = digest({"": population.columns[self.column]})
        return mixed(digests ^ np.uint64(key(f"seed {seed}"))) / 2.0**64

    def _fraction(self, name: str) -> float:
        share = {"test": 0.2, "validation": 0.1}[name] if getattr(self, name) is None else getattr(self, name)
        if isinstance(share, int):
            text = f"{share} rows would be others as the data grows; write a fraction such as 0.1"
            raise SpecError.at(name, text)
        return float(share)
