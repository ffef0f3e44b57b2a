"""What differs between runs: read what is on disk, and say side by side what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dltrain.contrast.answers import Answers, read_answers
from dltrain.contrast.curves import Curves, read_curves
from dltrain.contrast.paired import PairedTest, paired_test
from dltrain.contrast.settings import Missing, circumstances, differing, read_settings
from dltrain.errors import RunError, UsageError
from dltrain.opening import opening
from dltrain.runs.catalog import Entry, entry
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_json
from dltrain.runs.rating import Rating, mapping

MOST_RUNS = 20
"""More cannot be told apart side by side; `dltrain runs` shows them."""


@dataclass(frozen=True)
class Contrast:
    """Runs side by side; the first is what the others are tested against.

    Attributes:
        entries: what the record of each says.
        settings: the value of each run, or `MISSING`, of every setting that is not the same in all.
        circumstances: the same for data, splits, machine and versions.
        curves: of each run.
        tests: of each run but the first against the first, or why there is none.
        notes: what of the records could not be read.
    """

    entries: Sequence[Entry]
    settings: Mapping[str, Sequence[Any]]
    circumstances: Mapping[str, Sequence[Any]]
    curves: Sequence[Curves]
    tests: Sequence[PairedTest | str]
    notes: Sequence[str]

    @property
    def names(self) -> list[str]:
        """What the runs are called."""
        return [str(found.run) for found in self.entries]

    def ratings(self) -> dict[str, dict[str, list[Rating]]]:
        """The scores of each split by name, for each run; a run without one has no score."""
        every = [found.ratings.splits for found in self.entries]
        splits = dict.fromkeys(split for found in every for split in found)
        return {
            split: {
                name: [found.get(split, {}).get(name, Rating()) for found in every]
                for name in dict.fromkeys(name for found in every for name in found.get(split, ()))
            }
            for split in splits
        }

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        tests = [
            test.plain() if isinstance(test, PairedTest) else {"run": name, "against": self.names[0], "problem": test}
            for name, test in zip(self.names[1:], self.tests, strict=True)
        ]
        return {
            "runs": [found.plain() for found in self.entries],
            "settings": _plain(self.settings),
            "circumstances": _plain(self.circumstances),
            "scores": {
                split: {name: [rating.plain() for rating in ratings] for name, ratings in scores.items()}
                for split, scores in self.ratings().items()
            },
            "tests": tests,
            "notes": list(self.notes),
        }


def _plain(rows: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {name: [None if isinstance(value, Missing) else value for value in values] for name, values in rows.items()}


def contrast(runs: Sequence[RunDirectory]) -> Contrast:
    """Compares runs with the first of them. What a record lacks is said in a note, and the rest is compared.

    Raises:
        UsageError: these are not at least two different runs, or too many.
    """
    different = list(dict.fromkeys(runs))
    if len(different) < 2:
        raise UsageError(
            f"only {different[0]} is named; name two runs or more" if different else "name two runs or more"
        )
    if len(different) > MOST_RUNS:
        raise UsageError(f"{len(different)} runs are too many to see side by side; name at most {MOST_RUNS}")
    entries, notes = [entry(run) for run in different], []
    notes += [f"{found.run} {found.status}: {found.problem}" for found in entries if found.problem]
    settings = [_settings(run, notes) for run in different]
    around = [circumstances(_manifest(run)) for run in different]
    curves = [read_curves(run) for run in different]
    known = [found for found in settings if found]
    differences = differing(settings) if len(known) == len(settings) else {}
    return Contrast(entries, differences, differing(around), curves, _tests(different), notes)


def _settings(run: RunDirectory, notes: list[str]) -> dict[str, Any]:
    try:
        return read_settings(run)
    except RunError as error:
        notes.append(str(error))
        return {}


def _manifest(run: RunDirectory) -> dict[str, Any]:
    """Of a cross-validation, what its folds have in common is in that of the first, but the splits."""
    try:
        found = mapping(read_json(run.manifest))
        if not run.folds:
            return found
        return {**mapping(read_json(run.folds[0].manifest)), "splits": found.get("splits")}
    except RunError:
        return {}


def _tests(runs: Sequence[RunDirectory]) -> list[PairedTest | str]:
    found = [_tested(run) for run in runs]
    return [_test(found[0], other) for other in found[1:]]


def _tested(run: RunDirectory) -> Answers | str:
    try:
        return read_answers(run)
    except RunError as error:
        return str(error)


def _test(first: Answers | str, second: Answers | str) -> PairedTest | str:
    for side in (first, second):
        if isinstance(side, str):
            return side
    assert isinstance(first, Answers)
    assert isinstance(second, Answers)
    try:
        with opening(second.run, "compared"):
            return paired_test(first, second)
    except RunError as error:
        return str(error)
