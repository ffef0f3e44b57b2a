"""A process that has imported TensorFlow and nothing more, and forks a `dltrain` command whenever one is asked for.

A fork before the first tensor is safe, and saves the seconds of the import. Run as a program, it reads
requests as lines of JSON: ``{"start": [argument, ...], "folder": path, "output": path}`` answers with the process
id, ``{"wait": id}`` with its exit status, negative for a signal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Nursery:
    """Starts `dltrain` commands in processes of their own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.soak.nursery"]
        root = Path(__file__).parents[2]
        self._server = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._answer()

    def start(self, *arguments: str, folder: Path, output: Path) -> int:
        """Starts a command in `folder`, which prints into the file `output`; returns its process id."""
        # Pages are drawn after the end, which takes longer than these trainings.
        undrawn = ["--no-report"] if arguments[0] == "fit" else []
        return int(self._ask(start=[*arguments, *undrawn], folder=str(folder), output=str(output)))

    def wait(self, process: int) -> int:
        """The exit code of a process once it has ended, or minus the signal that ended it."""
        return int(self._ask(wait=process))

    def run(self, *arguments: str, folder: Path, output: Path) -> int:
        """Starts a command and waits for its exit code."""
        return self.wait(self.start(*arguments, folder=folder, output=output))

    def close(self) -> None:
        """Ends the server; what it has started goes on."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def _ask(self, **request: Any) -> Any:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._server.stdout is not None
        return json.loads(self._server.stdout.readline())


def _serve() -> None:
    from dltrain.runtime.environment import prepare_environment
    from dltrain.runtime.settings import RuntimeSpec

    prepare_environment(RuntimeSpec(device="cpu"))
    import keras  # noqa: F401
    import tensorflow as tf  # noqa: F401

    print("null", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        else:
            answer = os.fork()
            if not answer:
                _become(request)
        print(json.dumps(answer), flush=True)


def _become(request: dict[str, Any]) -> None:
    """Runs a command in a fork, and ends the process."""
    from dltrain.cli.app import run

    os.chdir(request["folder"])
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["dltrain", *request["start"]]
    code = 99
    try:
        run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        import traceback

        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve()
