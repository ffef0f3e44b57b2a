"""The whole `dltrain fit` of the digits MLP against the shortest hand-written script for the same model."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.timing import alternate, machine, ratio, report

BAR = 1.35


def main() -> None:
    """Prints both times and their ratio; exits 1 where it is above the bar."""
    machine()
    with tempfile.TemporaryDirectory() as folder:
        fit = [str(Path(sys.executable).with_name("dltrain")), "fit", "configs/digits-mlp.yaml", "--runs-dir", folder]
        commands = {"dltrain fit": fit, "by hand": [sys.executable, "benchmarks/digits_by_hand.py"]}
        times = alternate(commands, rounds=7)
    report(times)
    found = ratio(times, "dltrain fit", "by hand")
    print(f"bar: at most {BAR}")
    sys.exit(found > BAR)


if __name__ == "__main__":
    main()
