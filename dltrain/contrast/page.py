"""A comparison as one HTML file that needs no network and runs no script."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dltrain.contrast.contrast import Contrast
from dltrain.contrast.curves import shared_curves
from dltrain.contrast.drawing import gap_chart, line_chart
from dltrain.contrast.paired import PairedTest
from dltrain.contrast.wording import gap_text, labels, mcnemar_text, rows_text, setting_text
from dltrain.errors import UsageError, storing
from dltrain.page.markup import Html, document, each, element, html, table

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1")
"""Okabe & Ito (2008), "Color Universal Design"; runs beyond these repeat them with other dashes."""
_DASHES = ("none", "6 3", "2 3")
_MOST_CURVES = 40

_STYLE = """
svg text { font-size: 12px; fill: var(--soft); }
.rule { stroke: var(--faint); } .curve { fill: none; stroke-width: 2; } .bar { stroke-width: 3; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-right: .4rem; }
"""


def check_page(path: Path, *, overwrite: bool) -> None:
    """Raises UsageError where the page cannot be written, before anything is compared."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {path / 'compare.html'}")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; name another file, or write --overwrite to replace it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for {path.name}; make it first")


def write_page(path: Path, found: Contrast) -> None:
    """Writes the page.

    Raises:
        RunError: the disk is full or read-only.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storing(f"write {path}", "name another file with --html"):
        try:
            temporary.write_text(page(found), encoding="utf-8", errors="replace")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def page(found: Contrast) -> str:
    """The page: runs, what differs, scores, paired tests and curves."""
    names = labels(found)
    title = f"{len(names)} runs compared"
    notes = each(element("p", note) for note in found.notes)
    parts = (_runs(found), notes, _differences(found), _scores(found), _tests(found), _curves(found))
    return document(title, element("main", element("h1", title), *parts), style=_STYLE + _run_styles(names))


def _run_styles(names: Sequence[str]) -> str:
    rules = []
    for index, name in enumerate(names):
        colour, dash = _COLOURS[index % len(_COLOURS)], _DASHES[index // len(_COLOURS)]
        rules.append(f".curve.run-{name}, .bar.run-{name} {{ stroke: {colour}; }}")
        rules.append(f".curve.run-{name} {{ stroke-dasharray: {dash}; }}")
        rules.append(f".dot.run-{name} {{ fill: {colour}; }} .key.run-{name} {{ background: {colour}; }}")
    return "\n".join(rules)


def _runs(found: Contrast) -> Html:
    rows = []
    for label, entry in zip(labels(found), found.entries, strict=True):
        ratings = entry.ratings
        baseline = f"{ratings.baseline[0]} {ratings.baseline[1]}" if ratings.baseline else "-"
        main = f"{ratings.metric} {ratings.main}" if ratings.metric else "-"
        started = (entry.started or "-")[:16].replace("T", " ")
        key = html(element("span", class_=f"key run-{label}"), label)
        rows.append([key, entry.run, entry.status, started, entry.device or "-", main, baseline])
    columns = ["", "run", "status", "started", "device", "main score", "best baseline"]
    return table(columns, rows, label="The runs")


def _differences(found: Contrast) -> Html:
    rows = {**found.settings, **found.circumstances}
    title = element("h2", "What differs")
    if not rows:
        return html(title, element("p", "No setting differs."))
    cells = ([name, *map(setting_text, values)] for name, values in rows.items())
    return html(title, table(["setting", *labels(found)], cells, label="What differs", style="wraps"))


def _scores(found: Contrast) -> Html:
    parts = [element("h2", "Scores")]
    for split, scores in found.ratings().items():
        rows = ([name, *map(str, ratings)] for name, ratings in scores.items())
        parts.append(element("h3", split))
        parts.append(table(["", *labels(found)], rows, label=f"Scores of the {split} rows"))
    return each(parts)


def _tests(found: Contrast) -> Html:
    names = labels(found)
    parts = [element("h2", "Paired tests")]
    for name, test in zip(names[1:], found.tests, strict=True):
        title = f"{name} against {names[0]}"
        parts.append(element("h3", title))
        if not isinstance(test, PairedTest):
            parts.append(element("p", f"No paired test: {test}"))
            continue
        rows = ([key, *gap_text(gap)] for key, gap in test.gaps.items())
        parts.append(element("p", f"{rows_text(test)}."))
        parts.append(table(["", "difference", "95 % interval", ""], rows, label=title))
        if test.mcnemar:
            parts.append(element("p", f"{mcnemar_text(test.mcnemar, names[0], name)}."))
        if any(gap.interval for gap in test.gaps.values()):
            parts.append(element("figure", Html(gap_chart(test.gaps, name, names[0]))))
    return each(parts)


def _curves(found: Contrast) -> Html | None:
    parts = []
    for column in shared_curves(found.curves)[:_MOST_CURVES]:
        columns = {label: curves.get(column, ()) for label, curves in zip(labels(found), found.curves, strict=True)}
        drawn = Html(line_chart(column, columns))
        parts.append(element("figure", element("figcaption", column), drawn))
    return html(element("h2", "Learning curves"), each(parts)) if parts else None
