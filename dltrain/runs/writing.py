"""A run directory while it is written: its lock, its log, and what its manifest says of how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dltrain.errors import DltrainError, InterruptedRunError, UsageError
from dltrain.runs.directory import RunDirectory, RunLock, now
from dltrain.runs.log import RunLog
from dltrain.runtime.interruption import Interruption


@dataclass(frozen=True)
class OpenRun:
    """A run directory that this process alone writes.

    Attributes:
        directory: the names of its artifacts.
        log: takes lines.
        interruption: hears Ctrl-C and SIGTERM.
    """

    directory: RunDirectory
    log: RunLog
    interruption: Interruption


@contextmanager
def locked(run: RunDirectory) -> Iterator[None]:
    """Keeps all other processes from writing the run.

    Raises:
        RunBusyError: another process writes it.
    """
    lock = RunLock(run)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing(run: RunDirectory) -> Iterator[OpenRun]:
    """Says in the manifest of a run that is `locked` how it ended, if it does not complete.

    Raises:
        InterruptedRunError: in place of KeyboardInterrupt, with the command that goes on.
    """
    interruption = Interruption()
    try:
        with interruption.listening():
            yield OpenRun(run, RunLog(run.log), interruption)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or interruption.raised:
            stop = _interrupted(run, interruption, error)
            _record_end(run, "interrupted", str(stop))
            raise stop from None
        if isinstance(error, UsageError):
            # The command was wrong, not the run.
            raise
        status = "failed" if isinstance(error, DltrainError) else "crashed"
        status = "interrupted" if isinstance(error, InterruptedRunError) else status
        _record_end(run, status, str(error) or type(error).__name__)
        raise


def _interrupted(run: RunDirectory, interruption: Interruption, error: BaseException) -> InterruptedRunError:
    place = f" {error}" if isinstance(error, KeyboardInterrupt) and str(error) else ""
    return interruption.error(f"interrupted{place}; go on with: dltrain fit --resume {run.whole}")


def _record_end(run: RunDirectory, status: str, error: str) -> None:
    """Adds to the manifest; a disk that is full must not hide the first error."""
    with suppress(DltrainError):
        if run.manifest.exists():
            run.update_manifest(status=status, ended=now(), error=error)
