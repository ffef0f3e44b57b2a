"""Whether the columns that a config names, and that a run needs, are there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dltrain.data.reader import TableReader
from dltrain.errors import DataError
from dltrain.spec import fields
from dltrain.spec.problems import Path, Problem, SpecError, one_of, suggestion


def _listed(value: Any) -> Any:
    """One name stands for a list of one."""
    return (value,) if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _text(value: Any) -> Any:
    """A number stands for its text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_Name = Annotated[str, Field(min_length=1, max_length=1000)]
_Text = Annotated[str, Field(max_length=1000), BeforeValidator(_text), fields.Written(str | int | float)]

ColumnNames = Annotated[
    tuple[_Name, ...], fields.Sequence, BeforeValidator(_listed), fields.Written(_Name | tuple[_Name, ...])
]
"""One or several columns."""

_Texts = fields.Written(_Text | tuple[_Text, ...])
AnyColumnNames = Annotated[tuple[_Text, ...], fields.Sequence, BeforeValidator(_listed), _Texts]
"""The same, and "", as pandas calls the column of its row numbers."""

Marks = Annotated[tuple[_Text, ...], fields.Sequence, BeforeValidator(_listed), Field(max_length=100), _Texts]
"""Texts in the place of missing values; a number stands for its text."""


def check_written(reader: TableReader, written: Iterable[tuple[Path, str]]) -> None:
    """Refuses names in the config, each with its path, that are no columns of a file.

    Raises:
        SpecError: there are such names.
    """
    names = reader.names
    problems = [
        Problem(f"{reader.path.name} has no column '{name}'; {_held(names)}{suggestion(name, names)}", path)
        for path, name in written
        if name not in names
    ]
    if problems:
        raise SpecError(problems)


def written_names(
    target: Sequence[str],
    ignore: Sequence[str],
    weight: str | None,
    *,
    windows: Iterable[tuple[str, str]],
    extras: Iterable[str],
) -> Iterator[tuple[Path, str]]:
    """The columns that a config names, each with its place; `windows` holds settings and columns of `window`."""
    for index, name in enumerate(target):
        yield ("dataset", "target", index) if len(target) > 1 else ("dataset", "target"), name
    for index, name in enumerate(ignore):
        yield ("dataset", "ignore", index), name
    if weight is not None:
        yield ("dataset", "weight"), weight
    for key, name in windows:
        yield ("dataset", "window", key), name
    for name in extras:
        if name != weight:
            yield ("splits",), name


def twice(target: Sequence[str], weight: str | None, ignore: Sequence[str] = ()) -> list[Problem]:
    """Columns that are named for two purposes, with paths relative to the dataset."""
    again = [index for index, name in enumerate(target) if name in target[:index]]
    problems = [Problem(f"'{target[index]}' is named twice; delete one", ("target", index)) for index in again]
    problems += [
        Problem(f"'{name}' is the target; delete one of the two", ("ignore", index))
        for index, name in enumerate(ignore)
        if name in target
    ]
    if weight in target:
        problems.append(Problem(f"'{weight}' is the target; name another column, or none", ("weight",)))
    return problems


def check_part(reader: TableReader, needed: Sequence[str], first: TableReader) -> None:
    """Refuses a file that lacks columns which the first file has.

    Raises:
        DataError: it lacks one.
    """
    if absent := [name for name in needed if name not in reader.names]:
        wanted = one_of([f"'{name}'" for name in absent], limit=5)
        text = f"has no column {wanted}, which {first.path.name} has; it has {one_of(reader.names, limit=30)}"
        raise DataError(f"{reader.path}: {text}")


def check_parts(readers: Mapping[str, Sequence[TableReader]], needed: Sequence[str]) -> None:
    """The same for all files of all parts.

    Raises:
        DataError: one lacks a column.
    """
    for reader in (reader for found in readers.values() for reader in found):
        check_part(reader, list(dict.fromkeys(needed)), readers["train"][0])


def check_named(reader: TableReader, features: Sequence[str]) -> None:
    """Refuses features without a name, as pandas writes row numbers.

    Raises:
        DataError: there is one.
    """
    if "" in features:
        place = f"column {reader.names.index('') + 1}"
        raise DataError(f'{reader.path}: {place} has no name; name it, or leave it out with `dataset.ignore: [""]`')


def feature_names(reader: TableReader, targets: Sequence[str], others: Sequence[str]) -> list[str]:
    """All columns but the target and others.

    Raises:
        DataError: one has no name, or there are none.
    """
    names = [name for name in reader.names if name not in (*targets, *others)]
    check_named(reader, names)
    if not names:
        shown = one_of(f"'{name}'" for name in targets)
        raise DataError(f"{reader.path}: has no feature columns besides the target {shown}")
    return names


def _held(names: Sequence[str]) -> str:
    if len(names) == 1 and (separator := next((mark for mark in ";\t|" if mark in names[0]), "")):
        return f"it has {names[0]}; write `delimiter: {separator!r}`"
    if not names:
        return "it has no columns"
    remedy = "; if line 1 is a row and no names, put a line of names above it" * any(map(_is_number, names))
    return f"it has {one_of(names, limit=30)}{remedy}"


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return "." in name
