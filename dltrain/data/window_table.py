"""From the columns of a table to windows over time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dltrain.data.column_names import check_named, check_parts
from dltrain.data.columns import Column
from dltrain.data.glance import Glance
from dltrain.data.head import Head
from dltrain.data.reader import TableReader
from dltrain.data.source import Dataset, Source
from dltrain.data.table_glance import seen_target
from dltrain.data.window_columns import WindowColumns
from dltrain.data.windows import WINDOW, WindowSpec
from dltrain.errors import DataError
from dltrain.preprocessing.base import Missing
from dltrain.signature import Feature, SeenTarget
from dltrain.spec.problems import SpecError


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
        head = Head(reader, self.mark, reader.names)
        names = self._input_names(reader, extras)
        inputs = [column for name in names if (column := head.number(name, target=name in self.targets))]
        if not inputs:
            raise DataError(f"{reader.path}: has no columns of numbers to make windows of")
        columns = self._columns(head, inputs, self.targets, extras)
        check_parts(readers, columns.names)
        series = {part: columns.read(readers[part]) for part in dict.fromkeys(["train", *readers])}
        feature, name = columns.feature(list(series.values())), ", ".join(self.targets)
        parts = {part: columns.source(found, feature) for part, found in series.items()}
        values = self._value_names if len(self._value_names) > 1 else ()
        return Dataset(parts, (feature,), name, fingerprint, origin, target_columns=values)

    def glance(self, readers: Mapping[str, Sequence[TableReader]], extras: Sequence[str]) -> Glance:
        """The shape of a window and of its target, as far as the first rows tell.

        Raises:
            DataError: a column has no name, or a file lacks one.
        """
        reader = readers["train"][0]
        names = self._input_names(reader, extras)
        check_parts(readers, [*names, *dict(self.spec.named).values(), *self.targets, *extras])
        first = reader.first_rows([*names, *self.targets])
        seen = seen_target(first, self.targets)
        if first is None or any(first.kind(name) not in ("numeric", "boolean") for name in names):
            return Glance(target=self._ahead(seen), rows=dict.fromkeys(readers))
        length = self.spec.past or self.spec.length
        shape = (length, len(names) + 2 * len(self.spec.calendar))
        padded = self.spec.past is None and self.spec.length is not None
        feature = Feature(name=WINDOW, kind="numeric", dtype="float32", shape=shape, padded=padded)
        return Glance((feature,), self._ahead(seen), dict.fromkeys(readers))

    def _ahead(self, seen: SeenTarget) -> SeenTarget:
        """The target of a window, given that of a row; which labels there are is known only with all windows."""
        several = self.spec.output == "all" and (self.spec.horizon or 1) > 1
        steps = (self.spec.horizon or 1,) if several else ()
        values = self._value_names if len(self._value_names) > 1 else ()
        shape = None if seen.shape is None else (*steps, *seen.shape)
        return replace(seen, columns=values, shape=shape, labels=None)

    def _input_names(self, reader: TableReader, extras: Sequence[str]) -> list[str]:
        """The columns of a window."""
        skipped = {*self.ignore, *extras, *dict(self.spec.named).values()}
        # The target is known up to the window's last row where what follows is predicted.
        skipped |= set() if self.spec.horizon else set(self.targets)
        names = [name for name in reader.names if name not in skipped]
        check_named(reader, names)
        return names

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
        head = Head(readers[0], self.mark, readers[0].names)
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
        self, head: Head, inputs: Sequence[Column], targets: Sequence[str], extras: Sequence[str] = ()
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
