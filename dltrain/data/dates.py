"""Dates and times in texts, and the numbers that a model takes of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dltrain.data.reader import Place, yaml_key
from dltrain.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
"""Dates as 2024-12-31, with or without a time, a fraction of a second and a zone."""


def parsed(texts: "pa.Array", format: str | None, name: str, place: Place, *, remedy: str = "") -> "pa.Array":
    """Texts as timestamps in microseconds; those with a zone in UTC.

    Args:
        texts: null where missing.
        format: as `strptime` takes it; None for ISO 8601.
        name: of the column, for messages.
        place: where the rows stand.
        remedy: the setting that says another format.

    Raises:
        DataError: a text is no such date; the message names its row.
    """
    import pyarrow as pa

    found = None if format else _iso(texts)
    if found is not None:
        return found
    # Arrow's own strptime takes 31 February for 2 March; each distinct text is parsed once.
    codes = texts.dictionary_encode()
    moments = [_moment(text, format) for text in codes.dictionary.to_pylist()]
    found = pa.array(moments, pa.timestamp("us")).take(codes.indices)
    if found.null_count > texts.null_count:
        wrong = next(index for index in range(len(texts)) if texts[index].is_valid and not found[index].is_valid)
        shown, wanted = texts[wrong].as_py()[:40], f"as {format!r}" if format else "like 2024-12-31 or 2024-12-31 23:59"
        remedy = remedy or f"`dataset.features: {{{yaml_key(name)}: {{datetime: {{format: ...}}}}}}`"
        text = f"column '{name}' holds {shown!r}, which is no date {wanted}; mend it, or write {remedy}"
        raise DataError(f"{place.row(wrong)}: {text}")
    return found


def _iso(texts: "pa.Array") -> "pa.Array | None":
    """All texts at once, where they are alike in having a zone or none."""
    import pyarrow as pa

    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return texts.cast(kind).cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            continue
    return None


def _moment(text: str | None, format: str | None) -> datetime | None:
    try:
        if text is None:
            return None
        found = datetime.strptime(text, format) if format else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def datetime_parts(values: "pa.Array") -> "np.ndarray":
    """Timestamps as the numbers of `DATETIME_PARTS`, float32 (rows, parts), NaN where missing."""
    import numpy as np
    import pyarrow.compute as pc

    functions = [pc.year, pc.month, pc.day, pc.day_of_week, pc.hour, pc.minute, pc.second]
    columns = [function(values).cast("float32").to_numpy(zero_copy_only=False) for function in functions]
    return np.stack(columns, axis=1)
