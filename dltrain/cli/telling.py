"""What became of a config, as one process tells another."""

from __future__ import annotations

from typing import Any

from dltrain.cli.outcomes import places
from dltrain.errors import DltrainError, InterruptedRunError

Outcome = dict[str, Any] | DltrainError
"""A result in plain values, or why there is none."""


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome that one process tells another."""
    if not isinstance(outcome, DltrainError):
        return {"result": outcome}
    more = {"places": places(outcome), "result": getattr(outcome, "result", None), "kind": type(outcome).__name__}
    return {"error": str(outcome), "exit_code": outcome.exit_code, "more": more}


def told(answer: dict[str, Any]) -> Outcome:
    """The outcome that another process told by `plain`."""
    if "error" not in answer:
        result: dict[str, Any] = answer["result"]
        return result
    kind = InterruptedRunError if answer["exit_code"] > 128 else DltrainError
    error = kind(answer["error"])
    error.exit_code = answer["exit_code"]
    vars(error).update(answer.get("more", {}))
    return error
