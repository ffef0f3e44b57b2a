"""Rows of a dataset as they are, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dltrain.data.source import Dataset, Rows
from dltrain.evidence.record import LONGEST_TEXT, MOST_VALUES
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np

_MOST_READ = 200_000
"""Rows that are read again to find some, at most: half a second for a table of twenty columns."""


def shown_rows(dataset: Dataset, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """For each row a ``text`` or ``values`` by column, as `Mistake` has them; nothing where there is nothing to read.

    Args:
        dataset: whose sources are read again up to the last of these rows, unless that is far down.
        ids: of the rows.
    """
    features = [feature for feature in dataset.features if _is_readable(feature)][:MOST_VALUES]
    nothing: list[Mapping[str, Any]] = [{} for _ in ids]
    held = all(source.held for source in dataset.parts.values())
    if not features or not ids or (max(ids) >= _MOST_READ and not held):
        return nothing
    found = dict(zip(ids, nothing, strict=True))
    start, last = 0, max(ids)
    for rows in (rows for source in dataset.parts.values() for rows in source.chunks()):
        for row in ids:
            if start <= row < start + len(rows):
                found[row] = _shown(rows, row - start, features)
        start += len(rows)
        if start > last:
            break
    return [found[row] for row in ids]


def _is_readable(feature: Feature) -> bool:
    if feature.kind in ("text", "datetime") or not feature.shape:
        return True
    return feature.kind in ("numeric", "boolean") and len(feature.shape) == 1 and (feature.shape[0] or 0) <= MOST_VALUES


def _shown(rows: Rows, index: int, features: Sequence[Feature]) -> dict[str, Any]:
    if [feature.kind for feature in features] == ["text"]:
        return {"text": _cut(str(rows.features[features[0].name][index]))}
    values: dict[str, str] = {}
    for feature in features:
        values |= _values(feature, rows.features[feature.name][index])
    return {"values": dict(list(values.items())[:MOST_VALUES])}


def _values(feature: Feature, value: Any) -> dict[str, str]:
    """By the name of the feature, or those of its columns."""
    if not feature.shape or feature.kind == "datetime":
        return {feature.name: _value(feature, value)}
    names = feature.columns or [f"{feature.name}_{place}" for place in range(len(value))]
    return {name: _value(feature, number) for name, number in zip(names, value, strict=True)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _value(feature: Feature, value: Any) -> str:
    """A value as people write it; ``missing`` where there is none."""
    import numpy as np

    if feature.kind in ("categorical", "text"):
        return _cut(str(value))[:100] or "missing"
    if np.isnan(value).any():
        return "missing"
    if feature.kind == "datetime":
        return _date(value)
    return ("yes" if value else "no") if feature.kind == "boolean" else f"{float(value):.6g}"


def _date(parts: np.ndarray) -> str:
    year, month, day, _, hour, minute, _ = map(int, parts)
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"
