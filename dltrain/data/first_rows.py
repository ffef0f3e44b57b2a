"""What the first rows of a table tell of its columns, in plain Python: the rules of `columns.py` on few values.

A test holds both equal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dltrain.data.columns import INTEGER, MOST_LABELS, NOT_FINITE, NUMBER, WORDS_OF_TEXT
from dltrain.data.date_forms import OTHER_FORM
from dltrain.data.dates import ISO
from dltrain.signature import FeatureKind, SeenTarget

_BLANKS = re.compile(r"\S\s+\S")


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a file.

    Attributes:
        values: of each column, None where missing.
        are_all: whether there are no other rows.
        untyped: whether numbers and truth values are texts too, as in CSV.
        mark: the decimal mark.
        total: the number of all rows, where it is known.
    """

    values: Mapping[str, Sequence[Any]]
    are_all: bool
    untyped: bool
    mark: str = "."
    total: int | None = None

    def kind(self, name: str) -> FeatureKind | None:
        """What a feature holds; None where these rows do not tell, or where reading all refuses it.

        Of texts that are neither numbers nor dates, some rows do not tell labels from sentences; both are
        ``categorical`` then.
        """
        there = [value for value in self.values[name] if value is not None]
        if not there:
            return None
        if not isinstance(there[0], str):
            return self._typed(there)
        distinct = set(there)
        if self.untyped and (found := self._in_texts(distinct)):
            return found
        if all(re.match(ISO, text) for text in distinct):
            return "datetime"
        few_numbers = sum(map(self._is_number, distinct)) * 2 < len(distinct)
        if all(re.match(OTHER_FORM, text) for text in distinct) or not (few_numbers or not self.untyped):
            return None
        return self._words(there, distinct)

    def target(self, name: str) -> SeenTarget:
        """What a target is seen to hold."""
        there = [value for value in self.values[name] if value is not None]
        seen = SeenTarget(name, shape=(), example=str(there[0]) if there else "")
        if not there or isinstance(there[0], bool | date):
            return seen
        if isinstance(there[0], str) and not self._numeric(set(there)):
            return self._texts(seen, there)
        numbers = [_number(value, self.mark) for value in there]
        distinct = sorted(set(numbers))
        whole = all(value.is_integer() for value in distinct)
        labels = tuple(str(int(value)) for value in distinct) if whole and self.are_all else None
        lowest = distinct[0] if self.are_all else None
        return replace(seen, holds="whole" if whole else "real", distinct=len(distinct), labels=labels, lowest=lowest)

    def _texts(self, seen: SeenTarget, there: Sequence[str]) -> SeenTarget:
        """Labels, unless they are dates, or numbers with a few words among them, which may be a mistake."""
        distinct = set(there)
        if any(map(self._is_number, distinct)) or all(re.match(ISO, text) for text in distinct):
            return seen
        labels = tuple(sorted(distinct)) if self.are_all else None
        return replace(seen, holds="text", distinct=len(distinct), labels=labels)

    def _in_texts(self, distinct: set[str]) -> FeatureKind | None:
        if self._numeric(distinct):
            return "numeric"
        return "boolean" if all(text.lower() in ("true", "false") for text in distinct) else None

    def _numeric(self, distinct: set[str]) -> bool:
        if not self.untyped:
            return False
        finite = [text for text in distinct if self._is_number(text)]
        others = distinct.difference(finite)
        return bool(finite) and all(re.match(NOT_FINITE, text) for text in others)

    def _is_number(self, text: str) -> bool:
        return bool(re.match(INTEGER, text) or re.match(NUMBER.replace("{mark}", f"[{self.mark}]"), text))

    def _typed(self, there: Sequence[Any]) -> FeatureKind | None:
        if all(isinstance(value, bool) for value in there):
            return "boolean"
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
            return "numeric"
        return "datetime" if all(isinstance(value, date) for value in there) else None

    def _words(self, there: Sequence[str], distinct: set[str]) -> FeatureKind | None:
        mostly_distinct = 2 * len(distinct) > len(there)
        words = 1 + sum(len(_BLANKS.findall(text)) for text in there) / len(there)
        if not self.are_all or not mostly_distinct:
            return "categorical"
        return "text" if words >= WORDS_OF_TEXT else None if len(distinct) > MOST_LABELS else "categorical"


def _number(value: Any, mark: str) -> float:
    return float(value.strip().replace(mark, ".")) if isinstance(value, str) else float(value)
