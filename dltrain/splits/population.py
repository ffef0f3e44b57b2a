"""The rows that splits are drawn from, and the splits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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


_NAMED = {"folds": "k_fold", "group": "group", "time": "time", "column": "column"}
"""The type of a mapping that has this key."""
