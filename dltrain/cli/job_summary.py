"""The summary of a job of GitHub Actions: a table of configs, and of each run its scores, baselines and verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dltrain.cli.console import clean, number
from dltrain.cli.outcomes import Outcome
from dltrain.errors import DltrainError, storing
from dltrain.runs.files import read_json

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@:/-])")
_MOST_BYTES = 900_000
"""GitHub shows none of a summary that has more than a mebibyte."""


def append_summary(path: Path, command: str, outcomes: Sequence[Outcome]) -> None:
    """Adds Markdown to the file.

    Raises:
        RunError: it cannot be written.
    """
    text = "\n".join(summary(command, outcomes))
    if len(text.encode()) > _MOST_BYTES:
        text = "\n".join(_table(command, outcomes))
    with storing(f"write {path}", "look at $GITHUB_STEP_SUMMARY"), path.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def summary(command: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines."""
    yield from _table(command, outcomes)
    for outcome in outcomes:
        if outcome.result and outcome.result.get("scores"):
            yield from _run(outcome.config, outcome.result)


def _table(command: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    count = sum(outcome.status == "ok" for outcome in outcomes)
    yield f"### dltrain {command}: {count} of {len(outcomes)} ok\n"
    yield "| config | | seconds | |"
    yield "|---|---|---:|---|"
    for outcome in outcomes:
        mark = {"ok": "✅ ok", "failed": "❌ failed", "skipped": "⏭️ skipped"}[outcome.status]
        yield f"| {_text(outcome.config)} | {mark} | {outcome.seconds:.1f} | {_text(outcome.text)} |"
    yield ""


def _run(config: str, result: Mapping[str, Any]) -> Iterator[str]:
    """Scores of all splits with the intervals that are known, simple models beside them, and the verdict."""
    scores, intervals = result["scores"], result.get("intervals", {})
    yield f"#### {_text(config)}: {_text(str(result['run']))}\n"
    yield f"| | {' | '.join(map(_text, scores))} |"
    yield f"|---{'|---:' * len(scores)}|"
    names = dict.fromkeys(name for values in scores.values() for name in values if name != "confusion_matrix")
    for name in _shown(names, result):
        cells = (_cell(values.get(name), intervals.get(split, {}).get(name)) for split, values in scores.items())
        yield f"| {_text(name)} | {' | '.join(cells)} |"
    yield ""
    if (verdict := result.get("verdict")) is not None:
        yield from _standing(result, verdict)


def _shown(names: Mapping[str, None], result: Mapping[str, Any]) -> list[str]:
    """The scores worth a look, where the record of the run says which are."""
    shown: Sequence[str] = ()
    with suppress(DltrainError, OSError):
        shown = read_json(Path(result["run"]) / "metrics.json").get("shown", ())
    return [name for name in names if name in shown] or list(names)


def _standing(result: Mapping[str, Any], verdict: Mapping[str, Any]) -> Iterator[str]:
    metric = verdict["metric"]
    yield f"| baseline | {_text(verdict['split'])} {_text(metric)} |"
    yield "|---|---:|"
    for name, baseline in result.get("baselines", {}).items():
        cell = _cell(baseline["scores"].get(metric), baseline.get("intervals", {}).get(metric))
        yield f"| {_text(baseline.get('text', name))} | {cell} |"
    yield f"\n**Verdict:** {_text(verdict['text'])}\n"


def _cell(score: Any, interval: Sequence[float] | None) -> str:
    ends = f" [{', '.join(map(number, interval))}]" if interval else ""
    return f"{number(score)}{ends}"


def _text(text: str) -> str:
    """Text of others as text: no marks of Markdown or HTML, no names or links that GitHub would notify or follow."""
    return _MARKS.sub(lambda found: f"&#{ord(found[0])};", " ".join(clean(text).split()))
