"""`dltrain fit` with several configs: the backend is imported once, and each config is trained in a fork."""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any

from dltrain.cli.console import say, show
from dltrain.cli.telling import Outcome, plain, told
from dltrain.errors import DltrainError, InterruptedRunError, RunError
from dltrain.runtime.environment import prepare_environment
from dltrain.runtime.forks import RESULT, Child, at_once, fork
from dltrain.runtime.imports import import_backend
from dltrain.runtime.interruption import SIGNALS
from dltrain.runtime.settings import RuntimeSpec

Work = tuple[str, Callable[[], dict[str, Any]]]
"""A config, and what trains it and shows the result."""


_SHARED = ("dltrain.cross_validation", "sklearn.metrics")
"""What every training imports besides the backend."""


def one_by_one(works: Sequence[Work]) -> list[Outcome]:
    """The outcome of each, all in this process.

    Raises:
        InterruptedRunError: one was stopped; the rest is not begun.
    """
    outcomes: list[Outcome] = []
    for config, work in works:
        try:
            outcomes.append(work())
        except InterruptedRunError:
            raise
        except DltrainError as error:
            outcomes.append(error)
            if len(works) > 1:
                say(f"{config} failed: {error}")
    return outcomes


def go_on(config: str) -> str:
    """How a training that ended with its process goes on."""
    return f"; if its training had begun, go on with: dltrain fit {config} --resume latest"


def side_by_side(
    works: Sequence[Work],
    specs: Sequence[RuntimeSpec],
    jobs: int | None,
    advice: Callable[[str], str] = go_on,
    *,
    onednn: bool = True,
) -> list[Outcome]:
    """The outcome of each, in forks of this process after it has imported the backend.

    Args:
        works: that one process can do.
        specs: of each.
        jobs: how many are done at a time; by default what suits the machine.
        advice: what to do after a process was ended, by the name of its config.
        onednn: the kernels that TensorFlow is imported with.

    Raises:
        InterruptedRunError: a signal came; what was training is saved, and the rest is not begun.
    """
    prepare_environment(specs[0], onednn=onednn)
    import_backend(specs[0].backend)
    for name in _SHARED:
        importlib.import_module(name)
    # What is there now is shared with the children, as long as no collection touches it.
    gc.freeze()
    return SideBySide(works, jobs or at_once(specs), advice)()


@dataclass
class _Training:
    """A config that is trained in a child.

    Attributes:
        said: lines that wait for their turn, and a last one that is not complete yet.
        open: descriptors that have not ended.
    """

    config: str
    work: Callable[[], Any]
    child: Child | None = None
    answer: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)
    open: set[int] = field(default_factory=set)
    outcome: Outcome | None = None


class SideBySide:
    """Trains configs in forks, some at a time, and shows what each prints as if one came after the other.

    `advice` says what to do after a process was ended, by the name of its config.

    The first signal is passed on to all that train: each saves, and no other begins. After a second they end at once.
    """

    def __init__(self, works: Sequence[Work], at_once: int, advice: Callable[[str], str] = go_on) -> None:
        self._advice = advice
        self._trainings = [_Training(config, partial(_outcome, work)) for config, work in works]
        self._at_once = at_once
        self._turn = 0
        self._signal: signal.Signals | None = None
        self._selector = selectors.DefaultSelector()

    def __call__(self) -> list[Outcome]:
        """The outcome of each config, in order."""
        with self._passing_on():
            self._begin()
            while self._running():
                for key, _ in self._selector.select():
                    self._hear(key.data, key.fd)
                self._tell()
                self._begin()
        if self._signal is not None:
            raise self._interrupted()
        return [training.outcome for training in self._trainings if training.outcome is not None]

    def _running(self) -> list[_Training]:
        return [each for each in self._trainings if each.child is not None and each.outcome is None]

    def _begin(self) -> None:
        for training in self._trainings:
            if self._signal is not None or len(self._running()) >= self._at_once:
                return
            if training.child is None:
                self._fork(training)

    def _fork(self, training: _Training) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            # A signal between the fork and this assignment would not be passed on.
            training.child = fork(training.work, heard=self._at_once > 1)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for descriptor in (training.child.answer, training.child.words):
            if descriptor is not None:
                training.open.add(descriptor)
                self._selector.register(descriptor, selectors.EVENT_READ, training)

    def _hear(self, training: _Training, descriptor: int) -> None:
        assert training.child is not None
        if found := os.read(descriptor, 1 << 16):
            (training.answer if descriptor == training.child.answer else training.said).extend(found)
            return
        self._selector.unregister(descriptor)
        os.close(descriptor)
        training.open.remove(descriptor)
        if not training.open:
            advice = self._advice(training.config)
            training.outcome = _understood(advice, training.child.wait(), bytes(training.answer))

    def _tell(self) -> None:
        """What the training whose turn it is has said, and those before it that have ended since."""
        while self._turn < len(self._trainings):
            training = self._trainings[self._turn]
            *lines, rest = training.said.split(b"\n")
            if training.outcome is not None and rest:
                lines.append(rest)
            training.said = rest
            for line in lines:
                _print(line.decode("utf-8", "replace"))
            if training.outcome is None:
                return
            if isinstance(training.outcome, DltrainError) and self._signal is None:
                say(f"{training.config} failed: {training.outcome}")
            self._turn += 1

    @contextmanager
    def _passing_on(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or signal.Signals(number)
        for training in self._running():
            assert training.child is not None
            training.child.send(signal.Signals(number))

    def _interrupted(self) -> InterruptedRunError:
        failed = (each for each in self._trainings if isinstance(each.outcome, DltrainError))
        stopped = [f"{each.config}: {each.outcome}" for each in failed]
        waiting = [each.config for each in self._trainings if each.child is None]
        lines = [*stopped, *([f"not begun: {', '.join(waiting)}"] if waiting else [])]
        error = InterruptedRunError("\n".join(lines) or "interrupted")
        error.exit_code = 128 + (self._signal or signal.SIGINT)
        return error


def _print(line: str) -> None:
    if line.startswith(RESULT):
        show(line.replace(RESULT, ""))
    else:
        say(line)


def _outcome(work: Callable[[], Any]) -> dict[str, Any]:
    """In the child: the result, or the error, in plain values."""
    try:
        return plain(work())
    except DltrainError as error:
        return plain(error)
    except KeyboardInterrupt:
        return {"error": "interrupted", "exit_code": InterruptedRunError.exit_code}


def _understood(advice: str, code: int, answer: bytes) -> Outcome:
    """In the parent: what the child's answer means, or its silence."""
    if code < 0:
        name = signal.Signals(-code).name
        reason = ", as a system does that runs out of memory (--jobs 1 needs less)" if name == "SIGKILL" else ""
        return RunError(f"its process was ended by {name}{reason}{advice}")
    if code or not answer:
        return RunError(f"its process ended with exit code {code} and no result; this is a bug in dltrain")
    return told(json.loads(answer))
