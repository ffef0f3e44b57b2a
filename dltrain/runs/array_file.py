"""Arrays as safetensors without a copy of them: pieces to write, views of what was read.

The library reads these files, and this module those of the library. The library itself copies every array when it
writes, and cannot give all of these types to NumPy. The format: 8 bytes with the header's length, the header in JSON,
the bytes of all arrays one after the other (https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_CODES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e8m0fnu": "F8_E8M0",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "uint16": "U16",
    "int16": "I16",
    "float16": "F16",
    "bfloat16": "BF16",
    "uint32": "U32",
    "int32": "I32",
    "float32": "F32",
    "uint64": "U64",
    "int64": "I64",
    "float64": "F64",
    "complex64": "C64",
}
_NAMES = {code: name for name, code in _CODES.items()}
_ALIGNMENT = 64
_MOST_HEADER = 8 << 20
"""Room for 80,000 arrays; Python's objects take up to 24 times as much memory as their JSON."""
_MOST_AXES = 64
"""NumPy's own limit."""


def pieces(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> list[np.ndarray]:
    """What a file holds, in order: the header, then the arrays from wide items to narrow, so that each is aligned.

    Returns:
        Arrays of bytes `(length,)`. Those of contiguous arrays are views of them.

    Raises:
        ValueError: safetensors does not hold an array's type, or not as many arrays.
    """
    import numpy as np

    entries: dict[str, Any] = {"__metadata__": dict(metadata)}
    data, end = [], 0
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize):
        code = _CODES.get(array.dtype.name)
        if code is None or name == "__metadata__":
            raise ValueError(f"safetensors holds no array '{name}' of type {array.dtype}")
        begin, end = end, end + array.nbytes
        entries[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [begin, end]}
        data.append(_bytes(array))
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-(len(header) + 8) % _ALIGNMENT)
    if len(header) > _MOST_HEADER:
        raise ValueError(f"safetensors does not hold {len(arrays):,} arrays")
    return [np.frombuffer(len(header).to_bytes(8, "little") + header, np.uint8), *data]


def _bytes(array: np.ndarray) -> np.ndarray:
    import numpy as np

    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def views(content: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays that a file's bytes `(length,)` hold, and its metadata.

    No memory is taken for what the header declares: every array is a view of the bytes, or refused.

    Raises:
        ValueError: this is no such file; each byte must belong to the header or to one array.
    """
    size = int.from_bytes(content[:8].tobytes(), "little")
    if len(content) < 8 or size > min(len(content) - 8, _MOST_HEADER):
        raise ValueError("it has no header")
    try:
        entries = json.loads(content[8 : 8 + size].tobytes())
    except (ValueError, RecursionError):
        raise ValueError("its header is not JSON") from None
    data = content[8 + size :]
    if not isinstance(entries, dict):
        raise ValueError("its header is not a table of arrays")
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise ValueError("its metadata are not a table")
    places = {name: _place(name, entry) for name, entry in entries.items()}
    end = 0
    for begin, stop in sorted(places.values()):
        if begin != end:
            raise ValueError("its arrays overlap or leave bytes out")
        end = stop
    if end != len(data):
        raise ValueError("its arrays are not as long as the file")
    return {name: _view(data[slice(*places[name])], name, entry) for name, entry in entries.items()}, metadata


def _place(name: str, entry: Any) -> tuple[int, int]:
    place = _lengths(entry, "data_offsets")
    if place is None or len(place) != 2 or place[0] > place[1]:
        raise ValueError(f"the place of its array '{name}' is wrong")
    return place[0], place[1]


def _lengths(entry: Any, key: str) -> list[int] | None:
    """What an entry holds under a key, if it is a list of few whole numbers from 0."""
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, list) or len(value) > _MOST_AXES:
        return None
    return value if all(type(number) is int and number >= 0 for number in value) else None


def _view(data: np.ndarray, name: str, entry: dict[str, Any]) -> np.ndarray:
    shape, dtype = _lengths(entry, "shape"), _dtype(entry.get("dtype"))
    if dtype is None or shape is None or prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"the type and shape of its array '{name}' do not fit its bytes")
    view: np.ndarray = data.view(dtype).reshape(shape)
    return view


def _dtype(code: Any) -> np.dtype[Any] | None:
    import numpy as np

    name = _NAMES.get(code) if isinstance(code, str) else None
    if name is None:
        return None
    if name.startswith(("bfloat", "float8")):
        import ml_dtypes

        name = getattr(ml_dtypes, name)
    return np.dtype(name)
