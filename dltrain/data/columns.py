"""What a column holds: numbers, true and false, labels, dates or text.

A text is a number only where nothing is lost by reading it as one: ``00123`` and numbers of more
than 15 digits stay labels. No text counts as missing but the empty one and those that
`dataset.missing_values` names, so that ``NA`` may be a label.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dltrain.data.dates import ISO
from dltrain.data.reader import Place, noun_of, yaml_key
from dltrain.errors import DataError
from dltrain.signature import DATETIME_PARTS, STRING, Feature, FeatureKind

if TYPE_CHECKING:
    import pyarrow as pa

INTEGER = r"^\s*[+-]?(0|[1-9][0-9]{0,14})\s*$"
NUMBER = r"^\s*[+-]?((0|[1-9][0-9]{0,14})?{mark}[0-9]+|(0|[1-9][0-9]{0,14}){mark}?)([eE][+-]?[0-9]+)?\s*$"
NOT_FINITE = r"^\s*[+-]?([nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)\s*$"
TRUE = ("true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "t", "T", "1")
FALSE = ("false", "False", "FALSE", "no", "No", "NO", "n", "N", "f", "F", "0")

MOST_LABELS = 1000
WORDS_OF_TEXT = 4


@dataclass(frozen=True)
class Column:
    """A column and how it is read.

    Attributes:
        kind: what it holds.
        whole: for numbers, whether all seen are integers.
        format: of dates, as `strptime` takes it; None for ISO 8601.
        note: what the user should know of it; empty where nothing.
    """

    name: str
    kind: FeatureKind
    whole: bool = False
    format: str | None = None
    note: str = ""

    @property
    def feature(self) -> Feature:
        """The input of a model that it becomes."""
        if self.kind in ("categorical", "text"):
            return Feature(name=self.name, kind=self.kind, dtype=STRING)
        shape = (len(DATETIME_PARTS),) if self.kind == "datetime" else ()
        dtype = "int32" if self.kind == "ids" else "float32"
        return Feature(name=self.name, kind=self.kind, dtype=dtype, shape=shape)


@dataclass(frozen=True)
class Sighting:
    """The first values of a column.

    Attributes:
        name: of the column.
        values: null where missing.
        file: what messages call the file.
        mark: the decimal mark.
        untyped: whether numbers and truth values are texts too, as in CSV.
    """

    name: str
    values: "pa.ChunkedArray"
    file: str
    mark: str
    untyped: bool

    def describe(self) -> Column:
        """What a feature is seen to hold.

        Raises:
            DataError: it cannot be told; the message says what to write.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if not (there := self._decoded().drop_null()):
            remedy = f"or say what it holds, such as `dataset.features: {{{yaml_key(self.name)}: numeric}}`"
            raise DataError(f"{self.file}: column '{self.name}' has no value; {self._ignored}, {remedy}")
        if typed := self._typed(there.type):
            return typed
        if (texts := as_text(there)) is None:
            text = f"holds {noun_of(there.type)}, and neither numbers, texts nor dates"
            raise DataError(f"{self.file}: column '{self.name}' {text}; {self._ignored}")
        distinct = pc.unique(texts)
        if self.untyped and (number := self._number(distinct)):
            return number
        if self.untyped and _all(pc.is_in(pc.utf8_lower(distinct), pa.array(["true", "false"]))):
            return Column(self.name, "boolean")
        if _all(pc.match_substring_regex(distinct, ISO)):
            return Column(self.name, "datetime")
        if self.untyped:
            self._refuse_mixture(distinct)
        return Column(self.name, self._words(texts, distinct))

    def describe_exact(self) -> Column:
        """What a column is seen to hold that keeps its own precision: numbers, or labels."""
        import pyarrow.compute as pc

        there = self._decoded().drop_null()
        typed = self._typed(there.type)
        if typed and typed.kind == "numeric":
            return typed
        texts = as_text(there)
        if not self.untyped or texts is None or not len(texts):
            return Column(self.name, "categorical")
        return self._number(pc.unique(texts)) or Column(self.name, "categorical")

    def describe_target(self) -> Column:
        """The same for a target.

        Raises:
            DataError: it is dates, or numbers with a few words among them.
        """
        import pyarrow.compute as pc

        found = self.describe_exact()
        there = self._decoded().drop_null()
        texts, typed = as_text(there), self._typed(there.type)
        if found.kind == "numeric" or not len(there) or (texts is None and typed is None):
            return found
        if (typed and typed.kind == "datetime") or (texts is not None and _all(pc.match_substring_regex(texts, ISO))):
            text = f"{self.file}: the target '{self.name}' holds dates such as {str(there[0])!r}"
            raise DataError(f"{text}; it must be numbers or labels")
        if self.untyped:
            distinct = pc.unique(texts)
            # Whole numbers with a word among them may be labels, such as routes.
            if pc.any(pc.match_substring(distinct.filter(self._numbers(distinct)), self.mark)).as_py():
                self._refuse_mixture(distinct, target=True)
            elif others := self._others(distinct):
                text = (
                    f"the target '{self.name}' holds numbers, but also {_shown(others)}, as in {self._row(others[0])}"
                )
                return replace(
                    found, note=f"{text}, so its values are classes; mend or drop such rows if it is a number"
                )
        return found

    @property
    def _ignored(self) -> str:
        import json

        return f"leave it out with `dataset.ignore: [{json.dumps(self.name, ensure_ascii=False)}]`"

    def _decoded(self) -> "pa.ChunkedArray":
        import pyarrow as pa

        kind = self.values.type
        return self.values.cast(kind.value_type) if pa.types.is_dictionary(kind) else self.values

    def _typed(self, kind: "pa.DataType") -> Column | None:
        """What a type says that is no text."""
        import pyarrow as pa

        if pa.types.is_boolean(kind):
            return Column(self.name, "boolean")
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return Column(self.name, "numeric", whole=pa.types.is_integer(kind))
        return Column(self.name, "datetime") if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else None

    def _number(self, distinct: "pa.Array") -> Column | None:
        import pyarrow.compute as pc

        if _all(pc.match_substring_regex(distinct, INTEGER)):
            return Column(self.name, "numeric", whole=True)
        # Not finite ones are numbers only among numbers; they are refused or replaced later.
        finite = self._numbers(distinct)
        numbers = pc.or_(finite, pc.match_substring_regex(distinct, NOT_FINITE))
        return Column(self.name, "numeric") if _all(numbers) and pc.any(finite).as_py() else None

    def _numbers(self, texts: Any) -> Any:
        import pyarrow.compute as pc

        return pc.match_substring_regex(texts, NUMBER.replace("{mark}", f"[{self.mark}]"))

    def _refuse_mixture(self, distinct: "pa.Array", *, target: bool = False) -> None:
        """Numbers with a few words among them are numbers with a mark for missing ones, or a mistake."""
        import json

        if not (others := self._others(distinct)):
            return
        odd = others[0]
        mark = f"`dataset.missing_values: [{json.dumps(odd[:40], ensure_ascii=False)}]` if it marks a missing value"
        labels = f"write {mark}, mend the row, or write `dataset.features: {{{yaml_key(self.name)}: categorical}}`"
        remedy = "mend or drop the row" if target else labels
        raise DataError(f"{self._row(odd)}: column '{self.name}' holds numbers, but also {_shown(others)}; {remedy}")

    def _others(self, distinct: "pa.Array") -> list[str]:
        """The few words among numbers; none where these are few themselves."""
        import pyarrow.compute as pc

        others = distinct.filter(pc.invert(self._numbers(distinct)))
        share = pc.mean(self._numbers(self.values).cast("float32")).as_py()
        found: list[str] = others.to_pylist()
        return found if len(distinct) - len(others) >= 4 * len(others) and share >= 0.5 else []

    def _row(self, text: str) -> str:
        """The first row that holds a text."""
        return Place(self.file).row(self.values.index(text).as_py())

    def _words(self, texts: "pa.ChunkedArray", distinct: "pa.Array") -> FeatureKind:
        import pyarrow.compute as pc

        mostly_distinct = 2 * len(distinct) > len(texts)
        if mostly_distinct and _mean_words(texts) >= WORDS_OF_TEXT:
            return "text"
        if mostly_distinct and len(distinct) > MOST_LABELS:
            key, example = yaml_key(self.name), pc.max(distinct).as_py()[:40]
            text = f"{self.file}: column '{self.name}' has {len(distinct)} distinct values in {len(texts)} rows"
            remedy = f"{self._ignored}, or write `dataset.features: {{{key}: text}}` or `{{{key}: categorical}}`"
            raise DataError(f"{text}, like a name or a number of a person ({example!r}); {remedy}")
        return "categorical"


def _shown(texts: list[str]) -> str:
    more = f" and {len(texts) - 1} other text" + "s" * (len(texts) > 2) if len(texts) > 1 else ""
    return f"{texts[0][:40]!r}{more}"


def as_text(values: Any) -> Any:
    """An array of texts, whatever Arrow calls them; None for anything else."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    return values if pa.types.is_string(kind) else None


def _all(found: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(found).as_py())


def _mean_words(texts: "pa.ChunkedArray") -> float:
    import pyarrow.compute as pc

    blanks = pc.count_substring_regex(texts.slice(0, 10_000), r"\S\s+\S")
    return float(pc.mean(blanks).as_py()) + 1
