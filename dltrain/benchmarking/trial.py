"""A trial: settings of `runtime` under which a config is measured, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any, Literal

from dltrain.spec.dumper import dump_inline

Settings = Mapping[str, Any]
"""Settings of `runtime` by name; None for what is chosen where nothing is written."""

AS_IT_IS: Settings = {}


@dataclass(frozen=True)
class Measurement:
    """How a config trained.

    Attributes:
        rates: training rows per second, of each slice of the measured time.
        first_step_seconds: from the start of the process to the end of its first call of the training function.
        memory: most bytes of the process that were in memory at once.
        gpu_memory: most bytes of the GPU's memory; None where there is no GPU, or it is not told.
        backend: that trained.
        device: ``cpu`` or ``gpu``.
        threads: processor threads in use.
        intra_op_threads: of these, how many share one operation.
        steps_per_execution: weight updates per call.
        jit_compile: whether XLA compiled the step.
        onednn: whether TensorFlow computed with oneDNN.
        steps: of an epoch.
        samples: training rows that all epochs of the config take together.
    """

    rates: tuple[float, ...]
    first_step_seconds: float
    memory: int
    gpu_memory: int | None
    backend: str
    device: str
    threads: int
    intra_op_threads: int
    steps_per_execution: int
    jit_compile: bool
    onednn: bool
    steps: int
    samples: int

    @property
    def seconds(self) -> float:
        """About how long all epochs take from the start of the process, without validation."""
        return self.first_step_seconds + self.samples / self.rate

    @property
    def rate(self) -> float:
        """Training rows per second: the median of the slices, which a short disturbance does not move."""
        return median(self.rates)

    def joined(self, other: Measurement) -> Measurement:
        """Both measurements of one trial: the faster one counts, since other programs can only slow it down."""
        return replace(
            max(self, other, key=lambda each: each.rate),
            first_step_seconds=min(self.first_step_seconds, other.first_step_seconds),
            memory=max(self.memory, other.memory),
        )

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        facts = {name: value for name, value in asdict(self).items() if name not in ("rates", "first_step_seconds")}
        return {
            "samples_per_second": round(self.rate, 1),
            "slices": [round(rate, 1) for rate in self.rates],
            "first_step_seconds": round(self.first_step_seconds, 3),
            **facts,
        }


@dataclass(frozen=True)
class Trial:
    """Settings, and what came of them.

    Attributes:
        settings: what differs from the config as it is.
        measured: None where there was nothing to measure.
        status: ``refused`` is what the config or this machine does not allow.
        text: why it was not measured, on a line.
        error: the same as `fit` says it.
        exit_code: that `fit` would end with.
    """

    settings: Settings
    measured: Measurement | None = None
    status: Literal["measured", "refused", "failed"] = "measured"
    text: str = ""
    error: str = ""
    exit_code: int = 1

    @property
    def rate(self) -> float:
        """Training rows per second; 0 where there was nothing to measure."""
        return self.measured.rate if self.measured else 0.0

    @property
    def label(self) -> str:
        """``jit_compile true, threads 1``."""
        return in_words(self.settings)

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.measured.plain() if self.measured else {"text": self.text}
        return {"settings": dict(self.settings), "status": self.status, **found}


def in_words(settings: Settings) -> str:
    """``jit_compile true, threads 1``; what a change of backend puts back to its default is not named."""
    told = [f"{name} {dump_inline(value)}" for name, value in settings.items() if value is not None]
    return ", ".join(told) or "as it is"
