"""Files of rows and columns, whatever their format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

HEAD_BYTES = 32 << 20
"""How much of a file is looked at to tell what its columns hold."""


class TableReader(ABC):
    """One file of a table.

    Attributes:
        path: the file.
        names: of the columns.
        untyped: whether all values are texts, as in CSV.
    """

    untyped = False

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path = path
        self.names = list(names)
        if twice := [name for index, name in enumerate(self.names) if name in self.names[:index]]:
            raise DataError(f"{path}: two columns are called '{twice[0]}'; rename one")

    @abstractmethod
    def head(self) -> "pa.Table":
        """The first rows, about `HEAD_BYTES`, null where a value is missing.

        Raises:
            DataError: the file is broken.
        """

    @abstractmethod
    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """The columns that `types` names, in its order and of these types, from the first row to the last.

        Raises:
            DataError: the file is broken, or a value is not of its type; the message names the row.
        """
