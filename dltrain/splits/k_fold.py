"""Cross-validation: every row is a test row of one run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.spec.problems import SpecError
from dltrain.splits.base import Population, Splits, SplitsSpec
from dltrain.splits.share import ColumnName

if TYPE_CHECKING:
    import numpy as np

_MOST_COUNTS = 50_000_000


def _no_test(value: Any) -> None:
    if value is not None:
        text = "every fold is the test rows of one run, so there is no share to set; delete it"
        raise PydanticCustomError("setting", "{text}", {"text": text})


class KFold(SplitsSpec):
    """As many runs as folds, each with one fold as its test rows.

    Folds have the same size to within a row, and with classes the same number of rows of each class to
    within a row. Rows that the dataset provides for test are left out of all runs, for a last score of
    the finished experiment; those that it provides for validation are used in each.

    Attributes:
        folds: how many runs.
        group: a column whose rows with the same value stay in one fold; folds are then as nearly alike
            as groups allow.
        fold: the only one to run, from 1; by default all.
        validation: a share of the rows outside of the fold.
        test: cannot be set.
    """

    type: Literal["k_fold"] = "k_fold"
    folds: Annotated[int, Field(ge=2, le=1000)] = 5
    group: ColumnName | None = None
    fold: Annotated[int, Field(ge=1, le=1000)] | None = None
    test: Annotated[None, BeforeValidator(_no_test)] = None

    @classmethod
    def first_argument(cls) -> str:
        """The number of folds."""
        return "folds"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of groups."""
        return () if self.group is None else (self.group,)

    @property
    def group_column(self) -> str | None:
        """The column of groups."""
        return self.group

    @property
    def scatters(self) -> bool:
        """Where no column holds rows together."""
        return self.group is None

    @property
    def repeats(self) -> tuple[Self, ...]:
        """The same with each fold."""
        if self.fold is not None:
            return ()
        return tuple(self.model_copy(update={"fold": fold}) for fold in range(1, self.folds + 1))

    @model_validator(mode="after")
    def _known_fold(self) -> Self:
        if self.fold is not None and self.fold > self.folds:
            text = f"there is no fold {self.fold} of {self.folds}; write a number from 1 to {self.folds}"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    def sizes(self, rows: Mapping[str, int | None]) -> dict[str, int]:
        """Not known before the rows are read."""
        return {}

    def split(self, population: Population, *, seed: int) -> Splits:
        """Of the fold's run; without a fold, that of the first."""
        import numpy as np

        parts = population.ids
        pool, place = parts["train"], (self.fold or 1) - 1
        folds = self._folds(population.only(pool), np.random.Generator(np.random.Philox(key=seed)))
        rest, test = pool[folds != place], pool[folds == place]
        if self._count("validation", self.validation, {**population.parts, "train": len(rest)}) is None:
            return Splits(rest, parts["validation"], test)
        drawn = self._inner().split(population.only(rest), seed=seed)
        return Splits(rest[drawn.train], rest[drawn.validation], test)

    def _inner(self) -> SplitsSpec:
        """What draws the validation rows from those outside of the fold."""
        shares = {"validation": 0.1 if self.validation is None else self.validation, "test": "none"}
        if self.group is None:
            return SplitsSpec.choose({"type": "auto", **shares})
        return SplitsSpec.choose({"type": "group", "column": self.group, **shares})

    def _folds(self, population: Population, generator: Any) -> "np.ndarray":
        """The fold of every row, from 0."""
        import numpy as np

        rows = population.parts["train"]
        labels = np.zeros(rows, int) if population.classes is None else population.classes
        if population.classes is not None and len(single := np.flatnonzero(np.bincount(labels) == 1)):
            text = f"class number {single[0]} has a single row, which cannot be trained on while it is tested"
            raise SpecError.at("", f"{text}; drop it, or write another type")
        if self.group is not None:
            return self._grouped(population.columns[self.group], labels, generator)
        if rows < self.folds:
            raise SpecError.at("folds", f"{self.folds} folds need {self.folds} rows, and there are {rows}")
        order = generator.permutation(rows)
        folds = np.empty(rows, int)
        folds[order[np.argsort(labels[order], kind="stable")]] = np.arange(rows) % self.folds
        return folds

    def _grouped(self, values: "np.ndarray", labels: "np.ndarray", generator: Any) -> "np.ndarray":
        """Each group, the largest first, in the fold that has the least of what it brings."""
        import numpy as np

        _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
        if len(sizes) < self.folds:
            text = f"{self.folds} folds need {self.folds} groups, and column '{self.group}' has {len(sizes)}"
            raise SpecError.at("folds", text)
        classes = int(labels.max()) + 1
        if len(sizes) * classes > _MOST_COUNTS:
            labels, classes = np.zeros_like(labels), 1
        counts = np.bincount(group * classes + labels, minlength=len(sizes) * classes).reshape(-1, classes)
        shares = counts / np.maximum(1, counts.sum(axis=0))
        held, rows, fold = np.zeros((self.folds, classes)), np.zeros(self.folds), np.empty(len(sizes), int)
        order = generator.permutation(len(sizes))
        for index in order[np.argsort(-sizes[order], kind="stable")]:
            fold[index] = best = np.lexsort((rows, held @ counts[index]))[0]
            held[best] += shares[index]
            rows[best] += sizes[index]
        return fold[group]
