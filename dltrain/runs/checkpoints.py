"""`checkpoints/`: the last states of a training, each whole or passed over, whatever ended the process.

A checkpoint is one file: safetensors whose header tells all arrays, with two arrays of its own at the end, the state
as JSON and the SHA-256 of every byte before it. One file, because its rename replaces a checkpoint of the same position
at once, which the rename of a folder cannot, and because two fsyncs make it durable instead of five.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.errors import RunError
from dltrain.runs.array_file import pieces, views
from dltrain.runs.digested_file import DIGEST_BYTES, read, write
from dltrain.runs.files import MOST_JSON_BYTES, sync_folder

if TYPE_CHECKING:
    import numpy as np

_FORMAT = {"format": "dltrain checkpoint 1"}
_STATE, _DIGEST = "__state__", "__sha256__"
_NAME = re.compile(r"([0-9]{12,18})\.safetensors")
_LEFTOVER = re.compile(r"\.[0-9]{12,18}\.tmp")
_MOST_POSITION = 10**18 - 1
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Checkpoint:
    """A state of a training that it can go on from.

    Attributes:
        position: steps done since training began.
        arrays: any arrays by name, of the types that safetensors holds.
        state: plain JSON values; NaN and infinities are allowed.
    """

    position: int
    arrays: Mapping[str, np.ndarray]
    state: Mapping[str, Any]


class CheckpointStore:
    """The checkpoints in a folder.

    Only one process may write, which the lock of the run directory sees to.

    Args of the constructor: the folder, which is made by the first save, and how many checkpoints are kept.

    Attributes:
        folder: where they are.
        damaged: for each checkpoint that `newest` passed over, its name and what is wrong with it.
    """

    def __init__(self, folder: Path, *, keep: int = 2) -> None:
        self.damaged: list[str] = []
        self.folder = folder
        self._keep = keep
        self._made = False
        self._passed_over: set[int] = set()

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint, which is durable when this returns; then removes what it makes needless.

        What stays is this one and the `keep - 1` before it that are not known to be damaged. Those beyond its position
        are of a course that was given up, since training went on from before them.

        Raises:
            RunError: the disk is full, read-only or broken, or the state immense; the checkpoints that were there stay.
            ValueError: the checkpoint holds what a file cannot.
        """
        content, position = _content(checkpoint), checkpoint.position
        with self._storing(position, sum(map(len, content)) + DIGEST_BYTES):
            self._make()
            with _opened(self.folder) as folder:
                _clean(folder)
                _put(folder, position, content)
                self._passed_over.discard(position)
                with suppress(OSError):
                    self._prune(folder, position)

    def newest(self) -> Checkpoint | None:
        """The newest whole checkpoint, with arrays that cannot be written to; None where there is none.

        Nothing outside the folder is read, and nothing in a file can run code.

        Raises:
            RunError: the folder itself cannot be read, or memory does not suffice.
        """
        self.damaged.clear()
        self._passed_over.clear()
        for position in reversed(self.positions()):
            try:
                with _opened(self.folder) as folder:
                    return _checkpoint(read(folder, _name(position)), position)
            except (OSError, ValueError) as error:
                self.damaged.append(f"{_name(position)}: {_reason(error)}")
                self._passed_over.add(position)
            except MemoryError as error:
                # It may be whole, so nothing may take its place.
                raise RunError(f"cannot read {self.folder / _name(position)}: {_reason(error)}") from None
        return None

    def positions(self) -> list[int]:
        """The positions of all checkpoints that are there, whole or not, ascending.

        Raises:
            RunError: the folder cannot be read.
        """
        try:
            with _opened(self.folder) as folder:
                return _positions(folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(f"cannot read {self.folder}: {_reason(error)}") from None

    def _make(self) -> None:
        if not self._made:
            with suppress(FileExistsError):
                os.mkdir(self.folder)
            # Even where the folder is there already: the process that made it may have died before this.
            sync_folder(self.folder.parent)
            self._made = True

    def _prune(self, folder: int, position: int) -> None:
        there = _positions(folder)
        whole = [other for other in there if other <= position and other not in self._passed_over]
        _remove(folder, [_name(other) for other in there if other not in whole[-self._keep :]])

    @contextmanager
    def _storing(self, position: int, size: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            remedy = "free space, or choose" if full else "choose"
            text = f"cannot write the checkpoint of step {position} in {self.folder}: {_reason(error)}"
            raise RunError(f"{text}; it needs {size:,} bytes; {remedy} another folder with --runs-dir") from None


def _name(position: int) -> str:
    return f"{position:012d}.safetensors"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return "it is a link" if error.errno == errno.ELOOP else error.strerror.lower()
    return str(error) or "it does not fit in memory"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _positions(folder: int) -> list[int]:
    found = [(name, int(match[1])) for name in os.listdir(folder) if (match := _NAME.fullmatch(name))]
    return sorted(position for name, position in found if name == _name(position))


def _clean(folder: int) -> None:
    """Removes what writers that were killed have left."""
    for name in os.listdir(folder):
        if _LEFTOVER.fullmatch(name):
            os.unlink(name, dir_fd=folder)


def _remove(folder: int, names: Sequence[str]) -> None:
    for name in names:
        # What cannot be removed now is tried again at the next save, and does no harm until then.
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def _put(folder: int, position: int, content: Sequence[np.ndarray]) -> None:
    temporary = f".{position:012d}.tmp"
    try:
        write(folder, temporary, content)
        os.replace(temporary, _name(position), src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        _remove(folder, [temporary])
        raise
    os.fsync(folder)


def _content(checkpoint: Checkpoint) -> list[np.ndarray]:
    """The file but for the digest that ends it."""
    import numpy as np

    if not 0 <= checkpoint.position <= _MOST_POSITION:
        raise ValueError(f"no position of a checkpoint: {checkpoint.position}")
    if reserved := {_STATE, _DIGEST} & set(checkpoint.arrays):
        raise ValueError(f"no name for an array of a checkpoint: {min(reserved)}")
    state = json.dumps({"position": checkpoint.position, "state": dict(checkpoint.state)}).encode()
    if len(state) > MOST_JSON_BYTES:
        raise RunError(
            f"the state of step {checkpoint.position} has {len(state):,} bytes; at most {MOST_JSON_BYTES:,} are kept"
        )
    # Stable by width of the items, so these two come last.
    own = {_STATE: np.frombuffer(state, np.uint8), _DIGEST: np.zeros(DIGEST_BYTES, np.uint8)}
    return pieces({**checkpoint.arrays, **own}, _FORMAT)[:-1]


def _checkpoint(content: np.ndarray, position: int) -> Checkpoint:
    arrays, metadata = views(content)
    if metadata != _FORMAT or arrays.pop(_DIGEST, None) is None or (state := arrays.pop(_STATE, None)) is None:
        raise ValueError("it is no checkpoint of this version of dltrain")
    if len(state) > MOST_JSON_BYTES:
        raise ValueError("its state is larger than any that is written")
    try:
        document = json.loads(state.tobytes())
    except (ValueError, RecursionError):
        raise ValueError("its state is not JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("state"), dict):
        raise ValueError("its state is not a table")
    if document.get("position") != position:
        raise ValueError("it is of another position than its name says")
    return Checkpoint(position, arrays, document["state"])
