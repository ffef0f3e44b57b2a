"""`dltrain runs --where`: runs by their settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dltrain.contrast.settings import read_settings
from dltrain.errors import RunError, UsageError
from dltrain.runs.catalog import Entry
from dltrain.spec.problems import suggestion


def matching(entries: Sequence[Entry], conditions: Sequence[str]) -> Iterator[Entry]:
    """Runs whose settings are all as the conditions say, such as ``optimizer.type=adam``; a component may stand alone.

    Raises:
        UsageError: a condition has no value, or no run has the setting.
    """
    wanted = [_parsed(condition) for condition in conditions]
    known: set[str] = set()
    met: set[str] = set()
    for entry in entries:
        try:
            settings = read_settings(entry.run)
        except RunError:
            continue
        known |= settings.keys()
        met |= {key for key, _ in wanted if _value(settings, key) is not None}
        if all(_equals(_value(settings, key), text) for key, text in wanted):
            yield entry
    if known and (unknown := [key for key, _ in wanted if key not in met]):
        raise UsageError(f"--where {unknown[0]}: no run has such a setting{suggestion(unknown[0], known)}")


def _parsed(condition: str) -> tuple[str, str]:
    key, sign, text = condition.partition("=")
    if not key or not sign:
        raise UsageError(f"--where {condition}: not of the form key=value; write e.g. --where optimizer.type=adam")
    return key.strip(), text.strip()


def _value(settings: Mapping[str, Any], key: str) -> str | None:
    """As YAML has it."""
    found = key if key in settings else f"{key}.type"
    if found not in settings:
        return None
    value = settings[found]
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _equals(value: str | None, text: str) -> bool:
    """Whether they are the same text, or the same number."""
    if value is None or value == text:
        return value is not None
    try:
        return float(value) == float(text)
    except ValueError:
        return False
