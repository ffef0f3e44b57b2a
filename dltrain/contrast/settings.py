"""The settings of runs, and which of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dltrain.comparison import flat
from dltrain.errors import DltrainError, RunError
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_bytes
from dltrain.runs.rating import mapping
from dltrain.spec.document import Document
from dltrain.spec.encoding import MAX_BYTES

_MOST_VALUES = 100_000
_FINGERPRINT = 12
"""Digits that tell one from another."""

_FACTS = ("backend", "device", "device_name", "precision", "threads", "intra_op_threads", "onednn", "deterministic")


class Missing:
    """Stands where a run has no such setting."""

    def __repr__(self) -> str:
        return "-"


MISSING = Missing()


def read_settings(run: RunDirectory) -> dict[str, Any]:
    """All settings of a run by dotted names, with every default and derived value; they are not checked.

    Raises:
        RunError: its ``experiment.yaml`` is missing or broken.
    """
    try:
        text = read_bytes(run.experiment, MAX_BYTES)
        values = Document.parse(text, source=run.experiment.name, folder=run.path).values
    except (OSError, ValueError, RecursionError, DltrainError) as error:
        reason = str(error).split("\n")[0][:300]
        raise RunError(f"cannot read {run.experiment}: {reason}; this run directory is damaged") from None
    found = flat(mapping(values))
    if len(found) > _MOST_VALUES:
        raise RunError(f"{run.experiment} has {len(found):,} settings; this run directory is damaged")
    return found


def differing(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The value of each run, or `MISSING`, under each name for which they are not all equal."""
    names = dict.fromkeys(name for values in found for name in values)
    rows = {name: [values.get(name, MISSING) for values in found] for name in names}
    return {
        name: values
        for name, values in rows.items()
        if any(value != values[0] or type(value) is not type(values[0]) for value in values)
    }


def circumstances(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a result may depend on besides the settings: data, splits, machine and versions."""
    runtime, code = mapping(manifest.get("runtime")), mapping(manifest.get("runtime")).get("sources")
    facts = {f"machine.{name}": runtime[name] for name in _FACTS if name in runtime}
    versions = {f"version.{name}": value for name, value in flat(mapping(runtime.get("versions"))).items()}
    prints = {
        f"{name}.fingerprint": str(fingerprint)[:_FINGERPRINT]
        for name in ("dataset", "splits")
        if (fingerprint := mapping(manifest.get(name)).get("fingerprint")) is not None
    }
    return {**prints, **facts, **versions, **({"version.dltrain's code": code} if code else {})}
