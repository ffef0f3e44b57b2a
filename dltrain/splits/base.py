"""The family of splits: which rows train, validate and test."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic_core import PydanticCustomError

from dltrain.spec.family import Family
from dltrain.spec.problems import SpecError, one_of
from dltrain.splits.population import DIGESTS as DIGESTS
from dltrain.splits.population import SPAN as SPAN
from dltrain.splits.population import Draw as Draw
from dltrain.splits.population import Population as Population
from dltrain.splits.population import Splits as Splits
from dltrain.splits.share import ColumnName as ColumnName
from dltrain.splits.share import Share, ShareField

if TYPE_CHECKING:
    import numpy as np


_NAMED = {"folds": "k_fold", "group": "group", "time": "time", "column": "column"}
"""The type of a mapping that has this key."""


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
        return next((name for key, name in _NAMED.items() if key in values), cls.default_type)

    @classmethod
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """As `infer_type` goes by keys."""
        return {**{name: {"required": [key]} for key, name in _NAMED.items()}, "auto": {}}

    @classmethod
    def _expand(cls, value: Any) -> tuple[str, Any, tuple[Any, ...]]:
        """``{group: patient, test: 0.2}`` is ``{type: group, column: patient, test: 0.2}``."""
        name, arguments, prefix = super()._expand(value)
        spellings = getattr(cls.member(name), "spellings", {})
        if isinstance(arguments, Mapping) and not set(spellings.values()) & arguments.keys():
            arguments = {spellings.get(key, key): item for key, item in arguments.items()}
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

    def check_classes(self, classified: bool) -> None:
        """Raises SpecError where rows cannot be split this way by what the target is.

        Args:
            classified: whether every row has a class.
        """

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

    def sizes(self, rows: Mapping[str, int | None]) -> dict[str, int]:
        """How many rows each split gets, as far as that is known from the number of rows of each part.

        Raises:
            SpecError: as `counts` does.
        """
        known = {part: count for part, count in rows.items() if count is not None}
        if len(known) < len(rows):
            for key in ("validation", "test"):
                if getattr(self, key) == "provided":
                    self._count(key, "provided", dict.fromkeys(rows, 0))
            return {}
        counts = self.counts(Population(known))
        drawn = {key: known[key] if count is None else count for key, count in counts.items()}
        return {"train": known["train"] - sum(count or 0 for count in counts.values()), **drawn}

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
