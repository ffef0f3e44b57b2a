"""What every check has; being a subclass in a module of this package is its registration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar

import dltrain.coach
from dltrain.coach.case import Case
from dltrain.coach.finding import Finding


class Check(ABC):
    """Looks for one thing that may be wrong with a run. It is silent where it is not certain."""

    name: ClassVar[str]
    """Of its finding."""

    rank: ClassVar[int]
    """Findings of a lower rank matter more; no two checks have the same."""

    explains: ClassVar[tuple[str, ...]] = ()
    """Checks whose findings follow from this one's, and are not worth a word beside it."""

    @abstractmethod
    def find(self, case: Case) -> Finding | None:
        """What is wrong; None where nothing is, or too little is known."""


def all_checks() -> list[Check]:
    """One of each, those that matter most first."""
    for module in iter_modules(dltrain.coach.__path__):
        import_module(f"dltrain.coach.{module.name}")
    return [check() for check in sorted(Check.__subclasses__(), key=lambda check: check.rank)]
