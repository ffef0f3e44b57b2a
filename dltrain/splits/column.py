"""Splits that a column names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.spec.fields import Written
from dltrain.spec.problems import SpecError, one_of
from dltrain.spec.section import describe
from dltrain.splits.base import Population, Splits
from dltrain.splits.by_column import ColumnSplitsSpec
from dltrain.splits.random import Auto
from dltrain.splits.share import ColumnName

if TYPE_CHECKING:
    import numpy as np


def _names(value: Any) -> Any:
    """A value or a list of values, as text."""
    if isinstance(value, str) and value == "none":
        return value
    values = value if isinstance(value, list | tuple) else [value]
    if not values or not all(isinstance(item, (str, int, float)) for item in values):
        text = f"expected values of the column, such as [0, 1, 2], or none; got {describe(value)}"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return tuple(map(_name, values))


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _names_or_share(value: Any) -> Any:
    return value if isinstance(value, float) and 0 < value < 1 else _names(value)


_Value = str | int | float | bool
_Values = Written(_Value | Annotated[tuple[_Value, ...], Field(min_length=1)])


class ByColumn(ColumnSplitsSpec):
    """A column says for every row of every file in which split it is.

    Attributes:
        column: the column.
        train: its value in the rows to train on, or a list of values; by default ``train``.
        validation: the same for validation, by default ``validation`` or ``val``; or a fraction of
            the rows that are in train otherwise, drawn at random; or ``none``.
        test: the same for test, by default ``test``; or ``none``.
    """

    type: Literal["column"] = "column"
    column: ColumnName
    train: Annotated[Any, BeforeValidator(_names), _Values] = ("train",)
    validation: Annotated[Any, BeforeValidator(_names_or_share), _Values] = ("validation", "val")
    test: Annotated[Any, BeforeValidator(_names), _Values] = ("test",)

    def sizes(self, rows: Mapping[str, int | None]) -> dict[str, int]:
        """Not known before the column is read."""
        return {}

    def split(self, population: Population, *, seed: int) -> Splits:
        """As the column says."""
        import numpy as np

        texts = _texts(population.columns[self.column])
        share = self.validation if isinstance(self.validation, float) else None
        named = {name: values for name in ("train", "validation", "test") if (values := self._values(name))}
        self._check_values(texts, named, population)
        chosen = {name: np.flatnonzero(np.isin(texts, list(values))) for name, values in named.items()}
        for name, ids in chosen.items():
            if not len(ids):
                text = f"no row of column '{self.column}' says {one_of(map(repr, named[name]))}"
                raise SpecError.at(name, f"{text}; {self._remedy(name)}")
        if share is not None:
            train = chosen["train"]
            drawn = Auto(validation=share, test="none").split(population.only(train), seed=seed)
            chosen |= {"train": train[drawn.train], "validation": train[drawn.validation]}
        return Splits.of(chosen)

    def _values(self, name: str) -> Sequence[str]:
        values = getattr(self, name)
        return values if isinstance(values, tuple) else ()

    def _check_values(self, texts: "np.ndarray", named: dict[str, Sequence[str]], population: Population) -> None:
        """Refuses a value that stands for no split, or for two."""
        import numpy as np

        known = [value for values in named.values() for value in values]
        for value in known:
            if len(where := [name for name, values in named.items() if value in values]) > 1:
                raise SpecError.at(where[1], f"'{value}' stands for {where[0]} as well; keep one of the two")
        other = ~np.isin(texts, known)
        if other.any():
            row = int(other.argmax())
            text = f"{population.row(row)}: column '{self.column}' says '{texts[row][:40]}', which stands for no split"
            found = [text[:40] for text in dict.fromkeys(texts[other].tolist())]
            remedy = f"name with `train`, `validation` and `test` what stands for them: {one_of(found, 12)}"
            raise SpecError.at("column", f"{text}; {remedy}")

    def _remedy(self, name: str) -> str:
        if name == "train":
            return "name the values of the rows to train on, such as `train: [0, 1]`"
        other = "a fraction of the others, such as 0.1, or " if name == "validation" else ""
        return f"write {other}none"


def _texts(values: "np.ndarray") -> "np.ndarray":
    """Values as text; 1.0 is 1."""
    import numpy as np

    if values.dtype.kind == "f" and (values == np.floor(values)).all():
        values = values.astype("int64")
    texts = values.astype(str)
    return np.char.lower(texts) if values.dtype.kind == "b" else texts
