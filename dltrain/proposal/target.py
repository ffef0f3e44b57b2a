"""Which column is to be predicted, where nobody says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dltrain.errors import DataError, UsageError
from dltrain.proposal.columns import Role
from dltrain.proposal.writing import shown
from dltrain.spec.problems import one_of, suggestion

_NAMES = ("target", "targets", "label", "labels", "class", "y", "outcome", "response")
_NO_TARGET = frozenset({"datetime", "text", "names", "paths", "empty", "constant"})


def check_targets(names: Sequence[str], given: Sequence[str], file: Path) -> None:
    """Refuses targets that are no columns of a file.

    Raises:
        UsageError: one is none, or all columns are targets.
    """
    for name in given:
        if name not in names:
            text = f"{file.name} has no column '{name}'; it has {one_of(names, limit=30)}{suggestion(name, names)}"
            raise UsageError(text)
    if set(names) <= set(given):
        raise UsageError(f"{file.name} has no columns besides the target; a model predicts it from others")


def guess_target(roles: Sequence[Role], file: Path) -> tuple[str, str]:
    """The column that is most likely meant, and why.

    Raises:
        UsageError: it may be several; the message lists the columns.
        DataError: there is one column only.
    """
    if len(roles) < 2:
        raise DataError(f"{file.name} has one column only; a table needs a target and columns to predict it from")
    named = [role for role in roles if role.name.strip().lower() in _NAMES]
    last = roles[-1]
    if len(named) == 1:
        return named[0].name, "so called"
    if not named and not last.left_out and last.kind not in _NO_TARGET and not last.group:
        return last.name, "the last column"
    why = f"the last column holds {last.kind}"
    if named:
        why = one_of([f"'{shown(role.name)}'" for role in named]) + " may be meant"
    columns = "".join(f"\n  {shown(role.name)}: {role.kind}" for role in roles)
    raise UsageError(
        f"{file.name}: which column is to be predicted is not clear: {why}; write --target COLUMN{columns}"
    )
