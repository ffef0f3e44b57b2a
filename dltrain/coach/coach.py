"""At most three findings on a run, those that matter most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dltrain.coach.case import Case
from dltrain.coach.check import Check, all_checks
from dltrain.coach.finding import Finding

MOST = 3


@dataclass(frozen=True)
class Advice:
    """What the coach has to say.

    Attributes:
        findings: those that matter most first; none where nothing was found.
        failed: checks that could not be made, and why.
    """

    findings: tuple[Finding, ...]
    failed: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """For the log."""
        found = [f"coach: {finding}" for finding in self.findings] or ["coach: found nothing to change"]
        return [*found, *self.failed]


def advise(case: Case) -> Advice:
    """Makes all checks; one that fails is no reason to lose a training."""
    found: list[tuple[Check, Finding]] = []
    failed = []
    for check in all_checks():
        try:
            finding = check.find(case)
        except Exception as error:
            failed.append(f"coach: no look at {check.name.replace('_', ' ')}: {type(error).__name__}: {error}")
            continue
        if finding is not None:
            found.append((check, finding))
    return Advice(chosen(found), tuple(failed))


def chosen(found: Iterable[tuple[Check, Finding]]) -> tuple[Finding, ...]:
    """The most important of what was found, without what others of it explain."""
    ranked = sorted(found, key=lambda pair: pair[0].rank)
    explained = {name for check, _ in ranked for name in check.explains}
    return tuple(finding for _, finding in ranked if finding.name not in explained)[:MOST]


def of_folds(folds: Sequence[Sequence[Finding]]) -> tuple[Finding, ...]:
    """What more than half of the folds of a cross-validation say, with the text of the first of them that does."""
    counts = Counter(finding.name for findings in folds for finding in findings)
    found = []
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        if 2 * count <= len(folds):
            continue
        saying = [fold for fold, findings in enumerate(folds, 1) if name in [finding.name for finding in findings]]
        first = next(finding for finding in folds[saying[0] - 1] if finding.name == name)
        text = f"in {count} of {len(folds)} folds, as in fold {saying[0]}: {first.text}"
        found.append(replace(first, text=text, evidence={**first.evidence, "folds": saying}))
    return tuple(found)[:MOST]
