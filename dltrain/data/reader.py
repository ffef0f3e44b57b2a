"""Files of rows and columns, whatever their format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dltrain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from dltrain.data.first_rows import FirstRows

HEAD_BYTES = 32 << 20
"""How much of a file is looked at to tell what its columns hold."""


class TableReader(ABC):
    """One file of a table.

    Args of the constructor: the file, the names of its columns, and the texts that stand for a
    missing value.

    Attributes:
        untyped: whether all values are texts, as in CSV.
    """

    untyped = False

    def __init__(self, path: Path, names: Sequence[str], missing_values: Sequence[str] = ()) -> None:
        self.path = path
        self.names = list(names)
        self.missing_values = list(missing_values)
        if twice := [name for index, name in enumerate(self.names) if name in self.names[:index]]:
            raise DataError(f"{path}: two columns are called '{twice[0]}'; rename one")

    @abstractmethod
    def head(self, names: Sequence[str]) -> "pa.Table":
        """These columns of the first rows, about `HEAD_BYTES`, null where a value is missing.

        Raises:
            DataError: the file is broken.
        """

    def first_rows(self, names: Sequence[str]) -> "FirstRows | None":
        """These columns of the very first rows, without PyArrow where the format allows it; None where it does not.

        Raises:
            DataError: the file is broken.
        """
        return None

    @abstractmethod
    def batches(self, types: "Mapping[str, pa.DataType]") -> "Iterator[pa.RecordBatch]":
        """The columns that `types` names, in its order and of these types, from the first row to the last.

        Texts remain texts where timestamps are asked for: they are parsed by whoever knows their format.

        Raises:
            DataError: the file is broken, or a value is not of its type; the message names the row.
        """


class Place(NamedTuple):
    """Where rows stand, for messages.

    Attributes:
        file: its name.
        before: the number of rows before them.
    """

    file: str
    before: int = 0

    def row(self, index: int) -> str:
        """``flowers.csv: row 17``, by the index among these rows."""
        return f"{self.file}: row {self.before + index + 1}"


def misfit(name: str, value: object, kind: "pa.DataType") -> str:
    """What is wrong with a value that cannot be read as its column is, and what to do."""
    import json

    shown = repr(value[:40]) if isinstance(value, str) else str(value)[:40]
    nouns = {"bool": "true and false", "int32": "integers", "int64": "integers", "timestamp[us]": "dates"}
    noun = nouns.get(str(kind), "numbers")
    text = f"column '{name}' holds {shown}, and is read as {noun}"
    if str(kind) == "int64":
        return f"{text}, as the first rows are; mend it, or write them with a fraction, such as 1.0"
    if str(kind) == "double":
        return f"{text}; mend it, or drop the row"
    if not isinstance(value, str):
        return f"{text}; mend it, or write `dataset.features: {{{yaml_key(name)}: categorical}}`"
    marks = f"`dataset.missing_values: [{json.dumps(value[:40], ensure_ascii=False)}]`"
    return f"{text}; mend it, write {marks}, or `dataset.features: {{{yaml_key(name)}: categorical}}`"


def noun_of(kind: "pa.DataType") -> str:
    """What messages call values of a type."""
    import pyarrow.types as types

    nouns = {
        "lists": (types.is_list, types.is_large_list, types.is_fixed_size_list),
        "mappings": (types.is_struct, types.is_map),
        "bytes": (types.is_binary, types.is_large_binary, types.is_fixed_size_binary),
        "numbers": (types.is_integer, types.is_floating, types.is_decimal),
        "texts": (types.is_string, types.is_large_string, types.is_string_view),
        "dates": (types.is_timestamp, types.is_date),
        "true and false": (types.is_boolean,),
    }
    return next((noun for noun, tests in nouns.items() if any(test(kind) for test in tests)), str(kind))


def yaml_key(name: str) -> str:
    """The name of a column as it must be written in a mapping in braces: in quotes where YAML needs them."""
    import json
    import re

    from dltrain.spec.scalars import resolve

    try:
        plain = re.fullmatch(r"\w[\w ./()%-]*(?<! )", name) and isinstance(resolve(name), str)
    except ValueError:
        plain = False
    return name if plain else json.dumps(name, ensure_ascii=False)
