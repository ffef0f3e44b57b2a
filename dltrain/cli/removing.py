"""`dltrain runs rm`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from dltrain.cli.console import print_json, say, show
from dltrain.errors import UsageError
from dltrain.runs.removal import Removal, plan_removal, remove

_MOST_NAMED = 20


def remove_runs(paths: Sequence[Path], *, yes: bool, json: bool) -> None:
    """Removes runs for good, if someone at a terminal says so, or `yes` does.

    Raises:
        UsageError: one is no run; or nobody can be asked.
        RunBusyError: one is being written.
    """
    removal = plan_removal(paths)
    if not yes and not _agreed(removal):
        say("nothing was removed")
        return
    remove(removal)
    if json:
        print_json({"removed": [str(run) for run in removal.runs], "bytes": removal.bytes})
        return
    for run in removal.runs:
        show(f"removed {run}")


def _agreed(removal: Removal) -> bool:
    runs = removal.runs
    what = f"{len(runs)} run{'s' * (len(runs) != 1)}, {removal.bytes / 1e6:,.1f} MB"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{what} would be removed for good, and no terminal is here to ask; write --yes to do it")
    for run in runs[:_MOST_NAMED]:
        say(str(run))
    if len(runs) > _MOST_NAMED:
        say(f"and {len(runs) - _MOST_NAMED} more")
    sys.stderr.write(f"remove {what}, for good? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
