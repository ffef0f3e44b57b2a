"""What the coach says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something about a run that is worth a change.

    Attributes:
        name: of the check, such as ``overfitting``.
        text: what was found, with its numbers.
        key: the setting to change.
        remedy: what to write there.
        evidence: the numbers in the text.
    """

    name: str
    text: str
    key: str
    remedy: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.text}; {self.remedy}"

    def plain(self) -> dict[str, Any]:
        """For ``metrics.json``."""
        return asdict(self)


def read_findings(recorded: Any) -> tuple[Finding, ...]:
    """Those of the list in ``metrics.json``, which a stranger may have written; others are passed over."""
    found = []
    for one in recorded if isinstance(recorded, list) else []:
        texts = [one.get(name) for name in ("name", "text", "key", "remedy")] if isinstance(one, dict) else [None]
        if all(isinstance(text, str) for text in texts):
            numbers = one.get("evidence")
            name, text, key, remedy = map(str, texts)
            found.append(Finding(name, text, key, remedy, numbers if isinstance(numbers, dict) else {}))
    return tuple(found)
