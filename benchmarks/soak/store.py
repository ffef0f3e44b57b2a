"""The checkpoint store alone: faults, power failures, kills, corruptions and full disks, in large numbers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.soak.corruptions import corrupt, forge
from benchmarks.soak.disks import fill, forbid, limit, small_disk
from benchmarks.soak.faults import enumerate_faults
from benchmarks.soak.kills import kill_writers
from benchmarks.soak.power import fail_power
from benchmarks.soak.sample import Tally

KILLS, CORRUPTIONS, FORGERIES = 1000, 2000, 2000


def _on_disk(work: Callable[[Path], Tally]) -> Callable[[Path], Tally | None]:
    def run(scratch: Path) -> Tally | None:
        with small_disk(scratch, 8) as disk:
            return disk and work(disk)

    return run


CASES: dict[str, Callable[[Path], Tally | None]] = {
    "a fault at every call of a save": enumerate_faults,
    "power failing at every call of a save": fail_power,
    "SIGKILL while saving": lambda scratch: kill_writers(scratch, KILLS),
    "damage to the newest": lambda scratch: corrupt(scratch, CORRUPTIONS),
    "forged contents with a right digest": lambda scratch: forge(scratch, FORGERIES),
    "saves to a full disk of 8 MB": _on_disk(lambda disk: fill(disk / "checkpoints")),
    "a disk that became read-only": _on_disk(forbid),
    "a limit on the size of files": lambda scratch: limit(scratch / "checkpoints"),
}


def main() -> None:
    """Prints a line for each; ends with 1 where anything was lost, torn, wrong or crashed."""
    wrong = False
    for name, work in CASES.items():
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            tally = work(Path(scratch))
        seconds = time.perf_counter() - start
        print(f"{name}: {tally or 'not tried, since this process may not mount a disk'} [{seconds:.0f} s]", flush=True)
        for violation in tally.violations if tally else ():
            print(f"    {violation}")
            wrong = True
    raise SystemExit(wrong)


if __name__ == "__main__":
    main()
