"""How long `dltrain --help` and `dltrain validate` take, beside Python with the same packages imported."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.timing import alternate, machine, ratio, report

DLTRAIN = str(Path(sys.executable).with_name("dltrain"))
COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "python, packages imported": [sys.executable, "-c", "import typer, rich, yaml, pydantic"],
    "dltrain --help": [DLTRAIN, "--help"],
    "dltrain validate": [DLTRAIN, "validate", "configs/digits-mlp.yaml"],
    "dltrain validate, cnn": [DLTRAIN, "validate", "configs/mnist-cnn.yaml"],
}


def main() -> None:
    """Prints the table."""
    machine()
    times = alternate(COMMANDS, rounds=11)
    report(times)
    for name in ("dltrain --help", "dltrain validate", "dltrain validate, cnn"):
        ratio(times, name, "python, packages imported")


if __name__ == "__main__":
    main()
