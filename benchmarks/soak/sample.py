"""Checkpoints whose every value follows from their position, and the count of what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dltrain.runs.checkpoints import Checkpoint, CheckpointStore


def sample(position: int, size: int = 1000) -> Checkpoint:
    """A checkpoint that `is_whole` knows."""
    wide = np.full(size, position, "i8")
    arrays = {"dense/kernel": wide, "dense/bias": wide[:7].astype("f4"), "seed": np.array(position, "u8")}
    return Checkpoint(position, arrays, {"step": position, "loss": position / 3, "best": [float("inf"), position]})


def is_whole(checkpoint: Checkpoint) -> bool:
    """Whether every value is the one that was saved."""
    size = len(checkpoint.arrays["dense/kernel"])
    right = sample(checkpoint.position, size)
    if checkpoint.state != right.state or checkpoint.arrays.keys() != right.arrays.keys():
        return False
    pairs = [(checkpoint.arrays[name], array) for name, array in right.arrays.items()]
    return all(a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all()) for a, b in pairs)


def fault_of(folder: Path, allowed: set[int | None]) -> str | None:
    """What is wrong with what a new process finds in a folder; None where nothing is.

    Args:
        folder: the folder of the checkpoints.
        allowed: the positions one of which the newest must have; None for no checkpoint.
    """
    store = CheckpointStore(folder)
    found = store.newest()
    if found is not None and not is_whole(found):
        return f"step {found.position} is not as it was saved"
    position = found and found.position
    return None if position in allowed else f"found {position} where {allowed} was due; {store.damaged}"


@dataclass
class Tally:
    """How often something was tried, how it came out, and each case that must not be.

    Attributes:
        drawn: whether the cases were drawn at random, rather than being all there are.
    """

    drawn: bool = False
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, outcome: str, violation: str | None = None) -> None:
        """Counts one case."""
        self.tried += 1
        self.outcomes[outcome] += 1
        if violation:
            self.violations.append(violation)

    def __str__(self) -> str:
        details = ", ".join(f"{name} {count:,}" for name, count in sorted(self.outcomes.items()))
        bound = f", 95 % upper bound {3 / self.tried:.2%}" if self.drawn and self.tried and not self.violations else ""
        return f"{len(self.violations)} of {self.tried:,}{bound} ({details})"
