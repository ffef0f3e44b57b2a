"""Tables of numeric columns: what CSV and Parquet have in common."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.data.base import DatasetSpec
from dltrain.data.files import existing, fingerprint_of_files, missing_file
from dltrain.data.source import CHUNK_ROWS, Dataset, Rows, Source
from dltrain.errors import DataError
from dltrain.signature import Feature
from dltrain.spec import fields
from dltrain.spec.fields import DataPath
from dltrain.spec.problems import Path as KeyPath
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Column = Annotated[str, Field(min_length=1, max_length=1000)]


class TableSpec(DatasetSpec):
    """A table: one column is the target, the others are features.

    Attributes:
        path: a file; its rows are split as `splits` says. Or, instead:
        train: the file of the training rows,
        validation: the file of the validation rows, if there is one,
        test: the file of the test rows, if there is one.
        target: the column that is predicted: numbers, or text for classes.
        ignore: columns that are left out.
    """

    path: DataPath | None = None
    train: DataPath | None = None
    validation: DataPath | None = None
    test: DataPath | None = None
    target: Column
    ignore: Annotated[tuple[Column, ...], fields.Sequence] = ()

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
    def read(self, path: Path) -> "pa.Table":
        """All columns of a file.

        Raises:
            DataError: the file is broken.
        """

    def find_problems(self) -> list[Problem]:
        """Missing files."""
        return [problem for key, path in self._files() for problem in missing_file(path, key)]

    def load(self) -> Dataset:
        """A part for each file.

        Raises:
            SpecError: a column that the config names is not there.
        """
        paths = {"train" if key == "path" else key: existing(path) for key, path in self._files()}
        tables = {part: self._checked(path) for part, path in paths.items()}
        for part, table in tables.items():
            self._check_columns(table, paths[part])
        features = self._features(tables["train"], paths["train"])
        parts: dict[str, Source] = {
            part: TableSource(table, features, self.target, str(paths[part].name)) for part, table in tables.items()
        }
        origin = ", ".join(path.name for path in paths.values())
        return Dataset(parts, features, self.target, fingerprint_of_files(*paths.values()), origin)

    def open_file(self, path: str, features: tuple[Feature, ...]) -> Source:
        """A file with the same columns."""
        found = existing(path)
        table = self._checked(found)
        if self.target not in table.column_names:
            raise DataError(f"{path}: has no column '{self.target}', the target of the run")
        return TableSource(table, features, self.target, found.name)

    def _files(self) -> list[tuple[str, str]]:
        named = [(key, getattr(self, key)) for key in ("path", "train", "validation", "test")]
        return [(key, path) for key, path in named if path is not None]

    def _checked(self, path: Path) -> "pa.Table":
        table = self.read(path)
        names = table.column_names
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise DataError(f"{path}: two columns are called '{twice[0]}'; rename one")
        if not table.num_rows:
            raise DataError(f"{path}: has no rows")
        return table

    def _check_columns(self, table: "pa.Table", path: Path) -> None:
        """Refuses names in the config that are no columns."""
        names = table.column_names
        written: list[tuple[KeyPath, str]] = [(("dataset", "target"), self.target)]
        written += [(("dataset", "ignore", index), name) for index, name in enumerate(self.ignore)]
        separator = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), "")
        remedy = f"; write `delimiter: {separator!r}`" if separator else ""
        held = f"it has {one_of(names, limit=30)}{remedy}"
        problems = [
            Problem(f"{path.name} has no column '{name}'; {held}{suggestion(name, names)}", key)
            for key, name in written
            if name not in names
        ]
        if problems:
            raise SpecError(problems)

    def _features(self, table: "pa.Table", path: Path) -> tuple[Feature, ...]:
        names = [name for name in table.column_names if name != self.target and name not in self.ignore]
        if not names:
            raise DataError(f"{path}: has no feature columns besides the target '{self.target}'")
        return tuple(Feature(name=name, kind="numeric", dtype="float32") for name in names)


class TableSource(Source):
    """The rows of a table.

    Args of the constructor: the table, the columns to read, the target, and what messages call
    the table.
    """

    def __init__(self, table: "pa.Table", features: Sequence[Feature], target: str, origin: str) -> None:
        self._table = table
        self._features = features
        self._target = target
        self._origin = origin
        if missing := [feature.name for feature in features if feature.name not in table.column_names]:
            raise DataError(f"{origin}: has no column '{missing[0]}', which the model takes")

    def chunks(self) -> Iterator[Rows]:
        """Features as float32 (rows,), the target as numbers or text."""
        for start in range(0, self._table.num_rows, CHUNK_ROWS):
            part = self._table.slice(start, CHUNK_ROWS)
            features = {
                feature.name: self._numbers(part.column(feature.name), feature.name, start)
                for feature in self._features
            }
            yield Rows(features, self._labels(part.column(self._target), start))

    def _numbers(self, column: "pa.ChunkedArray", name: str, start: int) -> "np.ndarray":
        import pyarrow as pa

        kind = column.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            raise DataError(
                f"{self._origin}: column '{name}' {_content(column)}, not numbers; "
                f"leave it out with `dataset.ignore: [{name}]`"
            )
        self._refuse_missing(column, name, start)
        numbers: np.ndarray = column.cast(pa.float32(), safe=False).to_numpy()
        return numbers

    def _labels(self, column: "pa.ChunkedArray", start: int) -> "np.ndarray":
        import pyarrow as pa

        self._refuse_missing(column, self._target, start)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            return column.to_numpy()  # type: ignore[no-any-return]
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            target = f"{self._origin}: the target '{self._target}' {_content(column)}"
            raise DataError(f"{target}; it must be numbers or text in UTF-8")
        labels: np.ndarray = column.to_numpy().astype(str)
        if (empty := labels == "").any():
            row = start + int(empty.argmax()) + 1
            raise DataError(f"{self._origin}: row {row}: the target '{self._target}' is empty; fill or drop these rows")
        return labels

    def _refuse_missing(self, column: "pa.ChunkedArray", name: str, start: int) -> None:
        if column.null_count:
            row = start + column.is_null().to_pylist().index(True) + 1
            raise DataError(
                f"{self._origin}: row {row}: column '{name}' has no value ({column.null_count} such rows near it); "
                "fill or drop these rows"
            )


def _content(column: "pa.ChunkedArray") -> str:
    """``holds text such as 'Private'``."""
    import pyarrow as pa

    first = next((value for value in column.to_pylist() if value is not None), None)
    if first is None:
        return "is empty"
    kinds = {"string": "text", "large_string": "text", "binary": "bytes that are not UTF-8"}
    kind = "dates or times" if pa.types.is_temporal(column.type) else kinds.get(str(column.type), str(column.type))
    return f"holds {kind} such as {str(first)[:40]!r}"
