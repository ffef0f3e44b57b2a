"""The command line: parse, call one function, print. The only place that prints or exits."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from types import ModuleType

_PLUGINS = "pydantic.plugin._loader"


def _without_plugins() -> None:
    """Looking for plugins of pydantic reads the metadata of every package, and its imports alone take 20 ms."""
    if os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__":
        loader = ModuleType(_PLUGINS)
        loader.get_plugins = tuple  # type: ignore[attr-defined]
        loader.__getattr__ = _from_pydantic  # type: ignore[method-assign]
        sys.modules[_PLUGINS] = loader


def _from_pydantic(name: str) -> object:
    """What a later pydantic may take from its own module, which is imported then."""
    from importlib import import_module

    if name.startswith("__"):
        raise AttributeError(name)
    del sys.modules[_PLUGINS]
    return getattr(import_module(_PLUGINS), name)


def main() -> None:
    """The entry point of the command `dltrain`."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Start-up makes a hundred thousand objects and no garbage; looking for it takes 3 % of `validate`.
    gc.disable()
    try:
        if sys.argv[1:2] == ["validate"]:
            _without_plugins()
            from dltrain.cli.plain import validate

            validate(sys.argv[2:])
        from dltrain.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except SystemExit as end:
        _leave(end.code)
        raise


def _leave(code: str | int | None) -> None:
    """Ends the process where Keras is imported: Python would take a second to clear away what it holds, for nothing.

    Elsewhere, and where output cannot be written, it is left to Python.
    """
    if "keras" not in sys.modules or not isinstance(code, int):
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code)
