"""Columns that number rows or name them: nothing that holds for other rows can be learned from them."""

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dltrain.data.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

_FEWEST_ROWS = 20
_MOST_ROWS = 10_000
_NAMED = re.compile(r"([a-z]I[dD]|(^|[^a-zA-Z])([iI][dD]|ID|uuid|UUID|index|Index|key|Key)|^Unnamed: 0)$")
"""``id``, ``user_id``, ``PassengerId``; not ``humid``."""


def noted(column: Column, values: "pa.ChunkedArray") -> Column:
    """The column, with a note where it has another value in every row, as far as the first rows show.

    Labels are then identifiers, and whole numbers if they count up by one or if the name says so.

    Args:
        column: a feature.
        values: null where missing.
    """
    if not (column.whole or column.kind == "categorical"):
        return column
    return replace(column, note=_note(column.name, values, column.whole))


def _note(name: str, values: "pa.ChunkedArray", whole: bool) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    seen = values.slice(0, _MOST_ROWS)
    if len(seen) < _FEWEST_ROWS or seen.null_count or pc.count_distinct(seen).as_py() < len(seen):
        return ""
    if whole and not _NAMED.search(name):
        numbers = pc.utf8_trim_whitespace(seen).cast(pa.int64()) if pa.types.is_string(seen.type) else seen
        span = pc.min_max(numbers).as_py()
        if span["max"] - span["min"] != len(seen) - 1:
            return ""
    ignored = f"`dataset.ignore: [{json.dumps(name, ensure_ascii=False)}]`"
    return f"'{name}' has another value in every row, like a number or a name of the row; leave it out with {ignored}"
