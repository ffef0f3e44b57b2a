"""From the columns of a table to windows over time."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dltrain.data.column_names import check_named, check_part
from dltrain.data.columns import Column, Sighting
from dltrain.data.dates import ISO
from dltrain.data.reader import TableReader
from dltrain.data.source import Dataset, Source
from dltrain.data.window_columns import WindowColumns
from dltrain.data.windows import WindowSpec
from dltrain.errors import DataError
from dltrain.preprocessing.base import Missing
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

if TYPE_CHECKING:
    import pyarrow as pa

_HELD = {"categorical": "labels", "text": "text", "datetime": "dates"}


@dataclass(frozen=True)
class WindowTable:
    """A table whose examples are windows.

    Attributes:
        spec: the settings.
        targets: the columns of the target.
        ignore: columns that are left out.
        missing: what is done about a number that is not there.
        mark: the decimal mark.
    """

    spec: WindowSpec
    targets: Sequence[str]
    ignore: Sequence[str]
    missing: Missing
    mark: str

    def load(
        self,
        readers: Mapping[str, Sequence[TableReader]],
        extras: Sequence[str],
        *,
        origin: str,
        fingerprint: Callable[[], str],
    ) -> Dataset:
        """A part for each list of files; `extras` are columns that rows carry besides.

        Raises:
            SpecError: the settings do not fit the columns.
            DataError: the files are broken, or make no windows.
        """
        reader = readers["train"][0]
        head = _Head(reader, self.mark)
        skipped = {*self.ignore, *extras, *dict(self.spec.named).values()}
        # The target is known up to the window's last row where what follows is predicted.
        skipped |= set() if self.spec.horizon else set(self.targets)
        names = [name for name in reader.names if name not in skipped]
        check_named(reader, names)
        inputs = [column for name in names if (column := head.number(name, target=name in self.targets))]
        if not inputs:
            raise DataError(f"{reader.path}: has no columns of numbers to make windows of")
        columns = self._columns(head, inputs, self.targets, extras)
        for other in (other for found in readers.values() for other in found):
            check_part(other, columns.names, reader)
        series = {part: columns.read(readers[part]) for part in dict.fromkeys(["train", *readers])}
        feature, name = columns.feature(list(series.values())), ", ".join(self.targets)
        parts = {part: columns.source(found, feature) for part, found in series.items()}
        values = self._value_names if len(self._value_names) > 1 else ()
        return Dataset(parts, (feature,), name, fingerprint, origin, target_columns=values)

    def open(self, readers: Sequence[TableReader], feature: Feature, *, labelled: bool) -> Source:
        """The windows of other files, with the columns of `feature`.

        Raises:
            DataError: a column is missing, or the files are broken, or make no windows.
        """
        names = feature.columns[: len(feature.columns) - 2 * len(self.spec.calendar)]
        targets = self.targets if labelled else ()
        for reader in readers:
            for name in (*names, *dict(self.spec.named).values(), *targets):
                if name not in reader.names:
                    raise DataError(f"{reader.path}: has no column '{name}', which the run was trained with")
        head = _Head(readers[0], self.mark)
        inputs = [head.known(name) for name in names]
        columns = self._columns(head, inputs, targets)
        return columns.source(columns.read(readers), feature)

    @property
    def _value_names(self) -> tuple[str, ...]:
        """Of what is predicted for a window, such as ``load+1`` and ``load+2``."""
        if self.spec.horizon is None:
            return tuple(self.targets)
        first = 1 if self.spec.output == "all" else self.spec.horizon
        return tuple(f"{name}+{step}" for step in range(first, self.spec.horizon + 1) for name in self.targets)

    def _columns(
        self, head: "_Head", inputs: Sequence[Column], targets: Sequence[str], extras: Sequence[str] = ()
    ) -> WindowColumns:
        others = {name: head.exact(name) for name in (self.spec.group, *extras) if name is not None}
        if self.spec.time:
            others[self.spec.time] = head.time(self.spec.time, self.spec.format)
        predicted = [head.label(name) for name in targets]
        for column in predicted:
            if column.kind != "numeric" and self.spec.output == "all" and (self.spec.horizon or 1) > 1:
                text = f"'{column.name}' holds labels, and one can be predicted; write `output: last`"
                raise SpecError.at("dataset.window", text)
        return WindowColumns(self.spec, inputs, predicted, list(others.values()), self.missing)


@dataclass(frozen=True)
class _Head:
    """The first rows of a file, which tell what its columns hold."""

    reader: TableReader
    mark: str

    def label(self, name: str) -> Column:
        """A target, numbers or labels."""
        return self._sighting(name).describe_target()

    def exact(self, name: str) -> Column:
        """Another column of numbers or labels."""
        return self._sighting(name).describe_exact()

    def _sighting(self, name: str) -> Sighting:
        values = self._rows.column(name)
        return Sighting(name, values, self.reader.path.name, self.mark, self.reader.untyped)

    @cached_property
    def _rows(self) -> "pa.Table":
        rows = self.reader.head(self.reader.names)
        if not rows.num_rows:
            raise DataError(f"{self.reader.path}: has no rows")
        return rows

    def number(self, name: str, *, target: bool = False) -> Column | None:
        """A column of a window; None for a target that holds labels, and so cannot be in it.

        Raises:
            DataError: it does not hold numbers.
        """
        if target:
            column = self.label(name)
            return column if column.kind == "numeric" else None
        column = self._sighting(name).describe()
        if column.kind not in ("numeric", "boolean"):
            text = f"column '{name}' holds {_HELD[column.kind]}, and a window is made of numbers"
            raise DataError(f"{self.reader.path}: {text}; leave it out with `dataset.ignore: [{name}]`")
        return column

    def known(self, name: str) -> Column:
        """A column that held numbers when the model was trained."""
        try:
            kind = self._sighting(name).describe().kind
        except DataError:
            kind = "numeric"
        return Column(name, "boolean" if kind == "boolean" else "numeric")

    def time(self, name: str, form: str | None) -> Column:
        """A column of dates or numbers.

        Raises:
            DataError: it holds neither.
        """
        if form:
            return Column(name, "datetime", format=form)
        try:
            column = self._sighting(name).describe()
        except DataError:
            column = self.label(name)
        if column.kind == "categorical" and self._begins_with_a_date(name):
            # Whoever reads the rows names the one that holds none.
            return Column(name, "datetime")
        if column.kind not in ("datetime", "numeric"):
            text = f"column '{name}' holds neither numbers nor dates like 2024-12-31 23:59:00"
            remedy = 'write how: `window: {format: "%d/%m/%Y %H:%M"}`'
            raise DataError(f"{self.reader.path}: {text}; if they are dates, {remedy}")
        return column

    def _begins_with_a_date(self, name: str) -> bool:
        there = self._rows.column(name).drop_null()
        return len(there) > 0 and re.match(ISO, str(there[0].as_py())) is not None
