"""Draws docs/benchmarks.svg from the results in build/benchmarks.

python -m benchmarks.figure [OUT.svg]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER

_REACHED, _MISSED, _NONE = "#2a7f62", "#b5482a", "#8a8f98"
_INCHES_A_BAR = 0.34
_GROUPS = {"csv": "predict ", "rows": "predict ", "photos": "read "}
"""What cases do that do not train."""


def main() -> None:
    """Draws a bar for each ratio, a thin line for its spread, and a mark where its least value lies."""
    found = ratios()
    if not found:
        raise SystemExit(f"no results in {FOLDER}; run `make bench`")
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(9, 1.2 + _INCHES_A_BAR * len(found)), layout="constrained")
    for place, each in enumerate(reversed(found)):
        _draw(axes, place, each)
    labels = [
        f"{_GROUPS.get(each['case'], '')}{each['case']}: {each['side']} / {each['against']}" for each in reversed(found)
    ]
    axes.set_yticks(range(len(found)), labels)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    ticks = [0.5, 0.7, 1, 1.5, 2, 3, 5, 10]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlabel("times as fast, measured in turns\nbar: ratio; line: spread of single rounds; mark: least value")
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/benchmarks.svg")
    figure.savefig(out, metadata={"Date": None})
    print(f"{out}: {len(found)} ratios")


def _pyplot() -> Any:
    """Matplotlib, drawing the same bytes for the same results.

    Raises:
        SystemExit: it is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise SystemExit("the figure needs matplotlib; `pip install 'dltrain[bench]'`") from None
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "dltrain"
    from matplotlib import pyplot

    return pyplot


def ratios() -> list[dict[str, Any]]:
    """All ratios that were measured, but for fractions of the machine's peak, which are of another kind."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return [each for record in records if record["group"] != "arithmetic" for each in record["ratios"]]


def _draw(axes: Any, place: int, each: dict[str, Any]) -> None:
    bar = each["bar"]
    color = _NONE if bar is None else _REACHED if each["value"] >= bar else _MISSED
    axes.barh(place, each["value"] - 1, left=1, color=color, height=0.6)
    axes.hlines(place, each["low"], each["high"], color="black", linewidth=1)
    end = max(each["value"], each["high"], bar or 0, 1)
    axes.text(end * 1.04, place, f"{each['value']:.2f}", va="center", fontsize=8)
    if bar is not None:
        axes.plot(bar, place, marker="|", markersize=14, markeredgewidth=2, color="black")


if __name__ == "__main__":
    main()
