"""Bounded types for settings, so that a typing error cannot ask for a petabyte."""

from __future__ import annotations

import os
from dataclasses import dataclass
from glob import iglob
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

from dltrain.spec.section import describe
from dltrain.spec.text import Text


@dataclass(frozen=True)
class Written:
    """Marks a field that may be written in other forms than its annotation says; read by `spec/json_types.py` alone.

    Attributes:
        form: a type with all forms, such as ``int | tuple[int, int]``.
    """

    form: Any


PATH = r"^(?!.*://)."
"""What JSON Schema can tell of a path."""

Count = Annotated[int, Field(ge=1, le=100_000_000)]
"""A number of things: at least one."""

Natural = Annotated[int, Field(ge=0, le=100_000_000)]
"""A number of things that may be none."""

Size = Annotated[int, Field(ge=1, le=1_000_000)]
"""A length, width, number of units or filters."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]

Positive = Annotated[float, Field(gt=0, le=1e9)]
NonNegative = Annotated[float, Field(ge=0, le=1e9)]
Real = Annotated[float, Field(ge=-1e9, le=1e9)]
Probability = Annotated[float, Field(ge=0, le=1)]
"""From 0 to 1, both included."""

Decay = Annotated[float, Field(ge=0, lt=1)]
"""From 0 up to, but not including, 1: a rate of dropout, a momentum, a moving average."""

_LONGEST_NAME = 255
MOST_STARS = 2
"""The parts of a path that may hold `*`: each is a look through all folders that the parts before it name."""

Sequence = Strict(False)
"""Marks a `tuple` field, so that a YAML list is taken for it."""


def _pair(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PydanticCustomError("pair", "{text}", {"text": "expected one integer, or two as [height, width]"})
    return tuple(value)


def _single(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) == 1:
        return value[0]
    return value


Pair = Annotated[tuple[Size, Size], Sequence, BeforeValidator(_pair), Written(Size | tuple[Size, Size])]
"""(height, width); one integer stands for both."""

Single = Annotated[Size, BeforeValidator(_single), Written(Size | Annotated[tuple[Size], Sequence])]
"""One integer; a list of one is taken for it, as in Keras."""


def _resolve(value: Any) -> Any:
    """An existing file beside the config by its full path; anything else as written."""
    if not isinstance(value, str):
        return value
    if not value or "\0" in value or "://" in value or not _can_be_named(value):
        text = f"expected the path of a file on this machine, got {describe(value)}"
        raise PydanticCustomError("path", "{text}", {"text": text})
    if sum("*" in part for part in value.split("/")) > MOST_STARS:
        text = f"expected at most {MOST_STARS} folders or files with `*`, got {describe(value)}; name the others"
        raise PydanticCustomError("path", "{text}", {"text": text})
    written = FilePath(os.path.expanduser(str(value)))
    if written.is_absolute():
        return os.path.abspath(written)
    found = (value.folder if isinstance(value, Text) else FilePath.cwd()) / written
    shared = os.environ.get("DLTRAIN_DATA")
    if not _there(found) and shared and _there(FilePath(shared) / written):
        return str(value)
    return os.path.abspath(found)


def _can_be_named(path: str) -> bool:
    """Whether the file system can look for it at all: no part is longer than 255 bytes."""
    try:
        return max(map(len, os.fsencode(str(path)).split(b"/"))) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def _there(path: FilePath) -> bool:
    return any(iglob(str(path))) if "*" in str(path) else os.path.exists(path)


DataPath = Annotated[
    str, Field(max_length=4096), BeforeValidator(_resolve), Written(Annotated[str, Field(pattern=PATH)])
]
"""A path relative to the config file; where absent there, to ``$DLTRAIN_DATA``.

Holds an absolute path, or the relative one where the file is found through ``$DLTRAIN_DATA``,
so that a resolved config reruns on a machine whose data lies elsewhere. `locate` finds the file.
"""


def locate(path: str) -> FilePath:
    """The file that a `DataPath` names on this machine, whether it exists or not."""
    return FilePath(os.environ.get("DLTRAIN_DATA", "."), path)


def is_folder(path: str) -> bool:
    """Whether a path, as it is written in a config, is that of a folder."""
    try:
        return path.endswith("/") or os.path.isdir(locate_written(path))
    except PydanticCustomError:
        return False


def locate_written(path: str) -> FilePath:
    """Where a path leads that is not a `DataPath` yet, but as it is written in a config.

    Raises:
        PydanticCustomError: it is no path.
    """
    return locate(_resolve(path))
