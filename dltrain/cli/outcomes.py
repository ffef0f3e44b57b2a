"""What became of the configs of a command, for those who watch it: a JUnit file, and GitHub's log and summary."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from dltrain.errors import DltrainError, InterruptedRunError

Place = Mapping[str, Any]
"""``file``, ``line``, ``column``, ``path`` and ``message`` of a problem."""

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """What became of a config.

    Attributes:
        config: its file, as the user names it.
        status: ``skipped`` where it was not tried.
        seconds: that it took.
        text: why it failed or was skipped.
        kind: of the error.
        places: where in the config the reasons are.
        result: of the run in plain values, where there is one.
    """

    config: str
    status: Status = "ok"
    seconds: float = 0.0
    text: str = ""
    kind: str = ""
    places: Sequence[Place] = ()
    result: Mapping[str, Any] | None = None


class Outcomes:
    """Collects outcomes, and tells them at the end of a `with` block, also where an error ends it.

    Args of the constructor: the command; its configs; and the JUnit file, if one is asked for.
    """

    def __init__(self, command: str, configs: Sequence[Path], junit: Path | None) -> None:
        self.command, self._junit = command, junit
        self._configs = [str(config) for config in configs]
        self.found: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Remembers one."""
        self.found.append(outcome)

    def fitted(self, config: str, outcome: dict[str, Any] | DltrainError) -> None:
        """Remembers what a fit gave."""
        if isinstance(outcome, DltrainError):
            self.add(failed(config, outcome))
        else:
            self.add(Outcome(config, seconds=outcome.get("seconds", 0.0), result=outcome))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if not self._told:
            return
        if isinstance(error, DltrainError):
            self._explain(error)
        outcomes = [*self.found, *(Outcome(config, "skipped", text="not begun") for config in self._left())]
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from dltrain.cli.github import annotate

            annotate(outcomes)
        if path := os.environ.get("GITHUB_STEP_SUMMARY"):
            from dltrain.cli.job_summary import append_summary

            append_summary(Path(path), self.command, outcomes)
        if self._junit is not None:
            from dltrain.cli.junit import write_junit

            write_junit(self._junit, self.command, outcomes)

    @property
    def _told(self) -> bool:
        """Whether anyone wants to know."""
        return bool(self._junit or os.environ.get("GITHUB_ACTIONS") == "true" or os.environ.get("GITHUB_STEP_SUMMARY"))

    def _left(self) -> list[str]:
        """Configs without an outcome; one may be given twice."""
        left = list(self._configs)
        for outcome in self.found:
            left.remove(outcome.config)
        return left

    def _explain(self, error: DltrainError) -> None:
        """The error is of the configs that it names, or else of all that have no outcome."""
        left = self._left()
        if isinstance(error, InterruptedRunError):
            return
        named = [config for config in left if any(place["file"] == config for place in places(error))]
        for config in named or left:
            found = failed(config, error)
            own = [place for place in found.places if place["file"] == config]
            self.add(failed(config, error, own) if named else found)


def failed(config: str, error: DltrainError, only: Sequence[Place] | None = None) -> Outcome:
    """The outcome that an error is.

    Args:
        config: that it is of.
        error: why.
        only: those of its places that count; all by default.
    """
    found = places(error) if only is None else only
    result = getattr(error, "result", None)
    text = "\n".join(map(in_words, found)) if only else str(error)
    kind = getattr(error, "kind", type(error).__name__)
    return Outcome(config, "failed", (result or {}).get("seconds", 0.0), text, kind, found, result)


def places(error: DltrainError) -> list[Place]:
    """Where the problems of an error are."""
    given: list[Place] = getattr(error, "places", [])
    return given or [problem.plain() for problem in getattr(error, "problems", ())]


def in_words(place: Place) -> str:
    """``file:line:column: path: message``, as errors are shown."""
    position = f"{place['file']}:{place['line']}:{place['column']}" if place["line"] else place["file"]
    return ": ".join(part for part in (position, place["path"], place["message"]) if part)
