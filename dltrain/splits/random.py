"""Splits that are drawn at random."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.spec.problems import SpecError
from dltrain.splits.base import SPAN, Draw, Population, Splits, SplitsSpec

if TYPE_CHECKING:
    import numpy as np


class Random(SplitsSpec):
    """Each row has the same chance."""

    type: Literal["random"] = "random"
    parts_equals: ClassVar[bool] = True

    @property
    def scatters(self) -> bool:
        """Where it draws anything."""
        return not {self.validation, self.test} <= {"provided", "none"}

    def draw(self, draw: Draw, population: Population) -> "np.ndarray":
        """Any of them."""
        drawn: np.ndarray = draw.generator.choice(draw.pool, size=draw.count, replace=False)
        return drawn


class Stratified(SplitsSpec):
    """Each class has the same share in every split, to within a row."""

    type: Literal["stratified"] = "stratified"
    parts_equals: ClassVar[bool] = True

    @property
    def scatters(self) -> bool:
        """Where it draws anything."""
        return not {self.validation, self.test} <= {"provided", "none"}

    def check_classes(self, classified: bool) -> None:
        """Refuses numbers."""
        if not classified:
            text = "stratified needs a class for each row, and the target has none; write type: random"
            raise SpecError.at("type", text)

    def drawer(self, population: Population) -> SplitsSpec:
        """Itself, where each class has two rows or more."""
        import numpy as np

        self.check_classes(population.classes is not None)
        assert population.classes is not None
        classes = population.classes[population.ids["train"]]
        if len(single := np.flatnonzero(np.bincount(classes) == 1)):
            text = f"class number {single[0]} has a single row, which cannot be in two splits"
            raise SpecError.at("type", f"{text}; write type: random")
        return self

    def draw(self, draw: Draw, population: Population) -> "np.ndarray":
        """Largest remainders: whole rows by the share of each class, the rest to the largest fractions."""
        import numpy as np

        assert population.classes is not None
        labels = population.classes[draw.pool]
        sizes = np.bincount(labels)
        exact = sizes * (draw.count / len(draw.pool))
        share = np.floor(exact).astype(int)
        share[np.argsort(share - exact, kind="stable")[: draw.count - share.sum()]] += 1
        return np.concatenate(
            [
                draw.generator.choice(draw.pool[labels == label], size=share[label], replace=False)
                for label in range(len(sizes))
            ]
        )


class Auto(SplitsSpec):
    """By time for windows of a series; stratified where each class has ten rows or more; else random."""

    type: Literal["auto"] = "auto"
    parts_equals: ClassVar[bool] = True

    def split(self, population: Population, *, seed: int) -> Splits:
        """Windows that overlap must not be drawn one by one, or training would see what is scored."""
        if SPAN[0] not in population.columns:
            return super().split(population, seed=seed)
        shares = {"validation": self.validation, "test": self.test}
        return SplitsSpec.choose({"type": "time", **shares}).split(population, seed=seed)

    def drawer(self, population: Population) -> SplitsSpec:
        """Decided once, by all rows that are not set aside."""
        import numpy as np

        classes = None if population.classes is None else population.classes[population.ids["train"]]
        enough = classes is not None and np.unique(classes, return_counts=True)[1].min() >= 10
        return Stratified() if enough else Random()
