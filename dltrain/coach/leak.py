"""Scores that are too good to be true."""

from __future__ import annotations

from typing import Any, ClassVar

from dltrain.audit.finding import Finding as Suspicion
from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.finding import Finding

_KEYS = {
    "telling_column": "dataset.ignore",
    "future_targets": "splits.type",
    "divided_groups": "dataset",
    "identical_rows": "splits.type",
}
"""The setting to change for each kind of suspicion, the worst first."""

MANY = 0.01
"""Fewer rows that training has seen, as a part of all, do not move a score."""

_FEWEST = 10


class Leak(Check):
    """What the audit found, as far as it moves scores."""

    name: ClassVar[str] = "leak"
    rank: ClassVar[int] = 10

    def find(self, case: Case) -> Finding | None:
        """See the class."""
        found = [one for one in case.materials.findings if one.kind in _KEYS and _moves(one, case.held)]
        if not found:
            return None
        worst = min(found, key=lambda one: list(_KEYS).index(one.kind))
        said, _, remedy = worst.text.rpartition("; ")
        others = f" (and {len(found) - 1} more in the audit)" if len(found) > 1 else ""
        key = "dataset" if worst.kind == "identical_rows" and "splits.type" not in remedy else _KEYS[worst.kind]
        numbers: dict[str, Any] = {"kind": worst.kind, **worst.details}
        text = f"scores may be too good, since there is a leak: {said}{others}"
        return Finding(self.name, text, key, remedy, numbers)


def _moves(suspicion: Suspicion, held: str | None) -> bool:
    if suspicion.kind != "identical_rows":
        return True
    return any(
        pair["of"] == "train" and pair["split"] == held and pair["rows"] >= max(_FEWEST, MANY * pair["total"])
        for pair in suspicion.details["pairs"]
    )
