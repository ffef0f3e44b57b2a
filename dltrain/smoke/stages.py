"""How long each stage took, and which one failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Stage = Literal["read", "build", "train", "evaluate", "save", "reload", "predict"]


class Stages:
    """A clock for stages.

    Attributes:
        seconds: of each stage that was begun, in order.
        failed: the stage that ended with an error; None where none did.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failed: Stage | None = None

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        """Measures what is done in here."""
        before = time.perf_counter()
        try:
            yield
        except BaseException:
            self.failed = stage
            raise
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - before
