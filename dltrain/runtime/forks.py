"""Children forked of a process that has imported a backend and not used it: each begins as a new process would.

After the first tensor a fork would share threads and devices that only the parent has.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from typing import Any, NoReturn

from dltrain.runtime.devices import processors
from dltrain.runtime.interruption import SIGNALS
from dltrain.runtime.settings import RuntimeSpec

RESULT = "\x01"
"""What a line for stdout begins with; nothing that dltrain prints holds one else."""

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""

_MOST = 4
"""Trainings at once: each holds its data in memory, and each may use all processors."""


def can_fork() -> bool:
    """Whether a child can go on where this process stands.

    Not on macOS, whose own libraries abort in a fork, and not beside other threads, which might hold a lock.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def at_once(specs: Iterable[RuntimeSpec]) -> int:
    """How many trainings share this machine: one for each processor up to four, one where there may be a GPU."""
    gpu = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/kfd").exists()
    if gpu and any(spec.device != "cpu" for spec in specs):
        return 1
    return min(_MOST, processors())


@dataclass(frozen=True)
class Child:
    """A process at work.

    Attributes:
        number: its process id.
        answer: a descriptor from which its result can be read, as JSON; nothing where it died.
        words: a descriptor from which what it prints can be read; None where it shares this process's stderr.
    """

    number: int
    answer: int
    words: int | None

    def send(self, number: signal.Signals) -> None:
        """Passes a signal on; it goes to no one where the child has ended and waits to be asked for its status."""
        with suppress(ProcessLookupError):
            os.kill(self.number, number)

    def wait(self) -> int:
        """Its exit code, negative for the signal that killed it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])


def fork(work: Callable[[], Any], *, heard: bool) -> Child:
    """Does a piece of work in a child, which no Ctrl-C of the terminal reaches.

    Args:
        work: gives plain values.
        heard: whether what it prints comes through a pipe.
    """
    answer, answering = os.pipe()
    words, saying = os.pipe() if heard else (None, None)
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        number = os.fork()
        if not number:
            _separate(parent, saying)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            _answer(work, answering)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    for end in (answering, saying):
        if end is not None:
            os.close(end)
    return Child(number, answer, words)


class _Marked(TextIOBase):
    """Results, in the pipe of everything else, so that both keep their order."""

    def write(self, text: str) -> int:
        """Marks every line."""
        return sys.stderr.write("".join(f"{RESULT}{line}" for line in text.splitlines(keepends=True)))

    def flush(self) -> None:
        """Sends what is written."""
        sys.stderr.flush()


def _separate(parent: int, saying: int | None) -> None:
    """Signals as in a new process, and a group of its own: its parent alone says when to stop, or dies."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if saying is not None:
        os.dup2(saying, 2)
        os.dup2(saying, 1)
    if saying is not None:
        sys.stdout = _Marked()


def _answer(work: Callable[[], Any], answering: int) -> NoReturn:
    """Works, answers, and ends the process without a return into its parent's frames."""
    code = 1
    try:
        text = json.dumps(work()).encode()
        with os.fdopen(answering, "wb") as pipe:
            pipe.write(text)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # TensorFlow deletes its temporary files there.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
