"""`dltrain validate --show`: an experiment as YAML, with where each value comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from shutil import get_terminal_size
from typing import Any

import typer

from dltrain.cli.console import clean, show
from dltrain.experiment import Experiment
from dltrain.spec.document import Document
from dltrain.spec.dumper import dump_inline
from dltrain.spec.problems import Path, dotted
from dltrain.spec.sources import Source, is_value, sources

_COMMENT_AT = 44
"""The column in which comments begin, or before, where no line is so long."""

_NARROWEST = 80


def show_all(loaded: Sequence[tuple[Experiment, Document]], *, quiet: bool) -> list[dict[str, Any]]:
    """Prints every setting of each experiment, and beside it the line, setting, variable or default it comes from.

    Args:
        loaded: the experiments, with what they were loaded from.
        quiet: print nothing.

    Returns:
        For ``--json``: the file, its settings, and their sources by dotted path.
    """
    shown = []
    for number, (experiment, document) in enumerate(loaded):
        plain, found = experiment.plain(), sources(experiment, document)
        names = {dotted(path): str(source) for path, source in found.items()}
        shown.append({"file": document.source, "settings": plain, "sources": names})
        if not quiet:
            if number:
                show("---")
            _show(list(_lines(plain, found, (), "")))
    return shown


def _show(lines: list[tuple[str, Source | None]]) -> None:
    width = max(get_terminal_size().columns, _NARROWEST) if sys.stdout.isatty() else _NARROWEST
    column = min(_COMMENT_AT, 2 + max(len(text) for text, source in lines if source))
    for text, source in lines:
        _print(clean(text), clean(str(source)) if source else "", column, width)


def _lines(value: Any, found: Mapping[Path, Source], path: Path, indent: str) -> Iterator[tuple[str, Source | None]]:
    """Lines of YAML, each with the source of the value that it ends in."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, item in items:
        at = (*path, key)
        if isinstance(value, list):
            inside = _lines(item, found, at, f"{indent}  ") if not is_value(item) else [(dump_inline(item), found[at])]
            first, *rest = inside
            yield f"{indent}- {first[0].lstrip()}", first[1]
            yield from rest
        elif is_value(item):
            yield f"{indent}{dump_inline(key)}: {dump_inline(item)}", found[at]
        else:
            yield f"{indent}{dump_inline(key)}:", None
            yield from _lines(item, found, at, f"{indent}  ")


def _print(text: str, source: str, column: int, width: int) -> None:
    """A line; its comment stands above it where there is no room beside it."""
    comment = f"# {source}" if source else ""
    beside = f"{text:{column}}" if len(text) + 2 <= column else f"{text}  "
    if not comment:
        _write(text, "")
    elif len(beside) + len(comment) <= width:
        _write(beside, comment)
    else:
        _write(" " * (len(text) - len(text.lstrip())), comment)
        _write(text, "")


def _write(text: str, comment: str) -> None:
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        typer.echo(text + typer.style(comment, dim=comment.endswith("default"), fg="cyan"))
    else:
        show(text + comment)
