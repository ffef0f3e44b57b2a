"""Whole-process timings of commands that take turns, so that a drift of the machine's speed hits each alike."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version


def seconds(command: Sequence[str]) -> float:
    """The wall time of a command that must succeed."""
    # Bytecode is cached, as after any installation; start-up would be measured with compilation else.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} exited {done.returncode}:\n{done.stderr}")
    return elapsed


def alternate(commands: dict[str, Sequence[str]], *, rounds: int) -> dict[str, list[float]]:
    """Wall times of each command, after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            elapsed = seconds(command)
            if turn:
                times[name].append(elapsed)
    return times


def report(times: dict[str, list[float]]) -> None:
    """Minimum, median and maximum of each."""
    for name, values in times.items():
        spread = f"{min(values):.3f} to {max(values):.3f} s"
        print(f"{name:<28} median {statistics.median(values):.3f} s ({spread}, {len(values)} runs)")


def ratio(times: dict[str, list[float]], first: str, second: str) -> float:
    """The median of the ratios of runs that stood side by side."""
    pairs = [a / b for a, b in zip(times[first], times[second], strict=True)]
    middle = statistics.median(pairs)
    print(f"{first} / {second}: median {middle:.2f} ({min(pairs):.2f} to {max(pairs):.2f})")
    return middle


def machine() -> None:
    """The machine and the versions that figures belong to."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("dltrain", "keras", "tensorflow", "pydantic", "typer"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, {packages}")
