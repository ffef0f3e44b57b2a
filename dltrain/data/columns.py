"""What a column holds: numbers, true and false, labels, dates or text.

A text is a number only where nothing is lost by reading it as one: ``00123`` and numbers of more
than 15 digits stay labels. No text counts as missing but the empty one and those that
`dataset.missing_values` names, so that ``NA`` may be a label.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.errors import DataError
from dltrain.signature import DATETIME_PARTS, STRING, Feature, FeatureKind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_INTEGER = r"^\s*[+-]?(0|[1-9][0-9]{0,14})\s*$"
_NUMBER = r"^\s*[+-]?((0|[1-9][0-9]{0,14})?{mark}[0-9]+|(0|[1-9][0-9]{0,14}){mark}?)([eE][+-]?[0-9]+)?\s*$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
TRUE = ("true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "t", "T", "1")
FALSE = ("false", "False", "FALSE", "no", "No", "NO", "n", "N", "f", "F", "0")

_MOST_LABELS = 1000
_WORDS_OF_TEXT = 4


@dataclass(frozen=True)
class Column:
    """A column and how it is read.

    Attributes:
        kind: what it holds.
        whole: for numbers, whether all seen are integers.
        format: of dates, as `strptime` takes it; None for ISO 8601.
    """

    name: str
    kind: FeatureKind
    whole: bool = False
    format: str | None = None

    @property
    def feature(self) -> Feature:
        """The input of a model that it becomes."""
        if self.kind in ("categorical", "text"):
            return Feature(name=self.name, kind=self.kind, dtype=STRING)
        shape = (len(DATETIME_PARTS),) if self.kind == "datetime" else ()
        dtype = "int32" if self.kind == "ids" else "float32"
        return Feature(name=self.name, kind=self.kind, dtype=dtype, shape=shape)


def describe(name: str, values: "pa.ChunkedArray", origin: str, *, mark: str = ".", untyped: bool) -> Column:
    """What the first values of a column show that it holds.

    Args:
        name: of the column.
        values: the first values, null where missing.
        origin: what messages call the file.
        mark: the decimal mark.
        untyped: whether numbers and truth values are texts too, as in CSV.

    Raises:
        DataError: it cannot be told; the message says what to write.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    values = values.drop_null()
    if not len(values):
        text = f"{origin}: column '{name}' has no value; leave it out with `dataset.ignore: [{name}]`"
        raise DataError(f"{text}, or say what it holds, such as `dataset.features: {{{name}: numeric}}`")
    if pa.types.is_boolean(kind):
        return Column(name, "boolean")
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Column(name, "numeric", whole=pa.types.is_integer(kind))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Column(name, "datetime")
    texts = as_text(values)
    if texts is None:
        text = f"{origin}: column '{name}' holds {kind}, which is neither a number, a text nor a date"
        raise DataError(f"{text}; leave it out with `dataset.ignore: [{name}]`")
    distinct = pc.unique(texts)
    if untyped and (number := _number(name, distinct, mark)):
        return number
    if untyped and pc.all(pc.is_in(pc.utf8_lower(distinct), pa.array(["true", "false"]))).as_py():
        return Column(name, "boolean")
    if pc.all(pc.match_substring_regex(distinct, _DATE)).as_py():
        return Column(name, "datetime")
    if untyped:
        _refuse_mixture(name, texts, distinct, origin, mark)
    return Column(name, _words(name, texts, distinct, origin))


def describe_target(name: str, values: "pa.ChunkedArray", *, mark: str, untyped: bool) -> Column:
    """The same for a target, which is numbers or labels."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Column(name, "numeric", whole=pa.types.is_integer(kind))
    texts = as_text(values.drop_null())
    number = _number(name, pc.unique(texts), mark) if untyped and texts is not None and len(texts) else None
    return number or Column(name, "categorical")


def as_text(values: "pa.ChunkedArray") -> "pa.ChunkedArray | None":
    """Texts, whatever Arrow calls them; None for anything else."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    return values if pa.types.is_string(kind) else None


def _number(name: str, distinct: "pa.Array", mark: str) -> Column | None:
    import pyarrow.compute as pc

    if pc.all(pc.match_substring_regex(distinct, _INTEGER)).as_py():
        return Column(name, "numeric", whole=True)
    return Column(name, "numeric") if pc.all(_numbers(distinct, mark)).as_py() else None


def _numbers(texts: "pa.Array", mark: str) -> "pa.Array":
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, _NUMBER.replace("{mark}", f"[{mark}]"))


def _refuse_mixture(name: str, texts: "pa.ChunkedArray", distinct: "pa.Array", origin: str, mark: str) -> None:
    """Numbers with a few words among them are numbers with a mark for missing ones, or a mistake."""
    import pyarrow.compute as pc

    others = distinct.filter(pc.invert(_numbers(distinct, mark)))
    numbers = len(distinct) - len(others)
    if numbers < 4 * len(others) or pc.mean(_numbers(texts, mark).cast("float32")).as_py() < 0.5:
        return
    odd = others[0].as_py()
    row = texts.to_pylist().index(odd) + 1
    quoted = repr(odd) if len(others) < 4 else f"{odd!r} and {len(others) - 1} other texts"
    raise DataError(
        f"{origin}: row {row}: column '{name}' holds numbers, but also {quoted[:80]}; "
        f"write `dataset.missing_values: [{odd!r}]` if it marks a missing value, mend the row, or write "
        f"`dataset.features: {{{name}: categorical}}`"
    )


def _words(name: str, texts: "pa.ChunkedArray", distinct: "pa.Array", origin: str) -> FeatureKind:
    import pyarrow.compute as pc

    if 2 * len(distinct) > len(texts) and _mean_words(texts) >= _WORDS_OF_TEXT:
        return "text"
    if len(distinct) > _MOST_LABELS and 2 * len(distinct) > len(texts):
        text = f"{origin}: column '{name}' has {len(distinct)} distinct values in {len(texts)} rows, like a name"
        raise DataError(
            f"{text} or a number of a person ({pc.max(distinct).as_py()[:40]!r}); leave it out with "
            f"`dataset.ignore: [{name}]`, or write `dataset.features: {{{name}: text}}` or `categorical`"
        )
    return "categorical"


def _mean_words(texts: "pa.ChunkedArray") -> float:
    import pyarrow.compute as pc

    blanks = pc.count_substring_regex(texts.slice(0, 10_000), r"\S\s+\S")
    return float(pc.mean(blanks).as_py()) + 1


def datetime_parts(values: "pa.Array") -> "np.ndarray":
    """Timestamps as the numbers of `DATETIME_PARTS`, float32 (rows, parts), NaN where missing."""
    import numpy as np
    import pyarrow.compute as pc

    functions = [pc.year, pc.month, pc.day, pc.day_of_week, pc.hour, pc.minute, pc.second]
    columns = [function(values).cast("float32").to_numpy(zero_copy_only=False) for function in functions]
    return np.stack(columns, axis=1)
