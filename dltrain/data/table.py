"""Tables: what CSV, Parquet and JSON lines have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.data.base import DatasetSpec
from dltrain.data.columns import Column, describe, describe_target
from dltrain.data.files import existing_files, fingerprint_of_files, missing_file
from dltrain.data.reader import TableReader
from dltrain.data.source import Dataset, Source
from dltrain.data.table_source import TableSource
from dltrain.errors import DataError
from dltrain.preprocessing.base import Missing
from dltrain.signature import Feature
from dltrain.spec import fields
from dltrain.spec.fields import DataPath
from dltrain.spec.problems import Path as KeyPath
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion

if TYPE_CHECKING:
    import pyarrow as pa

ColumnName = Annotated[str, Field(min_length=1, max_length=1000)]


def _listed(value: Any) -> Any:
    """One name stands for a list of one."""
    return (value,) if isinstance(value, str) else value


ColumnNames = Annotated[tuple[ColumnName, ...], fields.Sequence, BeforeValidator(_listed)]


class TableSpec(DatasetSpec):
    """A table: one column is the target, the others are features.

    What a column holds is told from its first 32 megabytes, and `features` says otherwise. A path may
    hold `*`: then all files of that name are read, in the order of their names.

    Attributes:
        path: a file; its rows are split as `splits` says. Or, instead:
        train: the file of the training rows,
        validation: the file of the validation rows, if there is one,
        test: the file of the test rows, if there is one.
        target: the column that is predicted: numbers, or text for classes. Or a list of columns.
        ignore: columns that are left out.
        missing: what is done about a feature's missing value; ``mean`` and ``median`` are
            ``most_frequent`` for labels, and ``constant`` makes a missing label a label of its own.
    """

    path: DataPath | None = None
    train: DataPath | None = None
    validation: DataPath | None = None
    test: DataPath | None = None
    target: Annotated[ColumnNames, Field(min_length=1, max_length=10_000)]
    ignore: ColumnNames = ()
    missing: Missing = "error"

    @model_validator(mode="after")
    def _one_or_parts(self) -> Self:
        if (self.path is None) == (self.train is None):
            both = "`path` and `train` are both given" if self.path else "no file is given"
            text = f"{both}; write `path` for one file to split, or `train` for a file of training rows"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        if self.path is not None and (self.validation or self.test):
            text = "`path` stands alone; call it `train` beside `validation` and `test`"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    @abstractmethod
    def open_table(self, path: Path) -> TableReader:
        """One file, after a look at its header.

        Raises:
            DataError: the file is broken.
        """

    @property
    def decimal_mark(self) -> str:
        """What separates the fraction of a number in a text."""
        return "."

    @property
    def missing_policy(self) -> Missing:
        """As `missing` says."""
        return self.missing

    def find_problems(self) -> list[Problem]:
        """Missing files."""
        return [problem for key, path in self._files() for problem in missing_file(path, key)]

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """A part for each file.

        Raises:
            SpecError: a column that the config names is not there.
        """
        paths = {"train" if key == "path" else key: existing_files(path) for key, path in self._files()}
        readers = {part: [self.open_table(path) for path in found] for part, found in paths.items()}
        first = readers["train"][0]
        for found in readers.values():
            for reader in found:
                self._check_columns(reader)
        columns = self._columns(first, extras)
        features = tuple(column.feature for column in columns if column.name in self._feature_names(first, extras))
        parts: dict[str, Source] = {
            part: TableSource(found, columns, features=features, targets=self.target, extras=extras)
            for part, found in readers.items()
        }
        files = [path for found in paths.values() for path in found]
        origin = ", ".join(dict.fromkeys(path.name for path in files))
        return Dataset(parts, features, ", ".join(self.target), fingerprint_of_files(*files), origin)

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> Source:
        """A file with the same columns; without `labelled` it needs no target."""
        readers = [self.open_table(found) for found in existing_files(path)]
        columns = [self._as_trained(feature) for feature in features]
        for reader in readers:
            if missing := [column.name for column in columns if column.name not in reader.names]:
                raise DataError(f"{path}: has no column '{missing[0]}', which the model takes")
            if labelled and (absent := [name for name in self.target if name not in reader.names]):
                raise DataError(f"{path}: has no column '{absent[0]}', the target of the run")
        targets = self.target if labelled else ()
        columns += [self._target(name, readers[0]) for name in targets]
        return TableSource(readers, columns, features=features, targets=targets)

    def _as_trained(self, feature: Feature) -> Column:
        return Column(feature.name, feature.kind, format=getattr(self.features.get(feature.name), "format", None))

    def _files(self) -> list[tuple[str, str]]:
        named = [(key, getattr(self, key)) for key in ("path", "train", "validation", "test")]
        return [(key, path) for key, path in named if path is not None]

    def _feature_names(self, reader: TableReader, extras: Sequence[str]) -> list[str]:
        """All columns but the target, the ignored ones, and those that serve another purpose."""
        extra = [name for name in extras if name not in self.features]
        names = [name for name in reader.names if name not in (*self.target, *self.ignore, *extra)]
        if not names:
            targets = one_of(f"'{name}'" for name in self.target)
            raise DataError(f"{reader.path}: has no feature columns besides the target {targets}")
        return names

    def _columns(self, reader: TableReader, extras: Sequence[str]) -> list[Column]:
        """Features, targets and extras, each with what it holds."""
        head = reader.head()
        if not head.num_rows:
            raise DataError(f"{reader.path}: has no rows")
        columns = [self._column(name, reader, head) for name in self._feature_names(reader, extras)]
        columns += [self._target(name, reader, head) for name in self.target]
        known = {column.name for column in columns}
        return columns + [self._target(name, reader, head) for name in extras if name not in known]

    def _column(self, name: str, reader: TableReader, head: "pa.Table") -> Column:
        given = self.features.get(name)
        if given is not None:
            return Column(name, given.kind, format=getattr(given, "format", None))
        values = head.column(name)
        return describe(name, values, reader.path.name, mark=self.decimal_mark, untyped=reader.untyped)

    def _target(self, name: str, reader: TableReader, head: "pa.Table | None" = None) -> Column:
        values = (reader.head() if head is None else head).column(name)
        return describe_target(name, values, mark=self.decimal_mark, untyped=reader.untyped)

    def _check_columns(self, reader: TableReader) -> None:
        """Refuses names in the config that are no columns."""
        names = reader.names
        written: list[tuple[KeyPath, str]] = [
            (("dataset", "target", index) if len(self.target) > 1 else ("dataset", "target"), name)
            for index, name in enumerate(self.target)
        ]
        written += [(("dataset", "ignore", index), name) for index, name in enumerate(self.ignore)]
        separator = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), "")
        remedy = f"; write `delimiter: {separator!r}`" if separator else ""
        held = f"it has {one_of(names, limit=30)}{remedy}"
        problems = [
            Problem(f"{reader.path.name} has no column '{name}'; {held}{suggestion(name, names)}", key)
            for key, name in written
            if name not in names
        ]
        if problems:
            raise SpecError(problems)
