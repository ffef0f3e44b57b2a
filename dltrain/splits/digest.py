"""A 64-bit hash of every row, the same on every machine, in any order of rows or columns.

Numbers are hashed by their value as 64-bit floats, so that 1 and 1.0 are equal, texts by BLAKE2b, and
what has several values per row by its bytes. Each value goes through the finalizer of SplitMix64
(Steele, Lea and Flood 2014), keyed by its column; a row is the sum over its columns, finalized again.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SLICE_BYTES = 4_000_000


def digest(columns: "Mapping[str, np.ndarray]") -> "np.ndarray":
    """The hash of each row, uint64 (rows,), of columns (rows, ...)."""
    import numpy as np

    rows = len(next(iter(columns.values())))
    total, spare = np.zeros(rows, "uint64"), np.empty(rows, "uint64")
    for name, values in columns.items():
        bits = _values(values)
        bits ^= np.uint64(key(name))
        total += _mix(bits, spare)
    return _mix(total, spare)


def key(text: str) -> int:
    """64 bits that stand for a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def mixed(values: "np.ndarray") -> "np.ndarray":
    """SplitMix64's finalizer: every bit of the result depends on every bit of a value, uint64."""
    import numpy as np

    return _mix(values.copy(), np.empty_like(values))


def _mix(values: "np.ndarray", spare: "np.ndarray") -> "np.ndarray":
    """The same in the place of the values, which is sooner done; `spare` is overwritten."""
    import numpy as np

    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, None)):
        values ^= np.right_shift(values, np.uint64(shift), out=spare)
        if factor is not None:
            values *= np.uint64(factor)
    return values


def _values(values: "np.ndarray") -> "np.ndarray":
    """64 bits for each row of a column, in an array of their own."""
    import numpy as np

    if values.dtype.kind in "OUS":
        return _objects(values)
    if values.dtype.kind in "Mm":
        return values.astype("int64").view("uint64")
    if values.ndim == 1:
        return _canonical(values.astype("float64")).view("uint64")
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    step = max(1, _SLICE_BYTES // max(1, rows.shape[1] * rows.itemsize))
    parts = [_bytes(rows[start : start + step]) for start in range(0, len(rows), step)]
    return np.concatenate(parts) if parts else np.empty(0, "uint64")


def _canonical(values: "np.ndarray") -> "np.ndarray":
    """One form of zero, and one of what is no number, in the place of the values."""
    import numpy as np

    values += 0.0
    # A minimum tells whether there is any NaN, and infinities do no harm to it.
    if values.size and np.isnan(values.min()):
        values[np.isnan(values)] = np.nan
    return values


def _bytes(rows: "np.ndarray") -> "np.ndarray":
    """The bytes of each row, eight at a time, each with the key of its place."""
    import numpy as np

    if rows.dtype.kind == "f":
        rows = _canonical(rows.copy())
    rows = rows.astype(rows.dtype.newbyteorder("<"), copy=False).view("uint8").reshape(len(rows), -1)
    if missing := -rows.shape[1] % 8:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    words = np.ascontiguousarray(rows).view("<u8").astype("uint64", copy=False)
    places = (np.arange(words.shape[1], dtype="uint64") + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    total: np.ndarray = _mix(words ^ places, np.empty_like(words)).sum(axis=1, dtype="uint64")
    return total


def _objects(values: "np.ndarray") -> "np.ndarray":
    """Texts, each different one hashed once; and arrays whose shape differs from row to row."""
    import numpy as np

    if values.ndim > 1 or (len(values) and isinstance(values[0], np.ndarray)):
        return np.array([_object(row) for row in values], "uint64")
    import pyarrow as pa

    encoded = pa.array(values, pa.large_string()).dictionary_encode()
    keys = np.array([key(text or "") for text in encoded.dictionary.to_pylist()], "uint64")
    indices = encoded.indices.fill_null(len(keys)).to_numpy(zero_copy_only=False)
    found: np.ndarray = np.append(keys, np.uint64(key("")))[indices]
    return found


def _object(row: "np.ndarray") -> int:
    if row.dtype.kind in "OUS":
        return key("\0".join(map(str, row.reshape(-1).tolist())))
    described = f"{row.dtype.str.lstrip('<>|=')}{row.shape}".encode()
    data = row.astype(row.dtype.newbyteorder("<")).tobytes()
    return int.from_bytes(blake2b(described + data, digest_size=8).digest(), "little")
