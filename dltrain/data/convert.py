"""Columns of files that know types of their own, such as Parquet, brought to the types that are asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dltrain.data.columns import FALSE, TRUE, as_text
from dltrain.data.reader import Place, misfit, noun_of
from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def without_marks(values: Any, missing_values: Sequence[str]) -> Any:
    """An array of Arrow with null for every value that `missing_values` or, among texts, nothing stands for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = as_text(values)
    if texts is not None:
        found = pc.is_in(texts, pa.array(["", *missing_values]))
        return pc.if_else(found, pa.scalar(None, pa.string()), texts) if pc.any(found).as_py() else texts
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        for mark in filter(_is_number, missing_values):
            found = pc.fill_null(pc.equal(values, float(mark)), False)
            values = pc.if_else(found, pa.scalar(None, values.type), values)
    return values


def converted(values: "pa.Array", kind: "pa.DataType", name: str, place: Place) -> "pa.Array":
    """A column as `kind`; texts stay texts where that is a timestamp.

    Args:
        values: the column.
        kind: what is asked for.
        name: of the column, for messages.
        place: where its rows stand.

    Raises:
        DataError: a value does not fit; the message names its row.
    """
    import pyarrow as pa

    texts = as_text(values)
    values = values if texts is None else texts
    if pa.types.is_null(values.type):
        return values.cast(kind)
    if pa.types.is_string(kind):
        return _as_text(values, name, place)
    if pa.types.is_boolean(kind):
        return _as_boolean(values, name, place)
    if pa.types.is_timestamp(kind):
        if texts is not None:
            return _as_text(values, name, place)
        if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)):
            text = f"column '{name}' holds {noun_of(values.type)}, and no dates; write another kind"
            raise DataError(f"{place.file}: {text}")
        return values.cast(kind, safe=False)
    return _cast(values, kind, name, place)


def _as_text(values: "pa.Array", name: str, place: Place) -> "pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    binary = pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type)
    try:
        texts = values.cast(pa.string()) if binary else _cast(values, pa.string(), name, place)
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(pa.binary()).to_pylist()
        index = next(index for index, text in enumerate(raw) if text is not None and not _is_utf8(text))
        raise DataError(f"{place.row(index)}: column '{name}' holds bytes that are no text in UTF-8") from None
    return texts


def _as_boolean(values: "pa.Array", name: str, place: Place) -> "pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(values.type):
        return values
    if pa.types.is_string(values.type):
        true, false = (pc.is_in(values, pa.array(words)) for words in (TRUE, FALSE))
    elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        true, false = (pc.fill_null(pc.equal(values, number), False) for number in (1, 0))
    else:
        return _cast(values, pa.bool_(), name, place)
    wrong = pc.and_(pc.invert(pc.or_(true, false)), values.is_valid())
    if pc.any(wrong).as_py():
        index = wrong.index(True).as_py()
        raise DataError(f"{place.row(index)}: {misfit(name, values[index].as_py(), pa.bool_())}")
    return pc.if_else(values.is_valid(), true, pa.scalar(None, pa.bool_()))


def _cast(values: "pa.Array", kind: "pa.DataType", name: str, place: Place) -> "pa.Array":
    import pyarrow as pa

    # A number loses digits as a 32-bit one, but no word becomes a number.
    safe = not pa.types.is_floating(kind)
    try:
        return values.cast(kind, safe=safe)
    except pa.ArrowNotImplementedError:
        text = f"column '{name}' holds {noun_of(values.type)}, which cannot be read as {noun_of(kind)}"
        raise DataError(f"{place.file}: {text}; leave it out") from None
    except pa.ArrowInvalid:
        for index in range(len(values)):
            try:
                values.slice(index, 1).cast(kind, safe=safe)
            except pa.ArrowInvalid:
                text = misfit(name, values[index].as_py(), kind)
                raise DataError(f"{place.row(index)}: {text}") from None
        raise


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeError:
        return False
    return True
