"""The family of splits: which rows train, validate and test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic_core import PydanticCustomError

from dltrain.spec.family import Family
from dltrain.spec.problems import SpecError, one_of
from dltrain.splits.share import ColumnName as ColumnName
from dltrain.splits.share import Share, ShareField

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Splits:
    """Row ids of each split, integers, ascending; an absent split has none.

    Attributes:
        left_out: how many rows are in no split because what they predict reaches over a boundary.
    """

    train: "np.ndarray"
    validation: "np.ndarray"
    test: "np.ndarray"
    left_out: int = 0

    def items(self) -> "list[tuple[str, np.ndarray]]":
        """The splits that have rows, by name."""
        named = [("train", self.train), ("validation", self.validation), ("test", self.test)]
        return [(name, ids) for name, ids in named if len(ids)]

    @classmethod
    def of(cls, ids: "Mapping[str, np.ndarray]", *, left_out: int = 0) -> "Splits":
        """The splits of ids by name; those that are not named are empty."""
        import numpy as np

        empty = np.empty(0, "int64")
        train, validation, test = (ids.get(name, empty) for name in ("train", "validation", "test"))
        return cls(train, validation, test, left_out)

    def only(self, name: str) -> "Splits":
        """One split, the others empty."""
        return self.of(dict(item for item in self.items() if item[0] == name))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the ids of all splits."""
        import hashlib

        digest = hashlib.sha256()
        for name, ids in self.items():
            digest.update(f"{name} {len(ids)} ".encode() + ids.astype("<i8").tobytes())
        return digest.hexdigest()


SPAN = ("first time of the target", "last time of the target")
"""What rows that reach over some time call the columns with the bounds of what they predict."""

DIGESTS = "digests of the features"
"""What the column is called that holds a 64-bit hash of every row's features."""


@dataclass(frozen=True)
class Population:
    """The rows that splits are drawn from.

    Attributes:
        parts: the number of rows of each part of the dataset, in order.
        classes: the class index of every row, int (rows,); None for regression.
        columns: the columns that the split names, a value for every row; those of `SPAN`, where
            rows reach over some time; and `DIGESTS`.
    """

    parts: Mapping[str, int]
    classes: "np.ndarray | None" = None
    columns: "Mapping[str, np.ndarray]" = field(default_factory=dict)

    @property
    def ids(self) -> "dict[str, np.ndarray]":
        """The row ids of each part."""
        import numpy as np

        starts = np.cumsum([0, *self.parts.values()])
        kind = "int32" if starts[-1] < 2**31 else "int64"
        named = zip(self.parts.items(), starts, strict=False)
        return {name: np.arange(start, start + count, dtype=kind) for (name, count), start in named}

    def row(self, number: int) -> str:
        """What messages call the row with an id: ``row 17`` or ``test row 17``, from 1."""
        for name, ids in self.ids.items():
            if number <= ids[-1]:
                return f"{f'{name} ' if len(self.parts) > 1 else ''}row {number - ids[0] + 1}"
        raise IndexError(number)

    def only(self, ids: "np.ndarray") -> "Population":
        """These rows as the only part, counted anew from 0."""
        classes = None if self.classes is None else self.classes[ids]
        return Population({"train": len(ids)}, classes, {name: rows[ids] for name, rows in self.columns.items()})


@dataclass(frozen=True)
class Draw:
    """What a split is drawn from.

    Attributes:
        pool: row ids, ascending.
        count: how many rows are wanted of them.
        later: how many splits have to get rows of what is left, ``train`` among them.
        generator: decides chance.
    """

    pool: "np.ndarray"
    count: int
    later: int
    generator: Any


