"""A file that ends with the SHA-256 of all bytes before it, so that any change of it is noticed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltrain.memory import free_memory

if TYPE_CHECKING:
    import numpy as np

DIGEST_BYTES = 32
# Bytes stay in the processor's cache between being hashed and being written.
_BLOCK_BYTES = 1 << 20


def write(folder: int, name: str, content: Sequence[np.ndarray]) -> None:
    """Writes a new file and its digest, and waits until the disk has them; the name is not yet durable.

    Args:
        folder: the descriptor of its folder.
        name: where nothing may be.
        content: what the file holds, in order: arrays of bytes `(length,)`.

    Raises:
        OSError: the name is taken, or the disk is full, read-only or broken.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, 0o666, dir_fd=folder)
    try:
        digest = hashlib.sha256()
        for piece in content:
            for start in range(0, len(piece), _BLOCK_BYTES):
                block = piece[start : start + _BLOCK_BYTES].data
                digest.update(block)
                _write_all(descriptor, block)
        _write_all(descriptor, memoryview(digest.digest()))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, block: memoryview) -> None:
    while block:
        block = block[os.write(descriptor, block) :]


def read(folder: int, name: str) -> np.ndarray:
    """A file's bytes `(length,)`, the digest with them, once they are known to be those that were written.

    Raises:
        OSError: it is not there, is a link, or cannot be read.
        ValueError: it is no file, or not as it was written.
        MemoryError: it is larger than the free memory.
    """
    import numpy as np

    # Without O_NONBLOCK, opening a FIFO would wait for a writer.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        if status.st_size > free_memory():
            raise MemoryError(f"its {status.st_size:,} bytes do not fit in the free memory")
        content, filled = np.empty(status.st_size, np.uint8), 0
        while filled < len(content) and (count := os.readv(descriptor, [content[filled:].data])):
            filled += count
    finally:
        os.close(descriptor)
    if filled < status.st_size or filled < DIGEST_BYTES:
        raise ValueError("it is cut short")
    if hashlib.sha256(content[:-DIGEST_BYTES].data).digest() != content[-DIGEST_BYTES:].tobytes():
        raise ValueError("its bytes are not those that were written")
    content.flags.writeable = False
    return content
