"""The last words of a fit: scores, how the network stands, what was found, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from dltrain.cli.console import number, say, score_table, show, undefined_lines, wrapped
from dltrain.runs.directory import RunDirectory

if TYPE_CHECKING:
    from dltrain.cross_validation import CrossValidation
    from dltrain.result import Result


def close(result: Result | CrossValidation, *, labelled: bool) -> None:
    """Scores on stdout, and all else on stderr.

    Args:
        result: of the fit.
        labelled: whether the run is named above its scores, as beside other runs.
    """
    say()
    if labelled:
        show(str(result.directory))
    deviation, intervals = getattr(result, "deviation", None), getattr(result, "intervals", None)
    for line in score_table(result.scores, deviation, intervals=intervals, shown=result.shown):
        show(line)
    for line in undefined_lines(getattr(result, "undefined", {}), result.shown):
        say(wrapped(line, indent=2))
    for line in (*_standing(result), *_findings(getattr(result, "findings", ())), *_next(result.directory)):
        say(line)


def _standing(result: Result | CrossValidation) -> Iterator[str]:
    """The network among the simple models, with 95 % intervals, and the verdict."""
    if (verdict := result.verdict) is None:
        return
    split, metric = verdict["split"], verdict["metric"]
    own: Mapping[str, Any] = {
        "scores": result.scores.get(split, {}),
        "intervals": getattr(result, "intervals", {}).get(split, {}),
    }
    named = [("network", own), *((one.get("text", name), one) for name, one in result.baselines.items())]
    rows = [(name, number(one["scores"].get(metric)), _ends(one, metric)) for name, one in named]
    head = (f"{split} {metric}", "", "95 % interval" if any(ends for _, _, ends in rows) else "")
    first, second, _ = (max(map(len, cells)) for cells in zip(head, *rows, strict=True))
    yield ""
    yield from (f"{name:<{first}}  {score:>{second}}  {ends}".rstrip() for name, score, ends in (head, *rows))
    yield wrapped(f"verdict: {verdict['text']}", indent=2)


def _ends(one: Mapping[str, Any], metric: str) -> str:
    interval = one.get("intervals", {}).get(metric)
    return "" if interval is None else "[" + ", ".join(map(number, interval)) + "]"


def _findings(findings: Sequence[Any]) -> Iterator[str]:
    """What the coach says, and the setting to change."""
    if not findings:
        return
    yield ""
    for finding in findings:
        yield wrapped(f"finding: {finding.text}", indent=2)
        yield wrapped(f"  try: {finding.remedy}", indent=7)


def _next(run: RunDirectory) -> Iterator[str]:
    """Commands that can be given as they are, but for DATA, and what they do."""
    single = (run.folds or [run])[0]
    commands = [
        (f"dltrain evaluate {quote(str(run))}", "score it again"),
        (f"dltrain predict {quote(str(single))} DATA", "predict rows of a file"),
    ]
    page = run.path / "report.html"
    if not page.is_file():
        commands.append((f"dltrain report {quote(str(run))}", "draw its page"))
    if (before := _before(run)) is not None:
        commands.append((f"dltrain compare {quote(str(before))} {quote(str(run))}", "with the run before"))
    yield ""
    if page.is_file():
        yield f"report: {run}/{page.name}"
    width = max(len(command) for command, _ in commands)
    yield from (f"next: {command:<{width}}  # {does}" for command, does in commands)


def _before(run: RunDirectory) -> RunDirectory | None:
    """The newest run of the same name, made before this one, that has scores."""
    if not run.path.name.isdecimal():
        return None
    numbers = (int(path.name) for path in run.path.parent.iterdir() if path.name.isdecimal() and _scored(path))
    earlier = max((found for found in numbers if found < int(run.path.name)), default=None)
    return None if earlier is None else RunDirectory(run.path.parent / str(earlier))


def _scored(path: Path) -> bool:
    return RunDirectory(path).metrics.is_file()
