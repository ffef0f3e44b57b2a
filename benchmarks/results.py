"""Ratios with their spread, what is missed, and the files that the figure is drawn from."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path("build/benchmarks")
_PACKAGES = ("dltrain", "keras", "tensorflow", "numpy", "scikit-learn", "pyarrow")


@dataclass(frozen=True)
class Ratio:
    """How many times as fast dltrain is as another program, measured side by side.

    Attributes:
        case: what is run.
        side: dltrain's name, which says the backend where it is not the usual one.
        against: the other program.
        value: what is held against the bar.
        low: the smallest ratio of two runs that stood side by side.
        high: the largest.
        bar: the least value that is good; None for a figure that nothing is asked of.
    """

    case: str
    side: str
    against: str
    value: float
    low: float
    high: float
    bar: float | None

    @property
    def met(self) -> bool:
        """Whether it reaches the bar."""
        return self.bar is None or self.value >= self.bar

    def __str__(self) -> str:
        bar = "no bar" if self.bar is None else f"bar {self.bar:g}: {'met' if self.met else 'MISSED'}"
        return f"{self.case}: {self.side} / {self.against}: {self.value:.2f} ({self.low:.2f} to {self.high:.2f}), {bar}"


def ratio(
    case: str, fast: tuple[str, Sequence[float]], slow: tuple[str, Sequence[float]], *, bar: float | None
) -> Ratio:
    """Of two sides' speeds, a number for each round.

    The ratio of medians; for a bar below 1, where the two are about as fast, the median of the ratios of runs that
    stood side by side, which a drift of the machine's speed moves less.
    """
    pairs = [a / b for a, b in zip(fast[1], slow[1], strict=True)]
    paired = bar is not None and bar < 1
    value = statistics.median(pairs) if paired else statistics.median(fast[1]) / statistics.median(slow[1])
    return Ratio(case, fast[0], slow[0], value, min(pairs), max(pairs), bar)


def spread(values: Sequence[float], unit: str) -> str:
    """Median, smallest and largest."""
    digits = 0 if min(values) >= 100 else 3
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} {unit} ({low} to {high}, {len(values)} runs)"


def equally_accurate(first: Sequence[float], second: Sequence[float], *, rows: int) -> bool:
    """Whether two mean accuracies on `rows` test rows differ by no more than chance.

    The standard error of an accuracy p on n rows is sqrt(p (1 - p) / n); of a difference of two as precise ones it is
    sqrt(2) times that, which chance exceeds twofold in one of twenty cases. That of the mean over seeds,
    s sqrt(2 / k), is added in quadrature.
    """
    middle = statistics.mean([*first, *second])
    sampling = 2 * middle * (1 - middle) / rows
    seeds = sum(statistics.variance(values) / len(values) for values in (first, second) if len(values) > 1)
    return abs(statistics.mean(first) - statistics.mean(second)) <= 2 * math.sqrt(sampling + seeds)


def exponent(times: Mapping[int, float], start_up: float) -> float:
    """k in t = start_up + a n^k, from the smallest and the largest n."""
    few, many = min(times), max(times)
    return math.log((times[many] - start_up) / (times[few] - start_up)) / math.log(many / few)


def conclude(group: str, case: str, ratios: Sequence[Ratio], details: Mapping[str, Any]) -> bool:
    """Prints the ratios, writes them to ``build/benchmarks/<group>-<case>.json``, and says whether all bars are met."""
    for found in ratios:
        print(found, flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    record = {"group": group, "case": case, "machine": machine(), "ratios": [asdict(found) for found in ratios]}
    text = json.dumps({**record, **details}, indent=1)
    (FOLDER / f"{group}-{case}.json").write_text(text + "\n", encoding="utf-8")
    return all(found.met for found in ratios)


def machine() -> dict[str, str]:
    """The machine and the versions that figures belong to."""
    found = {"machine": f"{os.cpu_count()} cores, {_processor()}", "python": sys.version.split()[0]}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
