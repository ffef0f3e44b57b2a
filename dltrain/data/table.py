"""Tables: what CSV, Parquet and JSON lines have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.data.base import DatasetSpec, format_of
from dltrain.data.column_names import (
    AnyColumnNames,
    ColumnNames,
    Marks,
    check_parts,
    check_written,
    feature_names,
    twice,
    written_names,
)
from dltrain.data.columns import Column
from dltrain.data.files import existing_files, fingerprint_of_files, identity_of, missing_file, origin_of
from dltrain.data.glance import Glance
from dltrain.data.head import Head
from dltrain.data.image_column import images_of, with_images
from dltrain.data.memory import MemoryReader
from dltrain.data.reader import TableReader
from dltrain.data.source import Dataset, Source
from dltrain.data.table_glance import glance_at
from dltrain.data.table_source import TableSource
from dltrain.data.window_table import WindowTable
from dltrain.data.windows import WINDOW, WindowSpec
from dltrain.errors import DataError
from dltrain.preprocessing.base import Missing
from dltrain.signature import Feature
from dltrain.spec.fields import DataPath
from dltrain.spec.problems import Problem
from dltrain.splits.share import ColumnName


class TableSpec(DatasetSpec):
    """A table: one column is the target, the others are features.

    What a column holds is told from its first 32 megabytes, and `features` says otherwise. All files of a
    path with `*` are read, in the order of their names.

    Attributes:
        path: a file, such as ``people.csv``, whose rows are split as `splits` says.
        train: instead of `path`, the file of the training rows.
        validation: beside `train`, the file of the validation rows, if there is one.
        test: beside `train`, the file of the test rows, if there is one.
        target: the column that is predicted, such as ``income``: numbers, or text for classes. Or a list: of
            numbers, or of labels, each 0 or 1, or false or true.
        ignore: columns that are left out.
        weight: a column with what each row counts in the loss of training, such as how many people it stands for;
            it is no feature. Only ratios count: the weights are divided by their mean over the training rows,
            and a window's is that of its last row. Validation loss, metrics and scores are not weighted.
        missing_values: texts that stand for a missing value, besides the empty one, such as ``"?"``.
        missing: what is done about a feature's missing value; ``mean`` and ``median`` are ``most_frequent``
            for labels, and ``constant`` makes a missing label a label of its own.
        window: how rows in time become examples; by default each row is one.
    """

    path: DataPath | None = None
    train: DataPath | None = None
    validation: DataPath | None = None
    test: DataPath | None = None
    target: Annotated[ColumnNames, Field(min_length=1, max_length=10_000)]
    ignore: AnyColumnNames = ()
    weight: ColumnName | None = None
    missing_values: Marks = ()
    missing: Missing = "error"
    window: WindowSpec | None = None

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """A path, or a path for each part."""
        from dltrain.spec.json_types import not_together

        either = {"anyOf": [{"required": ["path"]}, {"required": ["train"]}]}
        return [either, *(not_together("path", name) for name in ("train", "validation", "test"))]

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
        """One file, after a look at its header; raises DataError where it is broken."""

    @property
    def decimal_mark(self) -> str:
        """What separates the fraction of a number in a text."""
        return "."

    @property
    def missing_policy(self) -> Missing:
        """As `missing` says."""
        return self.missing

    @property
    def target_columns(self) -> tuple[str, ...]:
        """As `target` says, without `window`."""
        return self.target if len(self.target) > 1 and self.window is None else ()

    @property
    def weight_column(self) -> str | None:
        """As `weight` says."""
        return self.weight

    @property
    def forecasts(self) -> bool:
        """Where `window` has a horizon."""
        return self.window is not None and self.window.horizon is not None

    @property
    def stride_without_overlap(self) -> int | None:
        """As `window` says."""
        return self.window.stride_without_overlap if self.window else None

    def find_problems(self) -> list[Problem]:
        """Missing files, and columns with two purposes."""
        missing = [problem for key, path in self._files() for problem in missing_file(path, key)]
        # In windows, an ignored target is one whose own past is left out.
        return missing + twice(self.target, self.weight, self.ignore if self.window is None else ())

    def identity(self) -> tuple[str, str] | None:
        """The files; None with images, whose own files count too."""
        if any(spec.kind == "image" for spec in self.features.values()):
            return None
        return identity_of([file for _, path in self._files() for file in existing_files(path)])

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """A part for each file.

        Raises:
            SpecError: a column that the config names is not there.
        """
        from dltrain.ahead import begun

        readers = self._readers(extras)
        first, files = readers["train"][0], [reader.path for found in readers.values() for reader in found]
        origin, fingerprint = origin_of(files), begun(partial(fingerprint_of_files, *files))
        if self.window is not None:
            return self._window_table().load(readers, extras, origin=origin, fingerprint=fingerprint)
        columns, names = self._columns(first, extras), self._feature_names(first, extras)
        check_parts(readers, [column.name for column in columns if column.name != self.weight])
        features = tuple(column.feature for column in columns if column.name in names)
        parts: dict[str, Source] = {
            part: TableSource(found, columns, features=features, targets=self.target, extras=extras)
            for part, found in readers.items()
        }
        target = ", ".join(self.target)
        notes = tuple(column.note for column in columns if column.note)
        dataset = Dataset(parts, features, target, fingerprint, origin, target_columns=self.target_columns, notes=notes)
        return with_images(dataset, self.features, {part: found[0].path.parent for part, found in readers.items()})

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """Names of all files' columns, and what the first rows hold."""
        if self.find_problems():
            return Glance()
        readers = self._readers(extras)
        if self.window is not None:
            return self._window_table().glance(readers, extras)
        names = self._feature_names(readers["train"][0], extras)
        check_parts(readers, [name for name in (*names, *self.target, *extras) if name != self.weight])
        return glance_at(readers, names, self.features, targets=self.target)

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> Source:
        """A file with the same columns, of any format of tables; without `labelled` it needs no target."""
        spec = self._for_format(path)
        return spec._opened([spec.open_table(found) for found in existing_files(path)], features, labelled=labelled)

    def open_rows(self, rows: Any, features: tuple[Feature, ...]) -> Source:
        """Columns, records or a data frame, as `dltrain.data.memory.table_of` takes them."""
        return self._opened([MemoryReader(rows, features, self.missing_values)], features, labelled=False)

    def _readers(self, extras: Sequence[str]) -> dict[str, list[TableReader]]:
        """The files of each part, which have the columns that the config names."""
        paths = {"train" if key == "path" else key: existing_files(path) for key, path in self._files()}
        readers = {part: [self._like(path).open_table(path) for path in found] for part, found in paths.items()}
        named = self.window.named if self.window else ()
        written = written_names(self.target, self.ignore, self.weight, windows=named, extras=extras)
        check_written(readers["train"][0], written)
        return readers

    def _like(self, path: Path) -> "TableSpec":
        """This section, or of a part that is a table of another format the one that its suffix tells."""
        return self if format_of(path.name) == format_of(str(self.path or self.train)) else self._for_format(str(path))

    def _for_format(self, path: str) -> "TableSpec":
        """This section, or the same for the format that a file's suffix tells."""
        member = DatasetSpec.member(format_of(path) or self.type)
        if member is None or not issubclass(member, TableSpec):
            raise DataError(f"{path}: is no table; the run takes .csv, .tsv, .jsonl and .parquet files")
        if isinstance(self, member):
            return self
        return member.model_construct(**{key: getattr(self, key) for key in TableSpec.model_fields})

    def _opened(self, readers: Sequence[TableReader], features: tuple[Feature, ...], *, labelled: bool) -> Source:
        if self.window is not None:
            return self._window_table().open(readers, features[0], labelled=labelled)
        targets = self.target if labelled else ()
        wanted = {feature.name: "which the model takes" for feature in features}
        wanted |= dict.fromkeys(targets, "the target of the run")
        for reader in readers:
            if absent := [name for name in wanted if name not in reader.names]:
                raise DataError(f"{reader.path}: has no column '{absent[0]}', {wanted[absent[0]]}")
        columns = [self._as_trained(feature) for feature in features]
        head = Head(readers[0], self.decimal_mark, targets)
        columns += [head.label(name) for name in targets]
        source = TableSource(readers, columns, features=features, targets=targets)
        return images_of(source, features, self.features, readers[0].path)

    def _as_trained(self, feature: Feature) -> Column:
        return Column(feature.name, feature.kind, format=getattr(self.features.get(feature.name), "format", None))

    def _window_table(self) -> WindowTable:
        assert self.window is not None
        missing = getattr(self.features.get(WINDOW), "missing", None) or self.missing
        ignore = (*self.ignore, *([self.weight] if self.weight else []))
        return WindowTable(self.window, self.target, ignore, missing, self.decimal_mark)

    def _files(self) -> list[tuple[str, str]]:
        named = [(key, getattr(self, key)) for key in ("path", "train", "validation", "test")]
        return [(key, path) for key, path in named if path is not None]

    def _feature_names(self, reader: TableReader, extras: Sequence[str]) -> list[str]:
        """All columns but the target, the ignored ones, and those that serve another purpose."""
        extra = [name for name in (*extras, self.weight) if name is not None and name not in self.features]
        return feature_names(reader, self.target, (*self.ignore, *extra))

    def _columns(self, reader: TableReader, extras: Sequence[str]) -> list[Column]:
        names = self._feature_names(reader, extras)
        head = Head(reader, self.decimal_mark, list(dict.fromkeys([*names, *self.target, *extras])))
        columns = [head.feature(name, self.features.get(name)) for name in names]
        columns += [head.label(name) for name in self.target]
        others = set(extras) - {column.name for column in columns}
        return columns + [head.exact(name) for name in sorted(others)]
