"""The calls that a save makes to the file system, seen and disturbed one by one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CALLS = (
    "open",
    "close",
    "write",
    "pwrite",
    "writev",
    "fsync",
    "fdatasync",
    "rename",
    "replace",
    "link",
    "symlink",
    "unlink",
    "remove",
    "mkdir",
    "rmdir",
    "listdir",
    "scandir",
    "truncate",
    "ftruncate",
    "stat",
    "lstat",
    "fstat",
)
"""Every function of `os` that a save could reach a file system by."""

Seen = Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


@contextmanager
def watched(seen: Seen) -> Iterator[None]:
    """Sends every call through `seen(name, call, args, kwargs)`, which makes it or does not."""
    kept = {name: getattr(os, name) for name in CALLS}

    def through(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return seen(name, kept[name], args, kwargs)

        return call

    try:
        for name in CALLS:
            setattr(os, name, through(name))
        yield
    finally:
        for name, call in kept.items():
            setattr(os, name, call)
