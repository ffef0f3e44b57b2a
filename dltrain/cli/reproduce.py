"""`dltrain reproduce`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dltrain.cli.console import print_json, say, show
from dltrain.cli.progress import observer
from dltrain.comparison import RESULTS, Aspect, Difference
from dltrain.errors import DriftError
from dltrain.reproduction import Reproduction, reproduce
from dltrain.runs.directory import find

_MOST_LINES = 6
_MOST_CHARACTERS = 40


def reproduce_run(run: Path, *, runs_dir: Path | None, force: bool, json: bool) -> None:
    """Trains a run again and prints what is equal and what differs.

    Raises:
        DriftError: history, weights or scores differ.
    """
    listener = observer(quiet=json)
    try:
        found = reproduce(find(run), runs_dir=runs_dir, force=force, observer=listener)
    finally:
        listener.close()
    if json:
        print_json(found.plain())
    else:
        say()
        lines = list(_lines(found))
        width = max(len(label) for label, _ in lines)
        for label, text in lines:
            show(f"{label:<{width}}  {text}")
    if not found.equal:
        raise DriftError(_summary(found))


def _summary(found: Reproduction) -> str:
    results = [name for name in found.drifted if name.split()[-1] in RESULTS]
    causes = [name for name in found.drifted if name not in results]
    why = f"so do {_listed(causes)}" if causes else "though nothing that they are made from does"
    return f"{found.again} is not {found.run} again: {_listed(results)} differ, {why}"


def _listed(names: list[str]) -> str:
    more = [f"{len(names) - _MOST_LINES} more"] if len(names) > _MOST_LINES + 1 else []
    *rest, last = [*names[: _MOST_LINES if more else None], *more]
    return f"{', '.join(rest)} and {last}" if rest else last


def _lines(found: Reproduction) -> Iterator[tuple[str, str]]:
    yield "run", f"{found.run}, again as {found.again}"
    for part, aspects in found.aspects.items():
        for aspect in aspects:
            texts = list(_texts(aspect))
            yield f"{part} {aspect.name}".strip(), texts[0]
            yield from (("", text) for text in texts[1:])


def _texts(aspect: Aspect) -> Iterator[str]:
    if aspect.equal:
        yield (
            "equal"
            if aspect.noun == "fingerprint"
            else f"equal ({aspect.compared} {aspect.noun}{'s' * (aspect.compared != 1)})"
        )
        return
    yield from map(_text, aspect.differences[:_MOST_LINES])
    if (more := len(aspect.differences) - _MOST_LINES) > 0:
        yield f"and {more} more"


def _text(difference: Difference) -> str:
    by = "" if difference.by is None else f" ({difference.by:+.3g})"
    return f"{difference.name}: {_value(difference.was)} -> {_value(difference.now)}{by}"


def _value(value: Any) -> str:
    """A digest is shown by its beginning."""
    return "none" if value is None else str(value)[:_MOST_CHARACTERS]
