"""The whole `dltrain fit` of three small models against the shortest hand-written script for each, and all in one.

``--rounds N`` takes more or fewer than five turns.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.timing import machine, ratio, report

MODELS = ("mlp", "cnn", "lstm")
BAR = 1.25
"""A fit, with everything that it writes, against the script."""
TOGETHER_BAR = 0.6
"""Three configs in one `dltrain fit` against three of them, one after the other."""
TOGETHER = "all in one fit"


def main() -> None:
    """Prints wall and processor times and their ratios; exits 1 where one of wall times is above its bar."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    machine()
    with tempfile.TemporaryDirectory() as folder:
        wall, busy = _measured(_commands(folder), rounds)
    print("wall time")
    missed = _compared(wall)
    print("\nprocessor time, which other programs on the machine change less")
    _compared(busy)
    sys.exit(missed)


def _commands(folder: str) -> dict[str, list[str]]:
    fit = [str(Path(sys.executable).with_name("dltrain")), "fit", "--runs-dir", folder]
    scripts = {"mlp": "digits_by_hand", "cnn": "digits_cnn_by_hand", "lstm": "digits_lstm_by_hand"}
    commands = {}
    for name in MODELS:
        commands[f"{name}, fit"] = [*fit, f"configs/digits-{name}.yaml"]
        commands[f"{name}, by hand"] = [sys.executable, f"benchmarks/{scripts[name]}.py"]
    return commands | {TOGETHER: [*fit, *(f"configs/digits-{name}.yaml" for name in MODELS)]}


def _measured(commands: Mapping[str, Sequence[str]], rounds: int) -> tuple[dict[str, list[float]], ...]:
    """Wall and processor seconds of commands that take turns, after a round that is not counted."""
    wall: dict[str, list[float]] = {name: [] for name in commands}
    busy: dict[str, list[float]] = {name: [] for name in commands}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            start, before = time.perf_counter(), os.times()
            subprocess.run(command, capture_output=True, env=environment, check=True)
            elapsed, after = time.perf_counter() - start, os.times()
            if turn:
                wall[name].append(elapsed)
                busy[name].append(sum(after[2:4]) - sum(before[2:4]))
    return wall, busy


def _compared(times: dict[str, list[float]]) -> bool:
    """Whether a ratio is above its bar."""
    apart = [sum(turn) for turn in zip(*(times[f"{name}, fit"] for name in MODELS), strict=True)]
    times = times | {"three fits": apart}
    report(times)
    missed = [_is_above(BAR, lambda name=name: ratio(times, f"{name}, fit", f"{name}, by hand")) for name in MODELS]
    missed.append(_is_above(TOGETHER_BAR, lambda: ratio(times, TOGETHER, "three fits")))
    return any(missed)


def _is_above(bar: float, found: Callable[[], float]) -> bool:
    above = found() > bar
    print(f"  bar: at most {bar}{', missed' if above else ''}")
    return above


if __name__ == "__main__":
    main()
