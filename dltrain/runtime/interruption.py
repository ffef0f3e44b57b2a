"""Ctrl-C and SIGTERM: the first one asks a run to stop in good order, a second one ends the process at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dltrain.errors import InterruptedRunError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Hears SIGINT and SIGTERM while it is open, in the main thread; elsewhere Python hears none.

    The first signal raises KeyboardInterrupt, but in `deferred()` it only sets `signal`. From then on the
    system's own handlers are in place, so that a second signal needs nothing of Python to end the process.

    Attributes:
        signal: the first one that came, or None.
        raised: whether a KeyboardInterrupt was raised for it. The error that comes out may be another: where
            TensorFlow's C++ calls Python and Python raises, some calls end with a SystemError of their own.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.raised = False
        self._deferring = False

    @contextmanager
    def listening(self, signals: tuple[signal.Signals, ...] = SIGNALS) -> Iterator[Interruption]:
        """Replaces the handlers of these signals, and puts them back."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.signal(number, self._hear) for number in signals}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """In here a signal waits until `signal` is looked at, at the latest until the end."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
        if self.signal is not None:
            self.raised = True
            raise KeyboardInterrupt

    def error(self, text: str) -> InterruptedRunError:
        """The error of a run that was stopped, with the exit code 130 for Ctrl-C and 143 for SIGTERM."""
        error = InterruptedRunError(text)
        error.exit_code = 128 + (self.signal or signal.SIGINT)
        return error

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        self.signal = signal.Signals(number)
        if not self._deferring:
            self.raised = True
            raise KeyboardInterrupt
