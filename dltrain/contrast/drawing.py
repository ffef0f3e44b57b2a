"""Pictures of a comparison as inline SVG, whose colours come from the page's style, in light and dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from dltrain.contrast.curves import limits
from dltrain.contrast.paired import Gap
from dltrain.digits import digits
from dltrain.runs.rating import smaller_is_better

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 12, 32
_ROW, _NAMES = 26, 200
_TICKS = 4
_MOST_POINTS = 500


def line_chart(name: str, columns: Mapping[str, Sequence[float]]) -> str:
    """The values of each run by epoch; a value that is not finite leaves a gap.

    Args:
        name: of what is drawn.
        columns: for each run's letter a value for each epoch.
    """
    drawn = {label: _thinned(column) for label, column in columns.items() if column}
    epochs = max((len(column) for column in columns.values()), default=1)
    low, high = limits(list(columns.values()))
    high = high if high > low else low + 1.0
    ends = ", ".join(f"{label} ends at {columns[label][-1]:.4g}" for label in drawn)
    parts = [_open(f"{name} by epoch: {ends}", _HEIGHT)]
    for share, value in _ticks(low, high):
        y = _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)
        parts.append(_rule(_LEFT, y, _WIDTH - _RIGHT, y) + _text(_LEFT - 8, y + 4, f"{value:.3g}", "end"))
    parts.append(_text(_LEFT, _HEIGHT - 8, "1", "middle") + _text(_WIDTH - _RIGHT, _HEIGHT - 8, f"{epochs}", "middle"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, "epoch", "middle"))
    for label, points in drawn.items():
        places = [(_across(epoch, epochs), _down(value, low, high)) for epoch, value in points]
        parts.append(_line(label, places))
    return "".join([*parts, "</svg>"])


def gap_chart(gaps: Mapping[str, Gap], label: str, against: str) -> str:
    """The interval of each difference beside a line at zero, better to the right; each has a scale of its own.

    Args:
        gaps: the differences by score.
        label: the letter of the run that they are of.
        against: the letter of the run that it is compared with.
    """
    known = {name: gap for name, gap in gaps.items() if gap.interval is not None}
    height, middle = _ROW * len(known) + 24, (_NAMES + _WIDTH - _RIGHT) / 2
    text = "; ".join(f"{name} {digits(gap.by, sign='+')}" for name, gap in known.items())
    parts = [_open(f"differences with 95 % intervals: {text}", height), _rule(middle, 0, middle, height - 18)]
    for index, (name, gap) in enumerate(known.items()):
        y, ends = _ROW * (index + 0.5), gap.interval or (gap.by, gap.by)
        reach = (max(map(abs, ends)) or 1.0) * (-1.0 if smaller_is_better(name) else 1.0)
        x = [middle + (value / reach) * (_WIDTH - _RIGHT - middle) for value in (*ends, gap.by)]
        bar = f'<line class="bar run-{label}" x1="{x[0]:.1f}" x2="{x[1]:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        dot = f'<circle class="dot run-{label}" cx="{x[2]:.1f}" cy="{y:.1f}" r="4"/>'
        parts.append(_text(_NAMES - 8, y + 4, name, "end") + bar + dot)
    worse = _text(middle - 8, height - 4, f"worse than {against}", "end")
    return "".join([*parts, worse, _text(middle + 8, height - 4, f"better than {against}", "start"), "</svg>"])


def _open(description: str, height: float) -> str:
    text = escape(description[:1000])
    return f'<svg role="img" aria-label="{text}" viewBox="0 0 {_WIDTH} {height:.0f}">'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    short = text if len(text) <= 28 else f"{text[:27]}…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(short)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="rule" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _line(label: str, places: Sequence[tuple[float, float | None]]) -> str:
    """A path, its letter at the last point; a single point is a dot."""
    path, pen = [], "M"
    for x, y in places:
        if y is None:
            pen = "M"
            continue
        path.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    if not path:
        return ""
    x, y = next((x, y) for x, y in reversed(places) if y is not None)
    dot = f'<circle class="dot run-{label}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
    return f'<path class="curve run-{label}" d="{"".join(path)}"/>{dot}' + _text(x + 6, y + 4, label, "start")


def _thinned(column: Sequence[float]) -> list[tuple[int, float]]:
    """At most some hundred points, with their epochs from 0; the last one stays."""
    count = min(len(column), _MOST_POINTS)
    places = [(index + 1) * len(column) // count - 1 for index in range(count)]
    return [(place, column[place]) for place in places]


def _across(epoch: int, epochs: int) -> float:
    return _LEFT + (epoch / (epochs - 1) if epochs > 1 else 0.5) * (_WIDTH - _LEFT - _RIGHT)


def _down(value: float, low: float, high: float) -> float | None:
    if not math.isfinite(value):
        return None
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _ticks(low: float, high: float) -> list[tuple[float, float]]:
    return [(index / _TICKS, low + (high - low) * (index / _TICKS)) for index in range(_TICKS + 1)]
