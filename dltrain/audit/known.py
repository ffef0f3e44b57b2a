"""Rows that are scored though training has seen them, or others of their group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dltrain.audit.finding import EXAMPLES, Finding
from dltrain.audit.leaks import codes
from dltrain.splits.base import DIGESTS, SPAN, Population, Splits, SplitsSpec

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 1 << 16
_MOST_BITS = 24

_BY_CHANCE = 10
"""Equal rows are shown where they are so many times as many as chance makes."""


@dataclass(frozen=True)
class _Pair:
    """Two splits, and the rows of the second that have the features of a row of the first."""

    known: str
    scored: str
    twins: list[tuple[int, int]]
    rows: int
    total: int
    expected: float

    @property
    def text(self) -> str:
        return f"{self.rows:,} of {self.total:,} {self.scored} rows"


def identical_rows(spec: SplitsSpec, splits: Splits, population: Population, chance: float) -> Iterator[Finding]:
    """Rows of different splits with the same features.

    Args:
        spec: how the splits were drawn.
        splits: the splits.
        population: with `DIGESTS`.
        chance: the probability that two rows are equal by chance, as those of a few columns with few
            values each often are; such rows are not shown.
    """
    named = dict(splits.items())
    order = (("train", "test"), ("train", "validation"), ("validation", "test"))
    compared = [_compare(named, names, population, chance) for names in order if set(names) <= set(named)]
    pairs = [pair for pair in compared if pair.rows]
    if sum(pair.rows for pair in pairs) <= _BY_CHANCE * sum(pair.expected for pair in compared):
        return
    first = [pair for pair in pairs if pair.known == pairs[0].known]
    twins = [f"{population.row(one)} = {population.row(other)}" for one, other in first[0].twins]
    drawn = spec.parts_equals and set(population.parts) == {"train"}
    remedy = "`splits.type: hash` keeps such rows in one split" if drawn else "drop them from one of the two"
    said = f"{' and '.join(pair.text for pair in first)} have the features of a {first[0].known} row"
    details = [{"split": pair.scored, "of": pair.known, "rows": pair.rows, "total": pair.total} for pair in pairs]
    yield Finding("identical_rows", f"{said} ({', '.join(twins)}); {remedy}", {"pairs": details, "examples": twins})


def _compare(named: Mapping[str, np.ndarray], names: tuple[str, str], population: Population, chance: float) -> _Pair:
    import numpy as np

    digests = population.columns[DIGESTS]
    first, second = (named[name] for name in names)
    same = np.flatnonzero(np.isin(digests[second], _shared(digests, first, digests[second])))
    twins = [(int(row), _first_with(digests[row], digests, first)) for row in second[same[:EXAMPLES]]]
    expected = len(second) * min(1.0, len(first) * chance)
    return _Pair(*names, twins, len(same), len(second), expected)


def _shared(digests: np.ndarray, first: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The hashes of these rows that are also among `wanted`.

    Rows whose hash has other last bits than all that are wanted, nearly all of them, are told apart by
    one look at a table that a processor's cache can hold.
    """
    import numpy as np

    bits = min(_MOST_BITS, len(wanted).bit_length() + 4)
    last = np.uint64((1 << bits) - 1)
    table = np.zeros(1 << bits, bool)
    table[wanted & last] = True
    found = []
    for start in range(0, len(first), _AT_ONCE):
        seen = digests[first[start : start + _AT_ONCE]]
        found.append(seen[table[seen & last]])
    candidates = np.concatenate(found)
    shared: np.ndarray = candidates[np.isin(candidates, wanted)]
    return shared


def _first_with(digest: np.uint64, digests: np.ndarray, ids: np.ndarray) -> int:
    """The first of these rows that has the hash."""
    import numpy as np

    found = np.flatnonzero(digests == digest)
    return int(found[np.isin(found, ids)][0])


def chance_of_equality(columns: Mapping[str, np.ndarray]) -> float:
    """The probability that two rows agree in every column, as if columns were independent."""
    import numpy as np

    probability = 1.0
    for values in columns.values():
        _, counts = np.unique(codes(values), return_counts=True)
        rows = len(values)
        probability *= float((counts * (counts - 1.0)).sum()) / max(1.0, rows * (rows - 1.0))
    return probability


def future_targets(splits: Splits, population: Population) -> Iterator[Finding]:
    """Rows to train on that tell what is later than the first row that is scored."""
    if SPAN[0] not in population.columns or not len(splits.train):
        return
    first, last = (population.columns[name] for name in SPAN)
    for name, ids in list(splits.items())[1:]:
        late = int((last[splits.train] >= first[ids].min()).sum())
        if late:
            text = f"{late:,} of {len(splits.train):,} train rows reach into the time of the {name} rows"
            details = {"split": name, "rows": late, "total": len(splits.train)}
            yield Finding("future_targets", f"{text}; `splits.type: time` trains on what is earlier", details)


def divided_groups(spec: SplitsSpec, splits: Splits, population: Population) -> Iterator[Finding]:
    """Groups with rows in more than one split, where it is known what a group is."""
    import numpy as np

    if (column := spec.group_column) is None:
        return
    groups = {name: np.unique(population.columns[column][ids]) for name, ids in splits.items()}
    for one, other in combinations(groups, 2):
        both = np.intersect1d(groups[one], groups[other])
        if len(both):
            shown = [str(value)[:40] for value in both[:EXAMPLES].tolist()]
            many = f"{len(both):,} groups of '{column}' have" if len(both) > 1 else f"a group of '{column}' has"
            examples = ", ".join(f"'{value}'" for value in shown)
            text = f"{many} rows in {one} and in {other} ({examples}); drop their rows from one of the two"
            details = {"column": column, "splits": [one, other], "groups": len(both), "examples": shown}
            yield Finding("divided_groups", text, details)
