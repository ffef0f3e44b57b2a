"""A measurement in a process of its own, which ends with the one that started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dltrain.benchmarking.trial import Measurement, Settings, Trial
from dltrain.spec.dumper import dump_inline

_ROOT = str(Path(__file__).parent.parent.parent)
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
    paths = [os.environ.get("PYTHONPATH"), _ROOT]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    process = subprocess.Popen(
        # Without -P, a file beside the config could be taken for a module of the same name.
        [sys.executable, "-P", "-m", "dltrain.benchmarking.answering"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=noise,
        env=environment,
        # Ctrl-C is for us, who end the process; it would print where it was.
        start_new_session=True,
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(limit or 0, stop)
    try:
        if limit is not None:
            timer.start()
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            # The pipe stays open: its end tells the process that we are gone, however that came.
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        said = process.stdout.read()
    finally:
        timer.cancel()
        _close(process)
    answer: dict[str, Any] | None = json.loads(said) if said.endswith(b"\n") else None
    return answer, process.returncode, late.is_set()


def _close(process: subprocess.Popen[bytes]) -> None:
    _end(process)
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
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
