"""What columns hold: missing and infinite values, constant ones, ranges and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.ahead import ahead
from dltrain.data.source import Dataset, place_of, policy_for
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.padding import as_zeros
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np

EXAMPLES = 3
_MOST_LABELS = 10_000

Place = Callable[[int], str]


@dataclass
class Sightings:
    """Rows with something in common.

    Attributes:
        count: how many.
        examples: the first of them.
    """

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, found: np.ndarray, place: Place) -> None:
        """Adds those of some rows that `found`, bool (rows,), marks."""
        self.count += int(found.sum())
        for index in found.nonzero()[0][: EXAMPLES - len(self.examples)].tolist():
            self.examples.append(place(index))

    @property
    def shown(self) -> str:
        """``3 rows: a.csv: row 2, row 7 and row 9``."""
        if not self.examples:
            return ""
        first, *others = self.examples
        rest = ", ".join(example.rpartition(": ")[2] for example in others)
        more = ", ..." * (self.count > len(self.examples))
        return f"{first}{', ' * bool(rest)}{rest}{more}"


@dataclass
class ColumnReport:
    """One feature of all rows.

    Attributes:
        feature: which.
        missing: rows without a value.
        infinite: rows with a number that is infinite, or too large for 32 bits.
        refused: rows that cannot be trained on as the config stands.
        low: the smallest number of each column along the last axis.
        high: the largest.
        labels: the different texts, as far as they are few.
    """

    feature: Feature
    missing: Sightings = field(default_factory=Sightings)
    infinite: Sightings = field(default_factory=Sightings)
    refused: Sightings = field(default_factory=Sightings)
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    labels: set[str] = field(default_factory=set)

    def add(self, values: np.ndarray, spec: FeatureSpec, place: Place) -> None:
        """Adds some rows."""
        if values.dtype.kind == "O" or values.dtype.kind == "U":
            self._add_texts(values, place)
        elif values.dtype.kind == "f":
            self._add_numbers(values, place)
        else:
            self._widen(values)
        refused = spec.refuses(values)
        if refused is not None:
            self.refused.add(refused, place)

    def _add_texts(self, values: np.ndarray, place: Place) -> None:
        self.missing.add(values == "", place)
        if len(self.labels) <= _MOST_LABELS:
            self.labels.update(text for text in values.tolist() if text != "")

    def _add_numbers(self, values: np.ndarray, place: Place) -> None:
        import numpy as np

        flat = values.reshape(len(values), -1)
        self.missing.add(np.isnan(flat).any(axis=1), place)
        with np.errstate(invalid="ignore"):
            self.infinite.add((np.abs(flat) > np.finfo("float32").max).any(axis=1), place)
        self._widen(values)

    def _widen(self, values: np.ndarray) -> None:
        import numpy as np

        flat = values.reshape(-1, values.shape[-1] if values.ndim > 1 else 1)
        low, high = np.fmin.reduce(flat, axis=0), np.fmax.reduce(flat, axis=0)
        self.low = low if self.low is None else np.fmin(self.low, low)
        self.high = high if self.high is None else np.fmax(self.high, high)

    @property
    def range(self) -> str:
        """What the values are: ``17 to 90``, or ``9 labels``."""
        if self.labels:
            count = len(self.labels)
            many = f"more than {_MOST_LABELS:,}" if count > _MOST_LABELS else f"{count:,}"
            noun = "text" if self.feature.kind == "text" else "label"
            return f"{many} {noun}{'s' * (count != 1)}"
        if self.low is None or self.high is None or self.feature.kind == "datetime":
            return ""
        return f"{float(self.low.min()):g} to {float(self.high.max()):g}"

    @property
    def constant(self) -> list[str]:
        """The columns that have one value only."""
        name = self.feature.name
        if self.feature.kind in ("image", "datetime", "ids"):
            return []
        if self.low is None or self.high is None:
            return [name] * (len(self.labels) == 1)
        same = (self.low == self.high).nonzero()[0].tolist()
        names = self.feature.columns or [f"{name}[{index}]" for index in range(len(self.low))]
        return [name] * bool(same) if not self.feature.shape else [names[index] for index in same]

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        rows = {"missing": self.missing, "infinite": self.infinite}
        found = {key: {"rows": seen.count, "examples": seen.examples} for key, seen in rows.items()}
        return {"name": self.feature.name, "kind": self.feature.kind, "range": self.range, **found}

    def problem(self, spec: FeatureSpec) -> str:
        """What is wrong with rows that cannot be trained on; empty where all can."""
        if not self.refused.count:
            return ""
        missing = spec.missing_is_refused and self.missing.count
        what = "missing" if missing else "infinite or above 3e38"
        rows = f"{self.refused.count:,} row{'s' * (self.refused.count != 1)}"
        remedy = f", or write `dataset.{policy_for(self.feature, spec)}`" if missing else ""
        return f"'{self.feature.name}' is {what} in {rows} ({self.refused.shown}); fill or drop these rows{remedy}"


def inspect_columns(dataset: Dataset, specs: Mapping[str, FeatureSpec]) -> list[ColumnReport]:
    """All rows, read once; pixels are not looked at."""
    reports = [ColumnReport(feature) for feature in dataset.features if feature.kind != "image"]
    for part, source in dataset.parts.items() if reports else ():
        before = 0
        for rows in ahead(source.chunks()):
            place = place_of(rows, dataset, part, before)
            before += len(rows)
            for report in reports:
                name = report.feature.name
                values = as_zeros(rows.features[name]) if report.feature.padded else rows.features[name]
                report.add(values, specs[name], place)
    return reports


@dataclass
class Unseen:
    """Labels of a feature that no training row has.

    Attributes:
        name: of the feature.
        split: where they are.
        labels: how many labels.
        rows: their rows.
        example: one of the labels.
    """

    name: str
    split: str
    labels: int
    rows: Sightings
    example: str

    @property
    def text(self) -> str:
        """What was found, and what becomes of it."""
        many = f"{self.labels:,} labels" if self.labels > 1 else "a label"
        rows = f"{self.rows.count:,} row{'s' * (self.rows.count != 1)}"
        return (
            f"'{self.name}' has {many} in {rows} of {self.split} that no training row has, such as "
            f"'{self.example[:40]}' ({self.rows.shown}); they are prepared as unknown"
        )


def unseen_labels(dataset: Dataset, splits: Mapping[str, np.ndarray]) -> Iterator[Unseen]:
    """Labels of features that no training row has, in each other split."""
    import numpy as np

    names = [feature.name for feature in dataset.features if feature.kind == "categorical"]
    known: dict[str, set[str]] = {name: set() for name in names}
    for name in names:
        for _, values, chosen in _chunks(dataset, name, splits["train"]):
            known[name].update(values[chosen].tolist())
    for split, ids in splits.items():
        for name in names if split != "train" else ():
            found, rows = set(), Sightings()
            for place, values, chosen in _chunks(dataset, name, ids):
                strange = np.array([text != "" and text not in known[name] for text in values[chosen].tolist()], bool)
                found.update(values[chosen][strange].tolist())
                marked = np.zeros(len(values), bool)
                marked[chosen[strange]] = True
                rows.add(marked, place)
            if found:
                yield Unseen(name, split, len(found), rows, min(found))


def _chunks(dataset: Dataset, name: str, ids: np.ndarray) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """The places and values of a feature, and which of them are among `ids`."""
    from dltrain.study import within

    start = 0
    for part, source in dataset.parts.items():
        before = 0
        for rows in source.chunks():
            chosen = within(ids, start, len(rows))
            if len(chosen):
                yield place_of(rows, dataset, part, before), rows.features[name], chosen
            start += len(rows)
            before += len(rows)
