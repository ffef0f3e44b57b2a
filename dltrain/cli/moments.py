"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((60.0, "s"), (60.0, "min"), (24.0, "h"))
_MOST_DAYS = 14


def ago(moment: str | None) -> str:
    """How long ago a moment in UTC was, such as ``3 h ago``; before two weeks the day; nothing for no moment."""
    try:
        then = datetime.fromisoformat(moment or "")
        seconds = (datetime.now(UTC) - then.astimezone(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return ""
    if seconds < 0 or seconds >= _MOST_DAYS * 86_400:
        return then.date().isoformat()
    return f"{duration(float(int(seconds)))} ago"


def duration(seconds: float | None) -> str:
    """Such as ``4.2 s``, ``3 min``, ``1.5 h`` or ``12 d``; nothing for none."""
    if seconds is None:
        return ""
    value = seconds
    for size, unit in _UNITS:
        if value < size:
            return f"{_digits(value)} {unit}"
        value /= size
    return f"{_digits(value)} d"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
