"""When epochs end, how long something took, and the line of JSON that every measured program prints last."""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field

STARTED = "BENCHMARK_STARTED"
"""The environment variable with the time at which the process was started, in seconds since the epoch."""


@dataclass
class Clock:
    """Is told when each epoch ends."""

    rows: int
    ends: list[float] = field(default_factory=list)

    def tick(self, *_: object) -> None:
        self.ends.append(time.time())

    def report(self, accuracy: float, test_rows: int) -> None:
        """Prints rows/s of the epochs after the first, and seconds from the start of the process to the last."""
        started = float(os.environ.get(STARTED, "nan"))
        speed = self.rows * (len(self.ends) - 1) / (self.ends[-1] - self.ends[0]) if len(self.ends) > 1 else None
        found = {"rows": self.rows, "rows_per_second": speed, "seconds": self.ends[-1] - started}
        print(json.dumps({**found, "accuracy": accuracy, "test_rows": test_rows}), flush=True)


class Stopwatch:
    """Seconds, and processor seconds of all threads, which say more where the machine is busy with other work."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def times(self) -> dict[str, float]:
        """Since it was made."""
        wall, processor = self._start
        return {"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}


def arguments(description: str | None, models: list[str]) -> argparse.Namespace:
    """`model`, `epochs` and `seed` of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model", choices=models)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()
