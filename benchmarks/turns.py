"""Programs that take turns in processes of their own, so that a drift of the machine's speed hits each alike.

Each prints one line of JSON last: an object of what it measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.by_hand.clock import STARTED

Measures = dict[str, list[dict[str, Any]]]
"""What each side measured in each round."""

SITES = {name: os.environ.get(f"DLTRAIN_BENCH_{name.upper()}") for name in ("jax", "torch")}
"""Folders with packages that this environment lacks, from ``DLTRAIN_BENCH_JAX`` and ``DLTRAIN_BENCH_TORCH``."""


@dataclass(frozen=True)
class Side:
    """A program that is measured.

    Attributes:
        name: as results call it.
        module: what Python runs, from this repository.
        arguments: of which ``{round}`` is the number of the round, a seed that differs each time.
        needs: a package beyond the main ones.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    needs: str | None = None

    @property
    def missing(self) -> bool:
        """Whether the package that it needs is not here."""
        if self.needs is None:
            return False
        done = subprocess.run(
            [sys.executable, "-c", f"import {self.needs}"], capture_output=True, env=self._environment(), check=False
        )
        return bool(done.returncode)

    def measure(self, turn: int) -> dict[str, Any]:
        """Runs it once.

        Raises:
            SystemExit: it failed.
        """
        arguments = [argument.replace("{round}", str(turn)) for argument in self.arguments]
        command = [sys.executable, "-m", self.module, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment(), check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} exited {done.returncode}:\n{done.stderr}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _environment(self) -> dict[str, str]:
        # Bytecode is cached, as after any installation; start-up would be measured with compilation else.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        folders = [folder for folder in (SITES.get(self.needs or ""), kept.get("PYTHONPATH")) if folder]
        return kept | {"PYTHONPATH": os.pathsep.join(folders), "TF_CPP_MIN_LOG_LEVEL": "3", STARTED: str(time.time())}


def take_turns(sides: Iterable[Side], *, rounds: int) -> Measures:
    """What sides measure, one after the other, in each of `rounds`; one whose package is not here is left out."""
    present = []
    for side in sides:
        if side.missing:
            print(
                f"{side.name}: left out, {side.needs} is not installed (or name its folder in "
                f"DLTRAIN_BENCH_{str(side.needs).upper()})",
                flush=True,
            )
        else:
            present.append(side)
    measures: Measures = {side.name: [] for side in present}
    for turn in range(rounds):
        for side in present:
            measures[side.name].append(side.measure(turn))
            print(f"round {turn + 1} of {rounds}, {side.name}: {json.dumps(measures[side.name][-1])}", flush=True)
    return measures


def require_data() -> None:
    """Ends the program where the data folder is not set.

    Raises:
        SystemExit: ``DLTRAIN_DATA`` names no folder.
    """
    folder = os.environ.get("DLTRAIN_DATA")
    if not folder or not Path(folder).is_dir():
        raise SystemExit(
            "set DLTRAIN_DATA to the folder of mnist.npz, adult_train.csv, imdb_train.parquet and the others"
        )
