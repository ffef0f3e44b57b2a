"""The command line: parse, call one function, print. The only place that prints or exits."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """The entry point of the command `dltrain`."""
    # Looking for pydantic's plugins reads the metadata of every installed package: 30 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Start-up makes a hundred thousand objects and no garbage; looking for it takes 3 % of `validate`.
    gc.disable()
    try:
        if sys.argv[1:2] == ["validate"]:
            from dltrain.cli.plain import validate

            validate(sys.argv[2:])
        from dltrain.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
