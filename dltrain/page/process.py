"""Reports that are written by a process of its own, which imports Matplotlib while the network is scored.

Run as a program it writes a report for each path on stdin, and answers with a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typing_extensions import override

from dltrain.page.writing import write_report
from dltrain.runs.directory import RunDirectory
from dltrain.runtime.programs import begin_program
from dltrain.training.observer import EpochReport, Observer, Relay


class Reporter(Relay):
    """Begins the process when epochs are done, and tells another observer everything."""

    def __init__(self, listener: Observer) -> None:
        super().__init__(listener)
        self._process: subprocess.Popen[str] | None = None
        self._trained = False

    @override
    def phase(self, text: str) -> None:
        """What comes after epochs is scoring, which leaves a core to the imports."""
        if self._trained and self._process is None:
            self._process = _begun()
        super().phase(text)

    @override
    def epoch(self, report: EpochReport) -> None:
        """Tells the listener."""
        self._trained = True
        super().epoch(report)

    def report(self, run: RunDirectory) -> None:
        """Writes the page about a run, here where the process cannot; says in one line what went wrong."""
        self.phase("drawing the report")
        try:
            if (problem := self._asked(run)) is None:
                return
            if problem == "":
                write_report(run)
                return
        # A page is not worth a training.
        except Exception as error:
            problem = str(error) or type(error).__name__
        self.note(f"no report: {problem.splitlines()[0][:300]}; write it with: dltrain report {run}")

    def _asked(self, run: RunDirectory) -> str | None:
        """What the process could not do; empty where there is none that answers."""
        process, self._process = self._process, None
        if process is None:
            return ""
        try:
            told, _ = process.communicate(f"{json.dumps(str(run.path))}\n")
            answer: str | None = json.loads(told)["problem"]
        except (OSError, ValueError, KeyError):
            return ""
        finally:
            _end(process)
        return answer

    @override
    def close(self) -> None:
        """Ends the process, if it was not needed; the other observer is its owner's."""
        if self._process is not None:
            _end(self._process)


def _begun() -> subprocess.Popen[str] | None:
    try:
        return begin_program("dltrain.page.process", subprocess.DEVNULL)
    except OSError:
        return None


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.communicate()


def _serve() -> None:
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401

    for line in sys.stdin:
        problem = None
        try:
            write_report(RunDirectory(Path(json.loads(line))))
        except Exception as error:
            problem = str(error) or type(error).__name__
        print(json.dumps({"problem": problem}), flush=True)


if __name__ == "__main__":
    _serve()
