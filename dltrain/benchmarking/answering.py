"""The process that measures: a request on stdin, a measurement or why there is none on stdout."""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dltrain.benchmarking.measuring import measure
from dltrain.errors import ConfigError, DltrainError, InputError, MissingRequirementError


def main() -> None:
    """Answers one request."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What libraries print goes where it does not disturb.
    answers = os.dup(1)
    os.dup2(2, 1)
    answer = _answer(request)
    with os.fdopen(answers, "wb") as file:
        file.write(json.dumps(answer).encode() + b"\n")
    # Nothing is left to be tidied up, and backends take their time for it.
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    config, settings = Path(request["config"]), request["settings"]
    try:
        found = measure(config, settings, seconds=request["seconds"], began=request["began"])
    except DltrainError as error:
        status = "refused" if isinstance(error, InputError | MissingRequirementError) else "failed"
        return {"status": status, "text": _text(error), "error": str(error), "exit_code": error.exit_code}
    except Exception as error:
        text = f"{type(error).__name__}: {str(error).strip()[:300]}"
        return {"status": "failed", "text": text.splitlines()[0], "error": text}
    return {"measured": asdict(found)}


def _text(error: DltrainError) -> str:
    """Of a config, the first problem without its place, which is the same for every trial."""
    if isinstance(error, ConfigError) and error.problems:
        return str(getattr(error.problems[0], "message", error.problems[0]))
    return str(error).split("\n")[0]


def _end_with_parent() -> None:
    # Not through `sys.stdin`, whose lock would hold up the interpreter's end.
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
