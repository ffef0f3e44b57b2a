"""`dltrain runs`: a table of run directories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dltrain.cli.columns import Column, fitted
from dltrain.cli.console import print_json, say, show
from dltrain.cli.moments import ago, duration
from dltrain.errors import UsageError
from dltrain.runs.catalog import STATUSES, Entry, entries
from dltrain.runs.rating import Rating, short_name, shown, smaller_is_better
from dltrain.spec.problems import one_of, suggestion

_MOST_PROBLEMS = 10


@dataclass(frozen=True)
class Selection:
    """Which runs are shown, and in which order.

    Attributes:
        names: of experiments, or patterns; all where there are none.
        statuses: all where there are none.
        where: settings such as ``optimizer.type=adam``.
        sort: what they are sorted by; a score puts the best first.
    """

    names: Sequence[str] = ()
    statuses: Sequence[str] = ()
    where: Sequence[str] = ()
    sort: str = "when"


def list_runs(root: Path, selection: Selection, *, json: bool) -> None:
    """Prints the table.

    Raises:
        UsageError: there is no such name, status, setting or score.
    """
    if unknown := [status for status in selection.statuses if status not in STATUSES]:
        hint = suggestion(unknown[0], STATUSES)
        raise UsageError(f"--status '{unknown[0]}' is none; write {one_of(STATUSES)}{hint}")
    found: Iterable[Entry] = entries(root, selection.names)
    if selection.statuses:
        found = (entry for entry in found if entry.status in selection.statuses)
    if selection.where:
        from dltrain.cli.conditions import matching

        found = matching(list(found), selection.where)
    chosen = _sorted(list(found), selection.sort)
    if json:
        print_json({"runs": [entry.plain() for entry in chosen]})
    elif chosen:
        _show(chosen)
    else:
        say(f"no such run below {root}" if selection != Selection(sort=selection.sort) else f"no run below {root} yet")


_KEYS: dict[str, tuple[Callable[[Entry], Any], bool]] = {
    "when": (lambda entry: entry.started, True),
    "name": (lambda entry: (entry.name, entry.number), False),
    "status": (lambda entry: STATUSES.index(entry.status), False),
    "took": (lambda entry: entry.seconds, True),
    "device": (lambda entry: entry.device, False),
}
"""What runs are sorted by, and whether the largest comes first."""


def _sorted(found: list[Entry], key: str) -> list[Entry]:
    """In order; those without such a thing come last."""
    if key in _KEYS:
        value, descending = _KEYS[key]
    else:
        value, descending = _score(found, key)
    having = [entry for entry in found if value(entry) is not None]
    having.sort(key=value, reverse=descending)
    return having + [entry for entry in found if value(entry) is None]


def _score(found: Sequence[Entry], key: str) -> tuple[Callable[[Entry], float | None], bool]:
    if key == "score":
        metrics = {entry.ratings.metric for entry in found if entry.ratings.metric}
        if len(metrics) > 1:
            names = one_of(sorted(metrics))
            raise UsageError(f"--sort score: these runs have different main scores; name one, such as {names}")
        return lambda entry: entry.ratings.main.score, not any(map(smaller_is_better, metrics))
    if found and all(entry.ratings.find(key) is None for entry in found):
        known = [*_KEYS, "score", *_names(found)]
        text = f"--sort '{key}': no run has such a score; write {one_of([*_KEYS, 'score'])}, or a score"
        raise UsageError(f"{text} such as test.accuracy{suggestion(key, known)}")
    return lambda entry: entry.ratings.find(key), not smaller_is_better(key.rpartition(".")[2])


def _names(found: Iterable[Entry]) -> Iterator[str]:
    """All scores, with and without their splits."""
    names = {(split, name) for entry in found for split, scores in entry.ratings.splits.items() for name in scores}
    for split, name in sorted(names):
        yield from (f"{split}.{name}", name)


def _show(chosen: Sequence[Entry]) -> None:
    for line in fitted(_columns(chosen)):
        show(line)
    told = [entry for entry in chosen if entry.problem and entry.status != "running"]
    if told:
        say()
    for entry in told[:_MOST_PROBLEMS]:
        say(f"{_name(entry)} {entry.status}: {entry.problem}")
    if len(told) > _MOST_PROBLEMS:
        say(f"and {len(told) - _MOST_PROBLEMS} more")


def _columns(chosen: Sequence[Entry]) -> list[Column]:
    """In the order in which they stand; of those that do not fit, the last by rank is left out first."""
    ratings = [entry.ratings for entry in chosen]
    kinds = {(found.split, found.metric) for found in ratings if found.metric}
    one = len(kinds) == 1
    labels = [_kind(found.split, found.metric) for found in ratings]
    scores = [shown(found.main.score) if found.metric else "" for found in ratings]
    return [
        Column("run", [_name(entry) for entry in chosen], rank=0),
        Column("status", [entry.status for entry in chosen], rank=1),
        Column("when", [ago(entry.started) for entry in chosen], rank=4),
        Column("took", [duration(entry.seconds) for entry in chosen], rank=5),
        Column("device", [entry.device or "" for entry in chosen], rank=7),
        *([] if one or not kinds else [Column("score of", labels, rank=3)]),
        Column(next(label for label in labels if label) if one else "score", scores, rank=2),
        Column("", [found.main.spread for found in ratings], rank=6, left=True),
        Column("baseline", [_baseline(found.baseline) for found in ratings], rank=8, left=True),
    ]


def _name(entry: Entry) -> str:
    return f"{entry.name}/{entry.number}" + (f", {entry.folds} folds" if entry.folds else "")


def _kind(split: str | None, metric: str | None) -> str:
    """A score of test rows goes without saying so."""
    if metric is None:
        return ""
    return short_name(metric) if split == "test" else f"{split} {short_name(metric)}"


def _baseline(found: tuple[str, Rating] | None) -> str:
    return f"{shown(found[1].score)} {found[0]}" if found else ""
