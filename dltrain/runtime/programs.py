"""Modules of dltrain that run as programs of their own, which are asked on stdin and answer on stdout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

_ROOT = str(Path(__file__).parent.parent.parent)


def begin_program(module: str, noise: IO[bytes] | int) -> subprocess.Popen[str]:
    """Starts a module, whose stdin ends when we do, in a session of its own, so that Ctrl-C ends us alone.

    Args:
        module: by its whole name.
        noise: takes what it says on stderr.

    Raises:
        OSError: the system starts no more processes.
    """
    paths = [os.environ.get("PYTHONPATH"), _ROOT]
    return subprocess.Popen(
        # Without -P, a file beside the config could be taken for a module of the same name.
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=noise,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        text=True,
        start_new_session=True,
    )
