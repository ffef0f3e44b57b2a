"""What differs between two runs of one experiment, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dltrain.errors import RunError
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import MOST_ARRAY_BYTES, MOST_JSON_BYTES, read_arrays, read_bytes, read_json

if TYPE_CHECKING:
    import numpy as np

RESULTS = ("history", "weights", "scores")
"""The aspects that a training makes; the others say from what."""

_APART = ("versions", "sources", "reason")
"""What a manifest says of the runtime that is compared elsewhere, or means nothing."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs.

    Attributes:
        name: such as ``test.accuracy``.
        was: in the first run; None where it has no such thing.
        now: in the second.
        by: `now` less `was`, where both are numbers.
    """

    name: str
    was: Any
    now: Any
    by: float | None = None


@dataclass(frozen=True)
class Aspect:
    """What was compared under one name.

    Attributes:
        name: such as ``history``.
        compared: how many things.
        noun: what one of them is.
        differences: of those that are not equal bit for bit; none where all are.
    """

    name: str
    compared: int
    noun: str
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"equal": self.equal, "differences": [asdict(difference) for difference in self.differences]}


def compare_data(was: RunDirectory, now: RunDirectory) -> Aspect:
    """The fingerprints of the rows."""
    pair = [{"fingerprint": _mapping(run, "dataset").get("fingerprint")} for run in (was, now)]
    return Aspect("data", 1, "fingerprint", _differing(*pair))


def compare_splits(was: RunDirectory, now: RunDirectory) -> Aspect:
    """The fingerprints of the splits, and how many rows each has."""
    pair = [flat(_mapping(run, "splits")) for run in (was, now)]
    return Aspect("splits", len(pair[1]) - 1, "split", _differing(*pair))


def compare_versions(was: RunDirectory, now: RunDirectory) -> Aspect:
    """The packages that decide the result, and dltrain's own code; only what both runs record."""
    pair = []
    for run in (was, now):
        runtime = _mapping(run, "runtime")
        code = {"dltrain's code": runtime["sources"]} if "sources" in runtime else {}
        pair.append(flat(runtime.get("versions")) | code)
    return _of_both("versions", *pair)


def compare_runtime(was: RunDirectory, now: RunDirectory) -> Aspect:
    """Device, threads, precision and all else that bits may depend on; only what both runs record."""
    pair = [
        {name: value for name, value in _mapping(run, "runtime").items() if name not in _APART} for run in (was, now)
    ]
    return _of_both("runtime", *pair)


def compare_history(was: RunDirectory, now: RunDirectory) -> Aspect:
    """Every digit of every epoch; the differences are those of the first epoch that has any."""
    before, after = _epochs(was), _epochs(now)
    found: tuple[Difference, ...] = ()
    for number, pair in enumerate(zip(before, after, strict=False), 1):
        if found := tuple(_named(difference, f"epoch {number}") for difference in _differing(*pair)):
            break
    if len(before) != len(after):
        found += (_difference("epochs", len(before), len(after)),)
    return Aspect("history", len(after), "epoch", found)


def compare_weights(was: RunDirectory, now: RunDirectory) -> Aspect:
    """Every bit of every array; a difference names the number that differs most, and the largest comes first."""
    after = read_arrays(now.weights, now.weights.stat().st_size)
    before = read_arrays(was.weights, max(MOST_ARRAY_BYTES, now.weights.stat().st_size))
    names = {**before, **after}
    found = [difference for name in names if (difference := _apart(name, before.get(name), after.get(name)))]
    found.sort(key=lambda difference: -abs(difference.by) if difference.by is not None else 0.0)
    return Aspect("weights", len(names), "array", tuple(found))


def compare_scores(was: RunDirectory, now: RunDirectory) -> Aspect:
    """Every digit of the final scores of every split."""
    pair = []
    for run in (was, now):
        found = read_json(run.metrics)
        if not isinstance(found, dict) or not isinstance(found.get("scores"), dict):
            raise RunError(f"{run.metrics} holds no scores; it is damaged, or from another version")
        pair.append(flat(found["scores"]))
    return Aspect("scores", len(pair[1]), "score", _differing(*pair))


def manifest_of(run: RunDirectory) -> dict[str, Any]:
    """The manifest of a run.

    Raises:
        RunError: it is damaged.
    """
    manifest = read_json(run.manifest)
    if not isinstance(manifest, dict):
        raise RunError(f"{run.manifest} holds no manifest; it is damaged, or from another version")
    return manifest


def _mapping(run: RunDirectory, key: str) -> dict[str, Any]:
    found = manifest_of(run).get(key)
    if not isinstance(found, dict):
        raise RunError(f"{run.manifest} has no {key}; it is damaged, or from another version")
    return found


def _of_both(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Aspect:
    common = [key for key in now if key in was]
    return Aspect(name, len(common), "fact", _differing(*({key: side[key] for key in common} for side in (was, now))))


def _epochs(run: RunDirectory) -> list[dict[str, str]]:
    """The rows of ``history.csv`` as they are written."""
    try:
        lines = read_bytes(run.history, MOST_JSON_BYTES).decode().splitlines()
        columns, *rows = (line.split(",") for line in lines)
        if columns[0] != "epoch":
            raise ValueError("its first column is not the epoch")
        return [dict(zip(columns, row, strict=True)) for row in rows]
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {run.history}: {error}; this run directory is damaged") from None


def _apart(name: str, was: np.ndarray | None, now: np.ndarray | None) -> Difference | None:
    import numpy as np

    if was is None or now is None or was.shape != now.shape or was.dtype != now.dtype:
        forms = [None if array is None else f"{array.dtype} {array.shape}" for array in (was, now)]
        return Difference(name, forms[0], forms[1])
    if was.tobytes() == now.tobytes():
        return None
    before, after = (array.astype("float64").ravel() for array in (was, now))
    distance = np.abs(after - before)
    most = int(np.where(np.isnan(distance), np.inf, distance).argmax())
    return _difference(name, float(before[most]), float(after[most]))


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Difference, ...]:
    return tuple(
        _difference(name, was.get(name), now.get(name))
        for name in {**was, **now}
        if was.get(name) != now.get(name) or type(was.get(name)) is not type(now.get(name))
    )


def _difference(name: str, was: Any, now: Any) -> Difference:
    try:
        by = None if isinstance(was, bool | str) else float(now) - float(was)
    except (TypeError, ValueError, OverflowError):
        by = None
    return Difference(name, was, now, by)


def _named(difference: Difference, where: str) -> Difference:
    """A difference of numbers as text in a row of ``history.csv``, as one of numbers."""
    try:
        was, now = float(difference.was), float(difference.now)
    except (TypeError, ValueError):
        return Difference(f"{where} {difference.name}", difference.was, difference.now)
    return _difference(f"{where} {difference.name}", was, now)


def flat(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings and lists as one, with names such as ``test.confusion_matrix.0.1``; an empty one is a value."""
    if not isinstance(values, Mapping | list | tuple) or (prefix and not values):
        return {prefix: values}
    pairs: Iterable[tuple[Any, Any]] = values.items() if isinstance(values, Mapping) else enumerate(values)
    parts = [flat(value, f"{prefix}.{key}" if prefix else str(key)) for key, value in pairs]
    return {name: value for part in parts for name, value in part.items()}
