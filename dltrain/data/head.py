"""The first rows of a table, which tell what its columns hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dltrain.data.columns import Column, Sighting
from dltrain.data.date_forms import without_other_dates
from dltrain.data.dates import ISO
from dltrain.data.identifiers import noted
from dltrain.data.reader import TableReader
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec

if TYPE_CHECKING:
    import pyarrow as pa

_HELD = {"categorical": "labels", "text": "text", "datetime": "dates"}


@dataclass(frozen=True)
class Head:
    """The first rows of a file, which tell what its columns hold.

    Attributes:
        reader: the file.
        mark: the decimal mark.
        names: the columns that are looked at.
    """

    reader: TableReader
    mark: str
    names: Sequence[str]

    def feature(self, name: str, given: FeatureSpec | None) -> Column:
        """A feature: as the config says, or as it is seen."""
        if given is not None and given.kind is not None:
            return Column(name, given.kind, format=getattr(given, "format", None))
        return noted(without_other_dates(self._sighting(name)).describe(), self._rows.column(name))

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
        rows = self.reader.head(self.names)
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
