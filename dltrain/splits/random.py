"""Splits that are drawn at random."""

from typing import TYPE_CHECKING, Any, Literal

from dltrain.spec.problems import SpecError
from dltrain.splits.base import SplitsSpec

if TYPE_CHECKING:
    import numpy as np


class Random(SplitsSpec):
    """Each row has the same chance."""

    type: Literal["random"] = "random"

    def draw(self, pool: "np.ndarray", count: int, classes: "np.ndarray | None", generator: Any) -> "np.ndarray":
        """Any of them."""
        drawn: np.ndarray = generator.choice(pool, size=count, replace=False)
        return drawn


class Stratified(SplitsSpec):
    """Each class has the same share in every split, to within a row."""

    type: Literal["stratified"] = "stratified"

    def drawer(self, classes: "np.ndarray | None") -> SplitsSpec:
        """Itself, where each class has two rows or more."""
        import numpy as np

        if classes is None:
            raise SpecError.at("type", "stratified needs classes, and this is a regression; write type: random")
        if len(single := np.flatnonzero(np.bincount(classes) == 1)):
            text = f"class number {single[0]} has a single row, which cannot be in two splits"
            raise SpecError.at("type", f"{text}; write type: random")
        return self

    def draw(self, pool: "np.ndarray", count: int, classes: "np.ndarray | None", generator: Any) -> "np.ndarray":
        """Largest remainders: whole rows by the share of each class, the rest to the largest fractions."""
        import numpy as np

        assert classes is not None
        labels = classes[pool]
        sizes = np.bincount(labels)
        exact = sizes * (count / len(pool))
        share = np.floor(exact).astype(int)
        share[np.argsort(share - exact, kind="stable")[: count - share.sum()]] += 1
        return np.concatenate(
            [generator.choice(pool[labels == label], size=share[label], replace=False) for label in range(len(sizes))]
        )


class Auto(SplitsSpec):
    """Stratified for classification where each class has ten rows or more, else random."""

    type: Literal["auto"] = "auto"

    def drawer(self, classes: "np.ndarray | None") -> SplitsSpec:
        """Decided once, by all rows that are not set aside."""
        import numpy as np

        enough = classes is not None and np.unique(classes, return_counts=True)[1].min() >= 10
        return Stratified() if enough else Random()
