"""Sources that are read once, however often their rows are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import IO, TYPE_CHECKING, Any

from dltrain.data.source import Dataset, Rows, Source
from dltrain.scratch import Scratch

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def keep(dataset: Dataset, scratch: Scratch) -> Dataset:
    """The same dataset; what its sources read is kept in memory, or in a file where that would take too much."""
    parts = {name: source if source.held else KeptSource(source, scratch) for name, source in dataset.parts.items()}
    for source in parts.values():
        source.hold(scratch)
    return replace(dataset, parts=parts)


def release(dataset: Dataset) -> None:
    """Forgets the rows that `keep` remembers, and gives the memory that reading took back to the system."""
    import pyarrow as pa

    for source in dataset.parts.values():
        source.release()
    pa.default_memory_pool().release_unused()


@dataclass(frozen=True)
class _Stored:
    """An array in a file: its type and shape, where its bytes begin, and how many there are."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    sizes: tuple[int, ...]


class KeptSource(Source):
    """Remembers the rows of another source when they are first read to the end.

    Texts are kept as Arrow arrays, which take a tenth of the memory of Python's strings.
    """

    def __init__(self, source: Source, scratch: Scratch) -> None:
        self._source = source
        self._scratch = scratch
        self._chunks: list[dict[str, Any]] = []
        self._complete = False
        self._claimed = 0
        self._file: IO[bytes] | None = None
        self._end = 0

    def chunks(self) -> Iterator[Rows]:
        """All rows, in order; from the second time on as they were kept."""
        if self._complete:
            for kept in self._chunks:
                yield _rows({key: self._restored(value) for key, value in kept.items()})
            return
        self._chunks.clear()
        for rows in self._source.chunks():
            self._chunks.append({key: self._kept(array) for key, array in _named(rows).items()})
            yield rows
        self._complete = True

    def column(self, name: str) -> "Iterator[np.ndarray]":
        """One feature; only its own bytes are read."""
        if not self._complete:
            yield from super().column(name)
            return
        for kept in self._chunks:
            yield self._restored(kept[f"feature {name}"])

    def release(self) -> None:
        """Forgets the rows; they are read from the source again if they are asked for."""
        self._scratch.release(self._claimed)
        self._chunks, self._complete, self._claimed, self._end = [], False, 0, 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _kept(self, array: "np.ndarray") -> Any:
        """The array, compact; or where its bytes lie in the file."""
        import pyarrow as pa

        packed = pa.array(array, pa.large_string()) if array.dtype.kind == "O" else array
        if self._scratch.claim(packed.nbytes):
            self._claimed += packed.nbytes
            return packed
        return self._written(packed)

    def _written(self, packed: Any) -> _Stored:
        import numpy as np

        if self._file is None:
            self._file = self._scratch.file()
        if isinstance(packed, np.ndarray):
            kind, shape = packed.dtype.str, packed.shape
            buffers = [memoryview(np.ascontiguousarray(packed).reshape(-1).view("uint8").data)]
        else:
            kind, shape = "text", (len(packed),)
            buffers = [memoryview(buffer) for buffer in packed.buffers()[1:]]
        with self._scratch.storing(sum(map(len, buffers))):
            for buffer in buffers:
                self._file.write(buffer)
            self._file.flush()
        stored = _Stored(kind, shape, self._end, tuple(map(len, buffers)))
        self._end += sum(stored.sizes)
        return stored

    def _restored(self, kept: Any) -> "np.ndarray":
        import numpy as np

        if isinstance(kept, np.ndarray):
            return kept
        packed = self._read(kept) if isinstance(kept, _Stored) else kept
        if isinstance(packed, np.ndarray):
            return packed
        texts: np.ndarray = packed.to_numpy(zero_copy_only=False)
        return texts

    def _read(self, stored: _Stored) -> "np.ndarray | pa.Array":
        import os

        import numpy as np
        import pyarrow as pa

        assert self._file is not None
        parts, start = [], stored.start
        for size in stored.sizes:
            parts.append(os.pread(self._file.fileno(), size, start) if size else b"")
            start += size
        if stored.dtype == "text":
            buffers = [None, *(pa.py_buffer(part) for part in parts)]
            return pa.Array.from_buffers(pa.large_string(), prod(stored.shape), buffers)
        return np.frombuffer(parts[0], stored.dtype).reshape(stored.shape)


def _named(rows: Rows) -> "dict[str, np.ndarray]":
    named = {f"feature {name}": array for name, array in rows.features.items()}
    named |= {f"extra {name}": array for name, array in rows.extras.items()}
    return named if rows.target is None else named | {"target": rows.target}


def _rows(named: "dict[str, np.ndarray]") -> Rows:
    def starting(prefix: str) -> "dict[str, np.ndarray]":
        return {key.removeprefix(prefix): array for key, array in named.items() if key.startswith(prefix)}

    return Rows(starting("feature "), named.get("target"), starting("extra "))
