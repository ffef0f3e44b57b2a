"""What an audit finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """Something worth a look before the scores are believed.

    Attributes:
        kind: ``identical_rows``, ``divided_groups``, ``future_targets`` or ``telling_column``.
        text: what was found, and what to do.
        details: the numbers in it.
    """

    kind: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For a manifest."""
        return {"kind": self.kind, "text": self.text, **self.details}
