"""Splits that keep groups of rows together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.spec.problems import SpecError
from dltrain.splits.base import Draw, Population, SplitsSpec
from dltrain.splits.by_column import ColumnSplitsSpec
from dltrain.splits.share import ColumnName

if TYPE_CHECKING:
    import numpy as np


class Group(ColumnSplitsSpec):
    """All rows of a group are in one split: of a patient, a speaker, a street.

    Groups are taken in a random order, each where it fits; the rows that a split has too many or too
    few are at most half of the smallest group that it could still get.

    Attributes:
        column: rows with the same value in it are a group, such as ``patient``.
    """

    type: Literal["group"] = "group"
    spellings: ClassVar[Mapping[str, str]] = {"group": "column"}
    column: ColumnName

    @property
    def group_column(self) -> str | None:
        """The column of groups."""
        return self.column

    def drawer(self, population: Population) -> SplitsSpec:
        """Itself, where there are as many groups as splits."""
        import numpy as np

        counts = self.counts(population)
        names = ["train", *(name for name in ("validation", "test") if counts[name])]
        groups = len(np.unique(population.columns[self.column][population.ids["train"]]))
        if groups < len(names):
            text = f"column '{self.column}' has {groups} {'groups' if groups > 1 else 'group'}"
            text = f"{text}, and {', '.join(names)} need {len(names)}"
            raise SpecError.at("", f"{text}; write none for a split that you can do without")
        return self

    def draw(self, draw: Draw, population: Population) -> "np.ndarray":
        """Whole groups."""
        import numpy as np

        _, group, sizes = np.unique(population.columns[self.column][draw.pool], return_inverse=True, return_counts=True)
        chosen = nearest_groups(sizes, draw)
        taken = np.zeros(len(sizes), bool)
        taken[chosen] = True
        return draw.pool[taken[group]]


def nearest_groups(sizes: "np.ndarray", draw: Draw) -> list[int]:
    """Groups that together have nearly `draw.count` rows, at least one, leaving `draw.later` others."""
    order = draw.generator.permutation(len(sizes)).tolist()
    chosen: list[int] = []
    most, missing = len(sizes) - draw.later, draw.count
    for group in order:
        if sizes[group] <= missing and len(chosen) < most:
            chosen.append(group)
            missing -= int(sizes[group])
    left = set(order).difference(chosen)
    smallest = min((group for group in order if group in left), key=lambda group: int(sizes[group]))
    if len(chosen) < most and (not chosen or abs(missing - int(sizes[smallest])) < missing):
        chosen.append(smallest)
    return chosen
