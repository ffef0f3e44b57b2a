"""`dltrain init`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from dltrain.cli.console import print_json, show
from dltrain.errors import UsageError, storing
from dltrain.proposal.propose import name_for, propose


def init_config(data: str, targets: Sequence[str], *, output: Path | None, json: bool) -> None:
    """Writes a config for data, and says what it was made from and what to do next.

    Raises:
        UsageError: the file exists, or what is to be predicted is not clear.
        DataError: the data cannot be trained on.
        RunError: the file cannot be written.
    """
    config = output or Path(f"{name_for(data)}.yaml")
    if config.exists() or config.is_symlink():
        raise _exists(config)
    if not config.parent.is_dir():
        raise UsageError(f"there is no folder {config.parent}; make it, or choose another file with -o FILE")
    proposal = propose(data, targets, config)
    with storing(f"write {config}", "choose another file with -o FILE"):
        try:
            with config.open("x", encoding="utf-8") as file:
                file.write(proposal.text)
        except FileExistsError:
            raise _exists(config) from None
    command = f"dltrain fit {shlex.quote(str(config))}"
    if json:
        print_json({"config": str(config), **proposal.facts, "next": command})
        return
    for line in proposal.seen:
        show(line)
    show(f"{config} is written; next: {command}")


def _exists(config: Path) -> UsageError:
    return UsageError(f"{config} exists already and is kept; write another file with -o FILE, or delete it")
