"""Statistics that come from a run directory, which a stranger may have written: refused where `adapt` gives no such."""

import math
from collections.abc import Iterable
from typing import Any


def require_keys(statistics: dict[str, Any], keys: Iterable[str]) -> None:
    """Raises ValueError where other statistics are there than these."""
    if differing := statistics.keys() ^ set(keys):
        name = min(differing)
        raise ValueError(f"there is {'an unknown' if name in statistics else 'no'} '{name[:40]}'")


def require_numbers(statistics: dict[str, Any], key: str, count: int | None, *, positive: bool = False) -> None:
    """Raises ValueError where `key` is no list of `count` finite numbers; of any length for None."""
    found = statistics[key]
    wanted = "numbers" if count is None else f"{count:,} numbers"
    if not isinstance(found, list) or not found or len(found) != (count or len(found)):
        raise ValueError(f"'{key}' is no list of {wanted}")
    if not all(map(is_number, found)) or (positive and min(found) <= 0):
        raise ValueError(f"'{key}' holds what is no {'positive ' * positive}number")


def is_number(value: Any) -> bool:
    """Whether it is a finite number that 64 bits hold."""
    if type(value) is int:
        return abs(value) < 2**63
    return type(value) is float and math.isfinite(value)


def require_count(statistics: dict[str, Any], key: str, most: int) -> None:
    """Raises ValueError where `key` is no whole number from 1 to `most`."""
    found = statistics[key]
    if type(found) is not int or not 1 <= found <= most:
        raise ValueError(f"'{key}' is no whole number from 1 to {most:,}")


def require_texts(statistics: dict[str, Any], key: str, most: int, *, never: Iterable[str] = ()) -> None:
    """Raises ValueError where `key` is no list of different texts, at most `most`, or holds one of `never`."""
    found = statistics[key]
    if not isinstance(found, list) or len(found) > most:
        raise ValueError(f"'{key}' is no list of at most {most:,} texts")
    if not all(isinstance(text, str) for text in found) or len(known := set(found)) != len(found):
        raise ValueError(f"'{key}' holds what is no text, or one text twice")
    if known & set(never):
        raise ValueError(f"'{key}' holds a text that stands for something else")
