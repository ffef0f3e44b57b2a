"""Whole series as examples, each an array that is padded to one length."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dltrain.data.series import Series
from dltrain.data.source import Rows, Source
from dltrain.data.windows import WINDOW, WindowSpec, times_as_text, windows_at_once
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np


def common_length(spec: WindowSpec, parts: Sequence[Series]) -> tuple[int, bool]:
    """How many rows whole series are brought to, and whether some may have fewer.

    By default the longest of all parts; then, and only then, series that all have it are never padded.
    """
    lengths = [stop - start for series in parts for start, stop in series.bounds]
    if spec.length is not None:
        return spec.length, True
    return max(lengths), min(lengths) < max(lengths)


class WholeSeries(Source):
    """The series of one part, copied out of its rows chunk by chunk, NaN behind the end of shorter ones.

    Args of the constructor: the rows, the settings, and what each series becomes.

    Raises:
        DataError: a series is shorter or longer than may be, has targets that contradict each other,
            or ends in a row without any value.
    """

    held = True

    def __init__(self, series: Series, spec: WindowSpec, feature: Feature) -> None:
        import numpy as np

        self._series = series
        self._length = feature.shape[0] or 0
        bounds = np.asarray(series.bounds)
        self._starts, self._stops = bounds[:, 0], bounds[:, 1]
        self._check_lengths(spec, feature)
        if series.target is not None:
            self._check_labels(series.target)
        if spec.truncate == "beginning":
            self._starts = np.maximum(self._starts, self._stops - self._length)
        else:
            self._stops = np.minimum(self._stops, self._starts + self._length)
        if feature.padded:
            self._check_ends()

    def chunks(self) -> Iterator[Rows]:
        """Series of at most some megabytes."""
        series = self._series
        size = windows_at_once(self._length * series.values.shape[1])
        for start in range(0, len(self._starts), size):
            starts, stops = self._starts[start : start + size], self._stops[start : start + size]
            last = stops - 1
            target = None if series.target is None else series.target[last]
            yield Rows({WINDOW: self._padded(starts, stops)}, target, self._extras(last))

    def _padded(self, starts: "np.ndarray", stops: "np.ndarray") -> "np.ndarray":
        """Arrays (series, length, columns)."""
        import numpy as np

        rows = starts[:, None] + np.arange(self._length)
        behind = rows >= stops[:, None]
        padded: np.ndarray = self._series.values[np.where(behind, starts[:, None], rows)]
        padded[behind] = np.nan
        return padded

    def _extras(self, last: "np.ndarray") -> "dict[str, np.ndarray]":
        """Of the last row of each series."""
        extras = {name: column[last] for name, column in self._series.extras.items()}
        return extras if self._series.target is not None else times_as_text(extras)

    def _check_lengths(self, spec: WindowSpec, feature: Feature) -> None:
        """Refuses series that are too long where nothing says to cut them, or too short for a model without a mask."""
        lengths = self._stops - self._starts
        wrong = lengths < self._length if not feature.padded else lengths < 0
        if spec.length is None and spec.truncate is None:
            wrong |= lengths > self._length
        if not wrong.any():
            return
        index = int(wrong.argmax())
        first, count = int(self._starts[index]), int(lengths[index])
        text = f"{self._series.label(first)} begins here and has {count} row{'s' * (count != 1)}, and the "
        trained = f"model takes {'at most' if feature.padded else 'exactly'} {self._length}"
        remedy = f"`window: {{length: {self._length}}}`, which cuts longer ones and pads shorter ones"
        raise self._series.error(first, f"{text}{trained}; cut or fill it, or train with {remedy}")

    def _check_labels(self, target: "np.ndarray") -> None:
        for start, stop in zip(self._starts.tolist(), self._stops.tolist(), strict=True):
            labels = target[start:stop]
            if (other := labels != labels[0]).any():
                row = start + int(other.reshape(len(labels), -1).any(axis=1).argmax())
                text = f"{self._series.label(row)} has the targets '{labels[0]}' and '{target[row]}'"
                raise self._series.error(row, f"{text}; a whole series has one, so write `past`, or mend it")

    def _check_ends(self) -> None:
        """Refuses a last row that would be taken for padding."""
        import numpy as np

        empty = np.isnan(self._series.values[self._stops - 1]).all(axis=1)
        if empty.any():
            row = int(self._stops[empty.argmax()]) - 1
            text = f"{self._series.label(row)} ends here in a row without any value, which would be padding"
            raise self._series.error(row, f"{text}; drop the row, or fill it")
