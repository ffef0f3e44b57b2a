"""Splits in the order of time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from dltrain.spec.problems import SpecError
from dltrain.splits.base import SPAN, Population, Splits
from dltrain.splits.by_column import ColumnSplitsSpec

if TYPE_CHECKING:
    import numpy as np

ORDER = ("train", "validation", "test")


class Time(ColumnSplitsSpec):
    """The earliest rows train, later ones validate, the latest test: training never sees the future.

    Shares are of the rows in the order of time. Rows of the same time are in one split, so that a
    boundary moves to the nearest change of time. Where rows reach over some time, as windows of a
    series do, those whose target reaches over a boundary are in no split.

    Attributes:
        column: numbers, or dates such as 2024-12-31 or 2024-12-31 23:59:00. Not needed where the
            dataset is a series of its own.
        format: of dates in another form, such as ``"%d.%m.%Y"``.
    """

    type: Literal["time"] = "time"
    spellings: ClassVar[Mapping[str, str]] = {"time": "column"}
    format: Annotated[str, Field(min_length=2, max_length=100)] | None = None

    def sizes(self, rows: Mapping[str, int | None]) -> dict[str, int]:
        """Not known before the times are read."""
        super().sizes(rows)
        return {}

    def split(self, population: Population, *, seed: int) -> Splits:
        """Chance has no part in it."""
        import numpy as np

        first, last = self._spans(population)
        counts, parts = self.counts(population), population.ids
        pool, drawn = parts["train"], [key for key in ORDER[1:] if counts.get(key)]
        sizes = [counts[key] or 0 for key in drawn]
        bounds = _bounds(np.sort(first[pool]), sizes, ["train", *drawn])
        chosen = {key: parts[key] for key, count in counts.items() if count is None}
        for name, start, end in zip(["train", *drawn], [None, *bounds], [*bounds, None], strict=True):
            after = True if start is None else first[pool] >= start
            before = True if end is None else last[pool] < end
            chosen[name] = pool[np.broadcast_to(after, len(pool)) & before]
            if not len(chosen[name]):
                text = f"every target that could be in {name} reaches over a boundary of two splits"
                raise SpecError.at("", f"{text}; take larger shares, or fewer steps")
        self._check_order(chosen, first, last, population)
        return Splits.of(chosen, left_out=len(pool) - sum(len(chosen[name]) for name in ("train", *drawn)))

    def _spans(self, population: Population) -> "tuple[np.ndarray, np.ndarray]":
        """The first and last time of every row."""
        if SPAN[0] in population.columns:
            return self._times(SPAN[0], population), self._times(SPAN[1], population)
        if self.column is None:
            raise SpecError.at("", "nothing says which rows are earlier; write `column:` with the column of times")
        times = self._times(self.column, population)
        return times, times

    def _times(self, column: str, population: Population) -> "np.ndarray":
        """Times as numbers."""
        import numpy as np

        values = population.columns[column]
        if values.dtype.kind == "M":
            wrong, times = np.isnat(values), values.astype("datetime64[us]").astype("int64")
        elif values.dtype.kind in "OUS":
            times, wrong = self._parsed(values.astype(str))
        else:
            wrong, times = ~np.isfinite(values), values
        if wrong.any():
            row = int(wrong.argmax())
            wanted = self.format or "2024-12-31 or 2024-12-31 23:59:00"
            remedy = "mend it" if self.format else 'mend it, or write `format:` such as "%d.%m.%Y"'
            text = f"{population.row(row)}: '{column}' holds {str(values[row])[:40]!r}, which is no date like {wanted}"
            raise SpecError.at("column", f"{text}; {remedy}")
        return times

    def _parsed(self, texts: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """Microseconds since 1970 of every text, and which texts are no date."""
        import numpy as np

        found, inverse = np.unique(texts, return_inverse=True)
        moments = [_moment(text, self.format) for text in found.tolist()]
        times = np.array(moments, "datetime64[us]")[inverse]
        return times.astype("int64"), np.isnat(times)

    def _check_order(
        self, chosen: "dict[str, np.ndarray]", first: "np.ndarray", last: "np.ndarray", population: Population
    ) -> None:
        """Refuses parts that the data sets aside itself but that are not later than what comes before."""
        names = [name for name in ORDER if len(chosen.get(name, ()))]
        for before, after in pairwise(names):
            late = chosen[before][last[chosen[before]].argmax()]
            early = chosen[after][first[chosen[after]].argmin()]
            if last[late] >= first[early]:
                rows = (
                    f"{population.row(late)} is in {before} and is not earlier than {population.row(early)} in {after}"
                )
                text = "the parts of the dataset are not in the order of time"
                # Windows that overlap are not drawn at random, but parts can be taken as they are.
                kept = [f"{name}: {'provided' if name in population.parts else 'none'}" for name in ORDER[1:]]
                other = f"{{type: random, {', '.join(kept)}}}" if SPAN[0] in population.columns else "type: random"
                raise SpecError.at("", f"{text}: {rows}; write {other}, or mend the parts")


def _bounds(times: "np.ndarray", sizes: Sequence[int], names: Sequence[str]) -> list[Any]:
    """The first time of each split after the first, nearest to the wanted sizes.

    Args:
        times: of all rows, ascending.
        sizes: rows wanted in each split after the first.
        names: of all splits.
    """
    import numpy as np

    changes = np.flatnonzero(times[1:] > times[:-1]) + 1
    if len(changes) < len(sizes):
        text = f"there are {len(changes) + 1} different times, and {', '.join(names)} need {len(names)}"
        raise SpecError.at("", f"{text}; write none for a split that you can do without")
    bounds: list[Any] = []
    place, end = len(times), len(changes)
    for earlier, size in reversed(list(enumerate(sizes))):
        place -= size
        free = changes[earlier:end]
        nearest = int(np.abs(free - place).argmin())
        end = earlier + nearest
        bounds.insert(0, times[free[nearest]])
    return bounds


def _moment(text: str, form: str | None) -> datetime | None:
    """A date, in UTC where it names a zone; None for what is no date."""
    try:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
