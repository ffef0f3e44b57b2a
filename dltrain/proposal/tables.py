"""A look at a table: what its columns hold, what is missing, and whether its rows follow one another in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.data.base import DatasetSpec, format_of
from dltrain.data.columns import Sighting
from dltrain.data.dates import parsed
from dltrain.data.files import existing_files
from dltrain.data.reader import Place, TableReader
from dltrain.data.table import TableSpec
from dltrain.errors import DataError
from dltrain.proposal.columns import Role, marks_in, role_of
from dltrain.proposal.dates import Clock, clock_of, is_time_of_rows
from dltrain.proposal.files import dialect
from dltrain.proposal.survey import Answer
from dltrain.proposal.target import check_targets, guess_target

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Table:
    """A table as it was found.

    Attributes:
        paths: of each part.
        settings: of the format, such as `delimiter`.
        marks: texts for a missing value, each with the columns that have it.
        roles: of all columns but the target.
        answer: what is to be predicted.
        targets: its columns.
        rows: of each part.
        missing: how many values each feature lacks.
        time: the column of the time; None where there is none.
        clock: how rows follow one another by it, in one file; None where they do not so at equal steps.
    """

    paths: Mapping[str, Path]
    settings: Mapping[str, Any]
    marks: Mapping[str, Sequence[str]]
    roles: Sequence[Role]
    answer: Answer
    targets: tuple[str, ...]
    rows: Mapping[str, int]
    missing: Mapping[str, int]
    time: Role | None = None
    clock: Clock | None = None

    @property
    def features(self) -> list[Role]:
        """The columns to learn from."""
        return [role for role in self.roles if not role.left_out]


def look(path: Path, beside: Mapping[str, Path], given: Sequence[str]) -> Table:
    """Reads a table and says what it holds.

    Args:
        path: of the rows, or of the training rows.
        beside: tables of the other parts, as far as they are called like such; those without its columns are not taken.
        given: the target, as the user names it; empty where it is to be guessed.

    Raises:
        UsageError: the target is no column, or cannot be guessed.
        DataError: the file is broken, or nothing can be learned from it.
    """
    settings = dict(dialect(existing_files(str(path.absolute()))[0])) if format_of(path.name) == "csv" else {}
    reader = _opened(path, settings)
    check_targets(reader.names, given, path)
    marks = marks_in(_sightings(reader, settings))
    roles = [role_of(sighting) for sighting in _sightings(_opened(path, settings | _marked(marks)), settings)]
    targets, reason = (tuple(given), "") if given else _guessed(roles, path)
    roles = [role for role in roles if role.name not in targets]
    # A target that is not there cannot be learned, so that such a text is taken for a class.
    marks = {mark: names for mark, names in marks.items() if set(names) - set(targets)}
    if all(role.left_out for role in roles):
        raise DataError(f"{path.name}: there is no column to learn from: {_why(roles)}")
    paths = {"train": path, **{part: file for part, file in beside.items() if _fits(file, settings, reader)}}
    spec = _spec(paths, settings | _marked(marks), targets=targets, roles=roles)
    time = next((role for role in roles if role.kind == "datetime" and role.complete), None)
    counted = _Count.of(spec, None if len(paths) > 1 else time)
    answer = Answer(", ".join(targets), counted.target, reason=reason)
    table = Table(paths, settings, marks, roles, answer, targets, counted.rows, counted.missing)
    if counted.times is None:
        return table
    clock = clock_of(counted.times)
    # A column that splits go by is no feature, and there must be one; dates may also be those of a birth.
    goes_by = len(table.features) > 1 and time is not None and is_time_of_rows(time.name, counted.times)
    return replace(table, time=time, clock=clock) if clock or goes_by else table


def _guessed(roles: Sequence[Role], path: Path) -> tuple[tuple[str, ...], str]:
    name, reason = guess_target(roles, path)
    return (name,), reason


def _why(roles: Sequence[Role]) -> str:
    return "; ".join(f"'{role.name[:40]}': {role.comment}" for role in roles[:5])


def _marked(marks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {"missing_values": list(marks)} if marks else {}


def _opened(path: Path, settings: Mapping[str, Any]) -> TableReader:
    file = existing_files(str(path.absolute()))[0]
    spec = DatasetSpec.choose({"path": str(path.absolute()), "target": "?", **settings})
    assert isinstance(spec, TableSpec)
    return spec.open_table(file)


def _sightings(reader: TableReader, settings: Mapping[str, Any]) -> list[Sighting]:
    head = reader.head(reader.names)
    if not head.num_rows:
        raise DataError(f"{reader.path}: has no rows")
    mark, file = settings.get("decimal", "."), reader.path.name
    return [Sighting(name, head.column(name), file, mark, reader.untyped) for name in reader.names]


def _fits(path: Path, settings: Mapping[str, Any], first: TableReader) -> bool:
    """Whether a table has all columns of the first one, the target among them."""
    try:
        return set(first.names) <= set(_opened(path, settings).names)
    except DataError:
        return False


def _spec(
    paths: Mapping[str, Path], settings: Mapping[str, Any], *, targets: Sequence[str], roles: Sequence[Role]
) -> DatasetSpec:
    """The section `dataset` as far as reading needs it."""
    files = {part: str(path.absolute()) for part, path in paths.items()}
    if len(files) == 1:
        files = {"path": files["train"]}
    ignored = [role.name for role in roles if role.left_out]
    features = {role.name: role.setting for role in roles if role.setting is not None and not role.left_out}
    # What is named here stays a feature where splits go by it, so that a table of times and targets can be read.
    features |= {role.name: role.setting or "datetime" for role in roles if role.kind == "datetime"}
    return DatasetSpec.choose({**files, "target": list(targets), "ignore": ignored, "features": features, **settings})


@dataclass
class _Count:
    """What one pass over all rows finds."""

    target: np.ndarray
    rows: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    times: Any = None

    @classmethod
    def of(cls, spec: DatasetSpec, time: Role | None) -> _Count:
        import numpy as np

        dataset = spec.load([time.name] if time else ())
        targets: list[Any] = []
        times: list[Any] = []
        missing: dict[str, int] = {}
        rows = dict.fromkeys(dataset.parts, 0)
        for part, source in dataset.parts.items():
            for chunk in source.chunks():
                rows[part] += len(chunk)
                targets.append(chunk.target)
                times += [chunk.extras[time.name]] if time else []
                for name, values in chunk.features.items():
                    missing[name] = missing.get(name, 0) + _absent(values)
            if not rows[part]:
                raise DataError(f"{dataset.origin}: the {part} part has no rows")
        moments = _moments(np.concatenate(times), time, dataset.origin) if time else None
        return cls(np.concatenate(targets), rows, {name: count for name, count in missing.items() if count}, moments)


def _absent(values: np.ndarray) -> int:
    """How many values of a feature are missing."""
    import numpy as np

    if values.dtype.kind == "O":
        return int((values == "").sum())
    return int(np.isnan(values.reshape(len(values), -1)[:, 0]).sum()) if values.dtype.kind == "f" else 0


def _moments(values: np.ndarray, time: Role, origin: str) -> np.ndarray:
    """Microseconds since 1970."""
    import pyarrow as pa

    if values.dtype.kind == "M":
        found: np.ndarray = values.astype("datetime64[us]").astype("int64")
        return found
    dates = parsed(pa.array(values.tolist(), pa.string()), time.form, time.name, Place(origin))
    return dates.cast(pa.int64()).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
