"""The errors a user can meet, and the exit code of each.

Every error that reaches the command line is one of these; anything else is a bug in dltrain.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class DltrainError(Exception):
    """Base of all errors that are shown to the user as text, without a traceback."""

    exit_code = 1


class RunError(DltrainError):
    """The run itself failed: it diverged, the disk is full, a file cannot be written."""


class InterruptedRunError(DltrainError):
    """The user stopped the run."""

    exit_code = 130


class ExpectationError(RunError):
    """A score misses a bound that the config's ``expect`` section sets; the text has one line for each.

    Attributes:
        problems: what is missed, with the paths of the bounds.
        result: of the run in plain values, which completed all the same.
        ended: the result itself, where this process has it.
    """

    def __init__(self, problems: Sequence[Any], result: dict[str, Any], ended: Any = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.result = result
        self.ended = ended


class DriftError(RunError):
    """A run was trained again, and its result is another."""


class InputError(DltrainError):
    """The config, the data or the command line is wrong."""

    exit_code = 2


class ConfigError(InputError):
    """A config with problems; the text has one line for each.

    Attributes:
        problems: the problems, in the order of their lines.
    """

    def __init__(self, problems: Sequence[object]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class DataError(InputError):
    """A data file is missing, unreadable, or holds what cannot be trained on."""


class UsageError(InputError):
    """A command was called in a way that cannot work, such as evaluating a run that is not there."""


class RunBusyError(DltrainError):
    """Another process is writing the run directory."""

    exit_code = 3


class MissingRequirementError(DltrainError):
    """This machine lacks something the config asks for: a GPU, a backend, an extra, the network."""

    exit_code = 4


class MissingDataError(MissingRequirementError):
    """A dataset that has a name is not on this machine, and the network does not give it."""


@contextmanager
def storing(action: str, remedy: str, *, when_full: str = "") -> Iterator[None]:
    """Turns an error of the file system into a line that says what to do.

    Args:
        action: what is done, such as ``write runs/a/1/log.txt``.
        remedy: what helps, such as ``choose another folder``.
        when_full: what helps where the disk is full; by default to free space, or `remedy`.

    Raises:
        RunError: the disk is full, read-only or broken.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        chosen = (when_full or f"free space, or {remedy}") if full else remedy
        raise RunError(f"cannot {action}: {reason}; {chosen}") from None
