"""The columns that windows over time are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltrain.data.columns import Column
from dltrain.data.dates import datetime_parts
from dltrain.data.reader import TableReader
from dltrain.data.series import Order, Series, read_series
from dltrain.data.source import Source
from dltrain.data.table_source import TableSource
from dltrain.data.whole_series import WholeSeries, common_length
from dltrain.data.windows import WINDOW, WindowSource, WindowSpec
from dltrain.preprocessing.base import Missing
from dltrain.preprocessing.datetime import CYCLES
from dltrain.signature import DATETIME_PARTS, Feature
from dltrain.spec.problems import SpecError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class WindowColumns:
    """Columns of a table in their roles.

    Attributes:
        spec: the settings.
        inputs: those of a window, numbers all of them.
        targets: those of the target; none where it is not known.
        others: time, group, and those that rows carry besides.
        missing: what is done about a number that is not there.
    """

    spec: WindowSpec
    inputs: Sequence[Column]
    targets: Sequence[Column]
    others: Sequence[Column]
    missing: Missing

    def read(self, readers: Sequence[TableReader]) -> Series:
        """The rows of some files, checked, with columns of the calendar."""
        import numpy as np

        series = read_series([(reader.path.name, self._rows(reader)) for reader in readers], self._order)
        self._check_values(series)
        if self.spec.calendar:
            series.values = np.concatenate([series.values, self._calendar(series)], axis=1)
        return series

    def source(self, series: Series, feature: Feature) -> Source:
        """The windows of these rows."""
        if self.spec.past is None:
            return WholeSeries(series, self.spec, feature)
        return WindowSource(series, self.spec, past=self.spec.past, labelled=bool(self.targets))

    @property
    def names(self) -> list[str]:
        """Of all of them."""
        return list(dict.fromkeys(column.name for column in (*self.inputs, *self.others, *self.targets)))

    def feature(self, parts: Sequence[Series]) -> Feature:
        """The one input of a model, made of the rows of all parts."""
        length, padded = (self.spec.past, False) if self.spec.past else common_length(self.spec, parts)
        cycles = [f"{wave}({part})" for part in self.spec.calendar for wave in ("sin", "cos")]
        names = (*(column.name for column in self.inputs), *cycles)
        own = tuple(names.index(column.name) for column in self.targets) if self._knows_past else ()
        shape = (length, len(names))
        return Feature(
            name=WINDOW, kind="numeric", dtype="float32", shape=shape, columns=names, own_past=own, padded=padded
        )

    @property
    def _knows_past(self) -> bool:
        """Whether all targets lie in the window, up to its last row, and are predicted after it."""
        return self.spec.horizon is not None and {*self.targets} <= {*self.inputs}

    @property
    def _order(self) -> Order:
        time = next((column for column in self.others if column.name == self.spec.time), None)
        return self.spec.order(dated=time is not None and time.kind == "datetime")

    def _rows(self, reader: TableReader) -> Source:
        """The rows of one file as they stand."""
        columns = {column.name: column for column in (*self.inputs, *self.others, *self.targets)}
        return TableSource(
            [reader],
            list(columns.values()),
            features=[column.feature for column in self.inputs],
            targets=[column.name for column in self.targets],
            extras=[column.name for column in self.others],
        )

    def _check_values(self, series: Series) -> None:
        """Refuses numbers that are infinite, or not there where nothing replaces them."""
        import numpy as np

        predicted = {column.name for column in self.targets}
        checked = [(column.name, series.values[:, index]) for index, column in enumerate(self.inputs)]
        if series.target is not None and series.target.dtype.kind == "f":
            targets = series.target.reshape(len(series), -1)
            checked += [(column.name, targets[:, index]) for index, column in enumerate(self.targets)]
        for name, values in checked:
            fill = self.missing != "error" and name not in predicted
            absent, infinite = np.isnan(values), np.abs(values) > np.finfo("float32").max
            wrong = infinite if fill else absent | infinite
            if wrong.any():
                row = int(wrong.argmax())
                text = "has no value" if absent[row] else "is infinite or above 3e38"
                many = f" ({int(wrong.sum())} such rows)" if wrong.sum() > 1 else ""
                remedy = ", or write `dataset.missing: mean`" if absent[row] and name not in predicted else ""
                raise series.error(row, f"column '{name}' {text}{many}; fill these rows{remedy}")

    def _calendar(self, series: Series) -> "np.ndarray":
        """A sine and a cosine of each part, float32 (rows, 2 * parts)."""
        import numpy as np
        import pyarrow as pa

        if not self._order.dated:
            text = f"`calendar` is of dates, and column '{self.spec.time}' holds numbers; delete it"
            raise SpecError.at("dataset.window.calendar", text)
        parts = datetime_parts(pa.array(series.time, pa.timestamp("us")))
        columns = []
        for name in self.spec.calendar:
            first, length = CYCLES[name]
            angle = (parts[:, DATETIME_PARTS.index(name)] - first) * (2 * np.pi / length)
            columns += [np.sin(angle), np.cos(angle)]
        return np.stack(columns, axis=1).astype("float32")
