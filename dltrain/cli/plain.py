"""`dltrain validate` without Typer where its arguments are plain: Typer makes a schema of each option.

Whatever is not understood here is left to Typer, and to its words.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

_FLAGS = ("--data", "--show", "--json")


def validate(arguments: Sequence[str]) -> None:
    """Checks configs and exits; returns where Typer has to read the arguments."""
    configs, settings, flags = [], [], set()
    rest = iter(arguments)
    for argument in rest:
        if argument in _FLAGS:
            flags.add(argument)
        elif argument == "--set":
            settings.append(next(rest, "--"))
        elif argument.startswith("-"):
            return
        else:
            configs.append(Path(argument))
    if configs and not any(setting.startswith("-") for setting in settings):
        _run(configs, settings, flags)


def _run(configs: Sequence[Path], settings: Sequence[str], flags: set[str]) -> None:
    from dltrain.cli.console import fail
    from dltrain.cli.validate import Validation, validate_all
    from dltrain.errors import DltrainError

    if "--data" in flags:
        gc.enable()
    try:
        validate_all(configs, settings, Validation("--data" in flags, "--show" in flags, "--json" in flags))
    except DltrainError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(fail("interrupted", code=130))
    sys.exit(0)
