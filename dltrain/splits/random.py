"""Splits that are drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dltrain.spec.problems import SpecError
from dltrain.splits.base import SplitsSpec

if TYPE_CHECKING:
    import numpy as np


class Random(SplitsSpec):
    """Each row has the same chance."""

    type: Literal["random"] = "random"

    def _draw(self, pool: np.ndarray, count: int, classes: np.ndarray | None, generator: Any) -> np.ndarray:
        drawn: np.ndarray = generator.choice(pool, size=count, replace=False)
        return drawn


class Stratified(SplitsSpec):
    """Each class has the same share in every split, to within a row."""

    type: Literal["stratified"] = "stratified"

    def _draw(self, pool: np.ndarray, count: int, classes: np.ndarray | None, generator: Any) -> np.ndarray:
        """Largest remainders: whole rows by the share of each class, the rest to the largest fractions."""
        import numpy as np

        if classes is None:
            raise SpecError.at("type", "stratified needs classes, and this is a regression; write type: random")
        labels = classes[pool]
        sizes = np.bincount(labels)
        if (smallest := sizes[sizes > 0].min()) < 2:
            rare = int(np.flatnonzero(sizes == smallest)[0])
            raise SpecError.at(
                "type", f"class number {rare} has a single row, which cannot be in two splits; write type: random"
            )
        exact = sizes * (count / len(pool))
        share = np.floor(exact).astype(int)
        share[np.argsort(share - exact, kind="stable")[: count - share.sum()]] += 1
        return np.concatenate(
            [generator.choice(pool[labels == label], size=share[label], replace=False) for label in range(len(sizes))]
        )


class Auto(SplitsSpec):
    """Stratified for classification where each class has ten rows or more, else random."""

    type: Literal["auto"] = "auto"

    def _draw(self, pool: np.ndarray, count: int, classes: np.ndarray | None, generator: Any) -> np.ndarray:
        import numpy as np

        if classes is None or np.unique(classes[pool], return_counts=True)[1].min() < 10:
            return Random()._draw(pool, count, classes, generator)
        return Stratified()._draw(pool, count, classes, generator)
