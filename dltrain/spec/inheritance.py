"""`extends: base.yaml`: the files that a config stands on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path as FilePath
from stat import S_ISREG
from typing import Any

from dltrain.spec.document import Document
from dltrain.spec.problems import Problem, SpecError
from dltrain.spec.section import describe
from dltrain.spec.text import Text

EXTENDS = "extends"
MAX_FILES = 10


def inherit(
    path: FilePath, read: Callable[[FilePath], Document], merge: Callable[[Document, Document], Document]
) -> Document:
    """Reads a config and the files that it extends, one the other.

    Args:
        path: the config.
        read: parses a file.
        merge: puts the second document on top of the first.

    Returns:
        One document; each value has the position in the file that wrote it. `name` is not inherited.

    Raises:
        ConfigError: a file is missing or wrong, or they go round in a circle.
    """
    chain = [read(path)]
    while EXTENDS in chain[-1].values:
        with chain[-1].locating():
            found = _base(chain)
        chain.append(read(found))
        chain[-1].forget(("name",), chain[-1].values.pop("name", None))
    for document in chain:
        document.values.pop(EXTENDS, None)
        document.forget((EXTENDS,))
    document = chain.pop()
    while chain:
        document = merge(document, chain.pop())
    return document


def _base(chain: list[Document]) -> FilePath:
    """The file that the last document of a chain extends."""
    if problems := [problem for problem in chain[-1].unresolved() if problem.path == (EXTENDS,)]:
        raise SpecError(problems)
    path = _path(chain[-1].values[EXTENDS])
    if len(chain) >= MAX_FILES:
        raise _refusal(f"more than {MAX_FILES} files extend one another; join some")
    for index, other in enumerate(chain):
        if os.path.realpath(other.source) == os.path.realpath(path):
            circle = " -> ".join([*(document.source for document in chain[index:]), other.source])
            raise _refusal(f"the files extend one another in a circle, {circle}; take one `extends` out")
    return path


def _path(written: Any) -> FilePath:
    """The file that a value names, relative to the folder of the file that it is written in.

    Raises:
        SpecError: it names none.
    """
    if not isinstance(written, Text) or not written:
        text = f"expected the path of a config, got {describe(written)}"
        raise _refusal(f"{text}; a config extends one other, which may extend a third")
    if "\0" in written or "://" in written:
        raise _refusal(f"expected the path of a file on this machine, got {describe(written)}")
    path = written.folder / os.path.expanduser(str(written))
    try:
        if not S_ISREG(path.stat().st_mode):
            raise _refusal(f"{path} is not a file; give the path of a YAML config")
    except OSError as error:
        raise _refusal(f"{path}: {(error.strerror or str(error)).lower()}; give the path of a YAML config") from None
    return path


def _refusal(text: str) -> SpecError:
    return SpecError([Problem(text, (EXTENDS,))])
