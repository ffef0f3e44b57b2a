"""What is to be done with each column of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dltrain.data.columns import Sighting, as_text
from dltrain.data.date_forms import without_other_dates
from dltrain.data.identifiers import noted
from dltrain.data.image_files import SUFFIXES
from dltrain.data.reader import noun_of
from dltrain.errors import DataError
from dltrain.proposal.dates import form_of

if TYPE_CHECKING:
    import pyarrow as pa

MARKS = ("?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "-", "--", ".", "missing")
"""Texts that usually stand for a missing value, where they are found among numbers."""
SURE_MARKS = frozenset(("?", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null"))
"""Those that stand for one among labels too: NA may be Namibia, and None a label."""

LOGARITHM = {"numeric": "log"}
"""The setting of numbers that reach over orders of magnitude."""

_MANY_LABELS = 50
_MOST_LABELS = 1000
_SPREAD = 20
"""So many times the median are one in a hundred where numbers reach over orders of magnitude."""
_GROUPS = re.compile(
    r"(?i)(^|[^a-z])(patient|subject|user|customer|client|person|speaker|household|session|device|machine|group)s?"
    r"([_ -]?(id|no|nr|number|name|key))?$"
)
_NAMED_ID = re.compile(r"([a-z]I[dD]|(^|[^a-zA-Z])([iI][dD]|ID|uuid|UUID))$")


@dataclass(frozen=True)
class Role:
    """A column and what is to be done with it.

    Attributes:
        name: of the column.
        kind: what it holds, as the user reads it.
        distinct: how many different values its first rows have.
        setting: what `dataset.features` says of it; None where nothing is to be said.
        comment: why it has the setting, or why it is left out.
        left_out: whether it is no feature.
        group: whether rows with the same value seem to belong together.
        form: of dates in another form than ISO 8601.
        complete: whether its first rows all have a value.
    """

    name: str
    kind: str
    distinct: int = 0
    setting: Any = None
    comment: str = ""
    left_out: bool = False
    group: bool = False
    form: str | None = None
    complete: bool = True


def marks_in(sightings: Iterable[Sighting]) -> dict[str, list[str]]:
    """Texts that stand for a missing value, each with the columns that have it."""
    found: dict[str, list[str]] = {}
    for sighting in sightings:
        for mark in _marks(sighting):
            found.setdefault(mark, []).append(sighting.name)
    return found


def _marks(sighting: Sighting) -> list[str]:
    import pyarrow.compute as pc

    if (texts := as_text(sighting.values.drop_null())) is None or not len(texts):
        return []
    present = set(pc.unique(texts).filter(pc.is_in(pc.unique(texts), _array(MARKS))).to_pylist())
    if not present:
        return []
    others = replace(sighting, values=texts.filter(pc.invert(pc.is_in(texts, _array(present)))))
    numbers = sighting.untyped and len(others.values) and others.describe_exact().kind == "numeric"
    return [mark for mark in MARKS if mark in present and (numbers or mark in SURE_MARKS)]


def role_of(sighting: Sighting) -> Role:
    """What a feature holds, and whether something can be learned from it."""
    import pyarrow.compute as pc

    there = sighting.values.drop_null()
    if not sighting.name:
        return _without(sighting, "unnamed", "has no name; row numbers are often written so")
    if not len(there):
        return _without(sighting, "empty", "holds no value")
    if as_text(there) is None and _described(sighting) is None:
        return _without(sighting, noun_of(there.type), f"holds {noun_of(there.type)}, which no feature can be made of")
    distinct = pc.count_distinct(there).as_py()
    if distinct == 1 and not sighting.values.null_count:
        return replace(_without(sighting, "constant", "has the same value in every row"), distinct=1)
    complete = not sighting.values.null_count
    if (form := _other_form(sighting)) is not None:
        setting, said = {"datetime": {"format": form}}, "the day or the month first? check this"
        return Role(sighting.name, "datetime", distinct, setting, said, form=form, complete=complete)
    return replace(_described(sighting) or _undescribed(sighting, distinct), distinct=distinct, complete=complete)


def _without(sighting: Sighting, kind: str, comment: str) -> Role:
    return Role(sighting.name, kind, comment=comment, left_out=True)


def _other_form(sighting: Sighting) -> str | None:
    try:
        without_other_dates(sighting)
    except DataError:
        return form_of(as_text(sighting.values.drop_null()))
    return None


def _described(sighting: Sighting) -> Role | None:
    """By the rules of the data; None where these refuse it."""
    import pyarrow.compute as pc

    try:
        column = noted(sighting.describe(), sighting.values)
    except DataError:
        return None
    if column.note:
        return _without(sighting, column.kind, "another value in every row: it numbers or names them")
    role, distinct = Role(sighting.name, column.kind), pc.count_distinct(sighting.values).as_py()
    if (column.whole or column.kind == "categorical") and _repeats(sighting, distinct):
        if _NAMED_ID.search(sighting.name):
            said = "tells who it is, which helps with nobody else; but see `splits`"
            return replace(role, left_out=True, group=True, comment=said)
        role = replace(role, group=bool(_GROUPS.search(sighting.name)))
    if column.kind == "categorical" and distinct > _MANY_LABELS:
        return replace(role, setting={"categorical": "embedding"}, comment=f"{distinct} labels: a vector for each")
    if column.kind == "numeric" and _spread(sighting.values):
        return replace(role, setting=LOGARITHM, comment="its values reach over orders of magnitude")
    return role


def _repeats(sighting: Sighting, distinct: int) -> bool:
    return distinct >= 10 and 2 * distinct <= len(sighting.values)


def _undescribed(sighting: Sighting, distinct: int) -> Role:
    """What the rules of the data cannot tell: numbers and words mixed, or a text that is another in most rows."""
    import pyarrow.compute as pc

    texts = as_text(sighting.values.drop_null())
    if pc.sum(pc.match_substring_regex(texts, rf"(?i)({'|'.join(SUFFIXES)})$".replace(".", "[.]"))).as_py() == len(
        texts
    ):
        said = "names of images: they can be the only feature, as `features: {<column>: image}`"
        return _without(sighting, "paths", said)
    if distinct <= _MOST_LABELS and 2 * distinct <= len(texts):
        said = "numbers with words among them, taken for labels"
        return Role(sighting.name, "categorical", setting="categorical", comment=said)
    return _without(sighting, "names", "another text in nearly every row, as names and codes have")


def _spread(values: pa.ChunkedArray) -> bool:
    """Whether positive numbers reach over orders of magnitude, as amounts of money do.

    Where most are 0, a logarithm would make all others nearly alike.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    there = values.drop_null()
    texts = as_text(there)
    numbers = there if texts is None else pc.utf8_trim_whitespace(texts)
    try:
        array = numbers.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return False
    array = array[np.isfinite(array)]
    if not len(array) or array.min() < 0:
        return False
    middle, high = np.quantile(array, [0.5, 0.99])
    return bool(0 < middle * _SPREAD < high)


def _array(texts: Iterable[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(list(texts), pa.string())