class SplitsSpec(Family):
    """Which rows train, validate and test.

    Attributes:
        validation: a share of the rows, to watch training and choose the best epoch by. By default
            what the dataset provides, else 0.1.
        test: a share of the rows, to score once at the end. By default what the dataset provides,
            else 0.2.

    A fraction is of the rows that the dataset does not set aside itself. ``none``: no such split.
    """

    noun: ClassVar[str] = "split"
    parts_equals: ClassVar[bool] = False
    """Whether rows with the same features are drawn one by one, so that they may come into different splits."""
    default_type: ClassVar[str | None] = "auto"

    validation: ShareField | None = None
    test: ShareField | None = None

    @classmethod
    def first_argument(cls) -> str:
        """None: it would not be clear which split a share alone is of."""
        text = "a share alone does not say of which split; write e.g. splits: {validation: 0.1, test: 0.2}"
        raise PydanticCustomError("no_argument", "{text}", {"text": text})

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """From a key that only one type has: ``folds``, ``group``, ``time`` or ``column``."""
        named = {"folds": "k_fold", "group": "group", "time": "time", "column": "column"}
        return next((name for key, name in named.items() if key in values), cls.default_type)

    @classmethod
    def _expand(cls, value: Any) -> tuple[str, Any, tuple[Any, ...]]:
        """``{group: patient, test: 0.2}`` is ``{type: group, column: patient, test: 0.2}``."""
        name, arguments, prefix = super()._expand(value)
        if name in ("group", "time") and isinstance(arguments, Mapping) and name in arguments:
            taken = "column" in arguments
            arguments = {"column" if key == name and not taken else key: item for key, item in arguments.items()}
        return name, arguments, prefix

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that it goes by."""
        return ()

    @property
    def group_column(self) -> str | None:
        """The column whose equal values belong together, where it is known."""
        return None

    @property
    def repeats(self) -> tuple[Self, ...]:
        """The splits of each run, where one experiment is several runs."""
        return ()

    @property
    def scatters(self) -> bool:
        """Whether rows that lie beside one another may be put into different splits."""
        return False

    def split(self, population: Population, *, seed: int) -> Splits:
        """Draws the splits.

        Args:
            population: the rows.
            seed: decides the draw.

        Raises:
            SpecError: a split would be empty, or asks for what the data does not have.
        """
        import numpy as np

        parts, chosen = population.ids, {}
        pool, counts = parts["train"], self.counts(population)
        generator = np.random.Generator(np.random.Philox(key=seed))
        drawer = self.drawer(population)
        for later, (key, count) in zip((2, 1), counts.items(), strict=True):
            if count is None:
                chosen[key] = parts[key]
            elif count:
                draw = Draw(pool, count, later if counts["validation"] else 1, generator)
                chosen[key] = np.sort(drawer.draw(draw, population))
                left = np.ones(len(pool), bool)
                left[np.searchsorted(pool, chosen[key])] = False
                pool = pool[left]
        return Splits.of({"train": pool, **chosen})

    def drawer(self, population: Population) -> "SplitsSpec":
        """The one that draws from these rows.

        Raises:
            SpecError: they cannot be split this way.
        """
        return self

    def draw(self, draw: Draw, population: Population) -> "np.ndarray":
        """The ids of a split, in any order."""
        raise NotImplementedError

    def counts(self, population: Population) -> dict[str, int | None]:
        """How many rows test and validation get; None where the dataset's own part is taken.

        Raises:
            SpecError: there is no such part, or nothing would be left to train on.
        """
        rows = population.parts
        counts = {key: self._count(key, getattr(self, key), rows) for key in ("test", "validation")}
        if rows["train"] <= (wanted := sum(count for count in counts.values() if count is not None)):
            text = f"validation and test take {wanted} of {rows['train']} rows and leave none to train on"
            raise SpecError.at("", f"{text}; lower them")
        return counts

    def _count(self, key: str, share: Share | None, rows: Mapping[str, int]) -> int | None:
        """How many rows to draw; None to take the dataset's own part."""
        if share == "provided" and key not in rows:
            raise SpecError.at(
                key, f"the dataset provides no {key} split, only {one_of(rows)}; write a fraction or none"
            )
        if share == "provided" or (share is None and key in rows):
            return None
        if share == "none":
            return 0
        share = {"test": 0.2, "validation": 0.1}[key] if share is None else share
        count = int(share) if isinstance(share, int) else round(float(share) * rows["train"])
        if not count:
            raise SpecError.at(key, f"{share} of {rows['train']} rows is none; take a larger fraction, or write none")
        return count
