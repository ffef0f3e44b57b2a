"""The family of splits: which rows train, validate and test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from dltrain.spec.family import Family
from dltrain.spec.problems import SpecError, one_of
from dltrain.spec.section import describe

if TYPE_CHECKING:
    import numpy as np

Share = float | int | str
"""A fraction of the rows, a number of rows, ``provided`` or ``none``."""


def _share(value: Any) -> Share:
    if isinstance(value, str) and value in ("provided", "none"):
        return str(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and ((isinstance(value, float) and 0 < value < 1) or (isinstance(value, int) and value >= 1)):
        return value
    hint = "; write none for no such split" if value in (0, None, False) else ""
    text = f"expected a fraction between 0 and 1, a number of rows, provided or none; got {describe(value)}{hint}"
    raise PydanticCustomError("setting", "{text}", {"text": text})


ShareField = Annotated[Any, BeforeValidator(_share)]


@dataclass(frozen=True)
class Splits:
    """Row ids of each split, int64, ascending; an absent split has none."""

    train: "np.ndarray"
    validation: "np.ndarray"
    test: "np.ndarray"

    def items(self) -> "list[tuple[str, np.ndarray]]":
        """The splits that have rows, by name."""
        named = [("train", self.train), ("validation", self.validation), ("test", self.test)]
        return [(name, ids) for name, ids in named if len(ids)]

    @classmethod
    def of(cls, ids: "Mapping[str, np.ndarray]") -> "Splits":
        """The splits of ids by name; those that are not named are empty."""
        import numpy as np

        return cls(*(ids.get(name, np.empty(0, "int64")) for name in ("train", "validation", "test")))

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


@dataclass(frozen=True)
class Population:
    """The rows that splits are drawn from.

    Attributes:
        parts: the number of rows of each part of the dataset, in order.
        classes: the class index of every row, int (rows,); None for regression.
        columns: the columns that the split names, a value for every row; and those of `SPAN`, where
            rows reach over some time.
    """

    parts: Mapping[str, int]
    classes: "np.ndarray | None" = None
    columns: "Mapping[str, np.ndarray]" = field(default_factory=dict)


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
    default_type: ClassVar[str | None] = "auto"

    validation: ShareField | None = None
    test: ShareField | None = None

    @classmethod
    def first_argument(cls) -> str:
        """None: it would not be clear which split a share alone is of."""
        text = "a share alone does not say of which split; write e.g. splits: {validation: 0.1, test: 0.2}"
        raise PydanticCustomError("no_argument", "{text}", {"text": text})

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that it goes by."""
        return ()

    def split(self, population: Population, *, seed: int) -> Splits:
        """Draws the splits.

        Args:
            population: the rows.
            seed: decides the draw.

        Raises:
            SpecError: a split would be empty, or asks for what the data does not have.
        """
        import numpy as np

        rows, classes = population.parts, population.classes
        starts = dict(zip(rows, np.cumsum([0, *rows.values()]), strict=False))
        parts = {name: np.arange(starts[name], starts[name] + count) for name, count in rows.items()}
        pool, chosen = parts["train"], {}
        generator = np.random.Generator(np.random.Philox(key=seed))
        drawer = self.drawer(None if classes is None else classes[pool])
        counts = {key: self._count(key, getattr(self, key), rows) for key in ("test", "validation")}
        if len(pool) <= (wanted := sum(count for count in counts.values() if count is not None)):
            raise SpecError.at(
                "", f"validation and test take {wanted} of {len(pool)} rows and leave none to train on; lower them"
            )
        for key, count in counts.items():
            if count is None:
                chosen[key] = parts[key]
            else:
                chosen[key] = np.sort(drawer.draw(pool, count, classes, generator)) if count else pool[:0]
                pool = np.setdiff1d(pool, chosen[key], assume_unique=True)
        return Splits(pool, chosen["validation"], chosen["test"])

    def drawer(self, classes: "np.ndarray | None") -> "SplitsSpec":
        """The one that draws from rows of these class indices.

        Raises:
            SpecError: these rows cannot be split this way.
        """
        return self

    def draw(self, pool: "np.ndarray", count: int, classes: "np.ndarray | None", generator: Any) -> "np.ndarray":
        """`count` ids out of `pool`; `classes` are those of all rows."""
        raise NotImplementedError

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
