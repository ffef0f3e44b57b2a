"""What is suspicious about data and its splits, looked for on every fit: known rows, split groups, leaks.

It takes 8 bytes per row and a sample of at most `_MOST_VALUES` values, and one more look at rows that
are read anyway. It says what it finds and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.audit.leaks import Sample, leaks
from dltrain.data.source import Rows
from dltrain.splits.base import Population, Splits, SplitsSpec
from dltrain.splits.digest import digest, mixed

if TYPE_CHECKING:
    import numpy as np

_MOST_ROWS = 20_000
_MOST_VALUES = 5_000_000
_SAMPLED = 0x5DEECE66D
_EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """Something worth a look before the scores are believed.

    Attributes:
        kind: ``identical_rows``, ``divided_groups`` or ``telling_column``.
        text: what was found, and what to do.
        details: the numbers in it.
    """

    kind: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For a manifest."""
        return {"kind": self.kind, "text": self.text, **self.details}


class Auditor:
    """Looks at rows as they are read for the first time, in order."""

    def __init__(self) -> None:
        self._digests: list[np.ndarray] = []
        self._rows = 0
        self._bound = 1 << 64
        self._kept: list[tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]] = []

    def see(self, rows: Rows) -> None:
        """Remembers a hash of each row, and the values of some rows.

        Rows are sampled by a hash of their number: those below a bound, which is halved when there
        are too many.
        """
        import numpy as np

        self._digests.append(digest(rows.features))
        ids = np.arange(self._rows, self._rows + len(rows))
        self._rows += len(rows)
        columns = _columns(rows.features)
        if not columns:
            return
        keys = mixed(ids.astype("uint64") ^ np.uint64(_SAMPLED))
        self._kept.append((ids, keys, columns))
        self._drop(len(self._kept) - 1)
        while sum(len(kept[0]) for kept in self._kept) > min(_MOST_ROWS, _MOST_VALUES // len(columns)):
            self._bound //= 2
            for index in range(len(self._kept)):
                self._drop(index)

    def _drop(self, index: int) -> None:
        """Forgets rows above the bound."""
        import numpy as np

        ids, keys, columns = self._kept[index]
        within = keys <= np.uint64(self._bound - 1)
        self._kept[index] = (ids[within], keys[within], {name: rows[within] for name, rows in columns.items()})

    @property
    def digests(self) -> np.ndarray:
        """The hash of every row, uint64 (rows,)."""
        import numpy as np

        if len(self._digests) > 1:
            self._digests = [np.concatenate(self._digests)]
        return self._digests[0]

    def findings(
        self, spec: SplitsSpec, splits: Splits, *, population: Population, target: np.ndarray
    ) -> tuple[Finding, ...]:
        """What is suspicious.

        Args:
            spec: how the splits were drawn.
            splits: the splits.
            population: the rows that they were drawn from.
            target: of every row, raw.
        """
        found = [*self._identical(spec, splits, population), *_divided(spec, splits, population)]
        values = target if population.classes is None else population.classes
        if self._kept and values.ndim == 1 and values.dtype.kind in "iuf":
            found += [
                Finding("telling_column", leak.text, leak.details)
                for leak in leaks(self._sample(splits, values), classes=population.classes is not None)
            ]
        return tuple(found)

    def _identical(self, spec: SplitsSpec, splits: Splits, population: Population) -> Iterator[Finding]:
        """Rows of different splits with the same features."""
        import numpy as np

        pairs: list[dict[str, Any]] = []
        twins: list[tuple[int, int]] = []
        for known, scored in (("train", "test"), ("train", "validation"), ("validation", "test")):
            first, second = getattr(splits, known), getattr(splits, scored)
            if not len(first):
                continue
            order = first[np.argsort(self.digests[first], kind="stable")]
            places = np.searchsorted(self.digests[order], self.digests[second])
            # Past the end stands the first row, whose digest is another one.
            found = self.digests[np.append(order, first[:1])[places]] == self.digests[second]
            same = np.flatnonzero(found)
            if len(same):
                pairs.append({"split": scored, "of": known, "rows": len(same), "total": len(second)})
                twins += [(int(second[index]), int(order[places[index]])) for index in same[:_EXAMPLES]]
        if pairs:
            yield _known(pairs, twins[:_EXAMPLES], spec, population)

    def _sample(self, splits: Splits, target: np.ndarray) -> Sample:
        import numpy as np

        ids = np.concatenate([kept[0] for kept in self._kept])
        columns = {name: np.concatenate([kept[2][name] for kept in self._kept]) for name in self._kept[0][2]}
        held_out = np.concatenate([splits.validation, splits.test])
        return Sample(columns, target[ids], np.isin(ids, splits.train), np.isin(ids, held_out))


def _known(
    pairs: list[dict[str, Any]], twins: list[tuple[int, int]], spec: SplitsSpec, population: Population
) -> Finding:
    examples = [f"{population.row(one)} = {population.row(other)}" for one, other in twins]
    counted = [f"of {pair['total']:,} {pair['split']} rows" for pair in pairs]
    drawn = spec.type in ("auto", "random", "stratified") and set(population.parts) == {"train"}
    remedy = "`splits.type: hash` keeps such rows in one split" if drawn else "drop them from one of the two"
    said = [
        f"{pair['rows']:,} {total} have the features of a {pair['of']} row"
        for pair, total in zip(pairs, counted, strict=True)
    ]
    text = f"{', '.join(said)}: {', '.join(examples)}; {remedy}"
    return Finding("identical_rows", text, {"pairs": pairs, "examples": examples})


def _columns(features: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What has one value per row, and the columns of a lone array of vectors."""
    found = {name: values for name, values in features.items() if values.ndim == 1}
    vectors = {name: values for name, values in features.items() if values.ndim == 2 and values.dtype.kind in "iuf"}
    if len(features) == 1:
        for name, values in vectors.items():
            found |= {
                f"{name}[{index}]": values[:, index] for index in range(min(values.shape[1], _MOST_VALUES // 100))
            }
    return found


def _divided(spec: SplitsSpec, splits: Splits, population: Population) -> Iterator[Finding]:
    """Groups with rows in more than one split."""
    import numpy as np

    column = spec.group_column
    if column is None:
        return
    groups = {name: np.unique(population.columns[column][ids]) for name, ids in splits.items()}
    names = list(groups)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            both = np.intersect1d(groups[one], groups[other])
            if len(both):
                shown = [str(value)[:40] for value in both[:_EXAMPLES].tolist()]
                many = "groups have" if len(both) > 1 else "group has"
                text = f"{len(both):,} {many} rows in {one} and {other}, such as {', '.join(map(repr, shown))}"
                remedy = f"of '{column}'; drop their rows from one of the two"
                details = {"column": column, "splits": [one, other], "groups": len(both), "examples": shown}
                yield Finding("divided_groups", f"{text} {remedy}", details)
