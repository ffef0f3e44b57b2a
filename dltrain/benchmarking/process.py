"""A measurement in a process of its own, which ends with the one that started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dltrain.benchmarking.trial import Measurement, Settings, Trial
from dltrain.runtime.programs import begin_program
from dltrain.spec.dumper import dump_inline

_REASONS = {
    signal.SIGKILL: "killed, as the system does where memory is short",
    signal.SIGABRT: "its backend aborted",
    signal.SIGSEGV: "its backend crashed",
}


@dataclass(frozen=True)
class Measuring:
    """Measures trials of one config.

    Attributes:
        config: the file.
        settings: as after ``--set``.
        seconds: of training to measure in each.
    """

    config: Path
    settings: Sequence[str]
    seconds: float

    def __call__(self, settings: Settings, limit: float | None = None) -> Trial:
        """Starts a process, waits for its end, and returns what it found.

        Args:
            settings: of `runtime`, on top of those of the config.
            limit: seconds after which the process is ended; None to wait for as long as it takes.
        """
        request = {
            "config": str(self.config),
            "settings": [*self.settings, *as_set(settings)],
            "seconds": self.seconds,
            "began": time.monotonic(),
        }
        with tempfile.TemporaryFile() as noise:
            answer, code, late = _ask(request, noise, limit)
            if answer is not None:
                return _trial(settings, answer)
            text = f"took longer than {limit:.0f} s" if late else _failure(code, noise)
        return Trial(settings, None, "failed", text, text)


def as_set(settings: Settings) -> list[str]:
    """The same as after ``--set``."""
    return [f"runtime.{name}={dump_inline(value)}" for name, value in settings.items()]


def _ask(request: dict[str, Any], noise: IO[bytes], limit: float | None) -> tuple[dict[str, Any] | None, int, bool]:
    """The answer of a process if it gave one, its exit code, and whether it was ended for taking too long."""
    process = begin_program("dltrain.benchmarking.answering", noise)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with _ending(process, limit) as late:
            # The pipe stays open: its end tells the process that we are gone, however that came.
            with suppress(BrokenPipeError):
                process.stdin.write(f"{json.dumps(request)}\n")
                process.stdin.flush()
            said = process.stdout.read()
    finally:
        _close(process)
    answer: dict[str, Any] | None = json.loads(said) if said.endswith("\n") else None
    return answer, process.returncode, late.is_set()


@contextmanager
def _ending(process: subprocess.Popen[str], limit: float | None) -> Iterator[threading.Event]:
    """Ends a process that takes longer than so many seconds, and then sets the event."""
    late = threading.Event()
    if limit is None:
        yield late
        return

    def stop() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(limit, stop)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _close(process: subprocess.Popen[str]) -> None:
    _end(process)
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Ends it and what it started; one that has answered ends by itself at once."""
    if process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _trial(settings: Settings, answer: dict[str, Any]) -> Trial:
    if (measured := answer.pop("measured", None)) is not None:
        return Trial(settings, Measurement(**(measured | {"rates": tuple(measured["rates"])})))
    return Trial(settings, None, **answer)


def _failure(code: int, noise: IO[bytes]) -> str:
    """Why a process ended without an answer."""
    if code < 0:
        number = signal.Signals(-code)
        return _REASONS.get(number, f"ended by {number.name}")
    noise.seek(0, os.SEEK_END)
    noise.seek(max(0, noise.tell() - 10_000))
    lines = noise.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip()[:300] if lines else f"ended with exit code {code}"
