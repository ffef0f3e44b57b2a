"""A fit by dltrain that says when its epochs end.

python -m benchmarks.measured_fit CONFIG [SETTING=VALUE...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.by_hand.clock import Clock
from dltrain.training.observer import EpochReport, Observer


class Timekeeper(Observer):
    """Is told when epochs end; what lies between two ends, such as a checkpoint, is measured too."""

    def __init__(self) -> None:
        self.clock = Clock(0)

    def epoch(self, report: EpochReport) -> None:
        self.clock.tick(report)


def main() -> None:
    from dltrain.api import fit

    observer = Timekeeper()
    with tempfile.TemporaryDirectory() as folder:
        run = fit(sys.argv[1], overrides=sys.argv[2:], runs_dir=Path(folder), observer=observer)
        scores = run.scores
    observer.clock.rows = scores["train"]["rows"]
    observer.clock.report(scores["test"]["accuracy"], scores["test"]["rows"])


if __name__ == "__main__":
    main()
