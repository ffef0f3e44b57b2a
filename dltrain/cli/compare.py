"""`dltrain compare`: runs side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from dltrain.cli.console import number, print_json, say, show, table
from dltrain.contrast.contrast import Contrast, contrast
from dltrain.contrast.curves import limits, shared_curves, sparkline
from dltrain.contrast.paired import PairedTest
from dltrain.contrast.wording import gap_text, labels, mcnemar_text, rows_text, setting_text
from dltrain.runs.directory import find
from dltrain.runs.rating import Rating, shown

_NARROWEST = 80
_WIDEST_LINE = 40
_MOST_CURVES = 6


def compare_runs(paths: Sequence[Path], *, html: Path | None, overwrite: bool, json: bool) -> None:
    """Prints what differs between runs, and writes it as a page where `html` names a file.

    Raises:
        UsageError: these are no runs, or the file is there already.
        RunError: the page cannot be written.
    """
    if html is not None:
        from dltrain.contrast.page import check_page

        check_page(html, overwrite=overwrite)
    found = contrast([find(path) for path in paths])
    if html is not None:
        from dltrain.contrast.page import write_page

        write_page(html, found)
    if json:
        print_json(found.plain())
        return
    for note in found.notes:
        say(note)
    for block in (_legend(found), _settings(found), _scores(found), _tests(found), _curves(found)):
        for line in block:
            show(line)
    if html is not None:
        say(f"written to {html}")


def _legend(found: Contrast) -> Iterator[str]:
    """Runs have letters, since their names would fill the lines."""
    for label, entry in zip(labels(found), found.entries, strict=True):
        yield f"{label}  {entry.run}  {entry.status}"


def _settings(found: Contrast) -> Iterator[str]:
    rows = {**found.settings, **found.circumstances}
    yield ""
    if not rows:
        yield "no setting differs"
        return
    yield from table(["what differs", *labels(found)], _shortened(rows, len(found.entries)))


def _shortened(rows: Mapping[str, Sequence[Any]], runs: int) -> list[list[str]]:
    """Cells, cut to what a line has room for."""
    room = max(get_terminal_size().columns, _NARROWEST) if sys.stdout.isatty() else 4 * _NARROWEST
    first = max(map(len, rows))
    most = max((room - min(first, room // 2)) // runs - 2, 8)
    return [
        [_cut(name, room // 2), *(_cut(setting_text(value), most) for value in values)] for name, values in rows.items()
    ]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _scores(found: Contrast) -> Iterator[str]:
    """Those of the split that tells most; the page and ``--json`` have the others."""
    for split, scores in list(found.ratings().items())[:1]:
        rows = {name: ratings for name, ratings in scores.items() if any(map(_is_there, ratings))}
        head = [split, *labels(found)]
        lines = table(head, ([name, *map(str, ratings)] for name, ratings in rows.items()))
        if sys.stdout.isatty() and max(map(len, lines)) > max(get_terminal_size().columns, _NARROWEST):
            lines = table(head, ([name, *(shown(one.score) for one in ratings)] for name, ratings in rows.items()))
        yield ""
        yield from lines


def _is_there(rating: Rating) -> bool:
    return rating.score is not None


def _tests(found: Contrast) -> Iterator[str]:
    names = labels(found)
    for name, test in zip(names[1:], found.tests, strict=True):
        yield ""
        if not isinstance(test, PairedTest):
            yield f"{name} against {names[0]}: no paired test: {test}"
            continue
        yield f"{name} against {names[0]}: {rows_text(test)}"
        yield from table(["", "difference", "95 %", ""], ([key, *gap_text(gap)] for key, gap in test.gaps.items()))
        if test.mcnemar:
            yield mcnemar_text(test.mcnemar, names[0], name)


def _curves(found: Contrast) -> Iterator[str]:
    names = labels(found)
    main = {f"val_{entry.ratings.metric}" for entry in found.entries}
    wanted = [name for name in shared_curves(found.curves) if name == "val_loss" or name in main]
    width = min(
        (max(get_terminal_size().columns, _NARROWEST) if sys.stdout.isatty() else _NARROWEST) - 40, _WIDEST_LINE
    )
    for name in (wanted or shared_curves(found.curves))[:_MOST_CURVES]:
        columns = [curves.get(name, ()) for curves in found.curves]
        low, high = limits(columns)
        yield ""
        yield f"{name}, from {number(low)} to {number(high)}"
        for label, column in zip(names, columns, strict=True):
            if column:
                line = sparkline(column, low, high, width=width)
                yield f"{label}  {line:<{width}}  {number(column[-1])} after epoch {len(column)}"
