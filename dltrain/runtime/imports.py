"""The import of Keras and its backend: what it prints is kept, what nobody needs yet is left for later."""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from io import TextIOWrapper
from types import ModuleType

from dltrain.runtime.settings import Backend

_UNUSED = {"tensorflow": ("jax",)}
"""What a backend imports where it can, for uses that are not dltrain's: TensorFlow's converter takes JAX functions."""

_LATER = ("matplotlib", "matplotlib.pyplot", "matplotlib.patches")
"""What Keras imports to draw pictures with, a seventh of its own import; it comes as soon as something is drawn."""


_said: dict[Backend, str] = {}


def import_backend(backend: Backend, apart: Callable[[], None] = lambda: None) -> str:
    """Imports Keras and its backend, in an environment that is prepared.

    Args:
        backend: which.
        apart: is called when other threads may write to stderr again.

    Returns:
        What they wrote to stderr, for the log.
    """
    if backend not in _said:
        with stderr_kept() as kept, _left_for_later(backend):
            apart()
            importlib.import_module("keras")
            importlib.import_module(backend)
        _said[backend] = "".join(kept)
    return _said[backend]


@contextmanager
def stderr_kept() -> Iterator[list[str]]:
    """Keeps what C++ code writes to stderr from the screen; the list holds it in the end.

    Only while a backend starts: what it writes later, such as why it aborts, must be seen. What Python writes
    meanwhile, in another thread, is shown.
    """
    kept: list[str] = []
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        screen = os.dup(2)
        python = sys.stderr
        os.dup2(file.fileno(), 2)
        if python is sys.__stderr__:
            sys.stderr = _onto(os.dup(screen))
        try:
            yield kept
        finally:
            # A caller in another thread may have put a stream there and closed it since.
            with suppress(ValueError):
                sys.stderr.flush()
            sys.stderr = python
            os.dup2(screen, 2)
            os.close(screen)
            file.seek(0)
            kept.append(file.read().decode("utf-8", "replace"))


def _onto(screen: int) -> TextIOWrapper:
    """Closed by nobody: another thread may be writing to it when the import is done."""
    return TextIOWrapper(os.fdopen(screen, "wb"), sys.stderr.encoding, "backslashreplace", line_buffering=True)


@contextmanager
def _left_for_later(backend: Backend) -> Iterator[None]:
    """In here some modules seem to be absent, and stand-ins of others import them when they are used."""
    absent = [name for name in _UNUSED.get(backend, ()) if name not in sys.modules]
    later = {} if "matplotlib" in sys.modules or not find_spec("matplotlib") else _stand_ins()
    sys.modules.update(later)
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in (*absent, *later):
            sys.modules.pop(name, None)


def _stand_ins() -> dict[str, ModuleType]:
    made = {name: ModuleType(name) for name in _LATER}
    for name, module in made.items():
        module.__getattr__ = partial(_of_the_real, name)  # type: ignore[method-assign]
        package, _, rest = name.partition(".")
        if rest:
            setattr(made[package], rest, module)
    return made


def _of_the_real(name: str, attribute: str) -> object:
    if attribute.startswith("__"):
        # The import system asks for these.
        raise AttributeError(attribute)
    return getattr(importlib.import_module(name), attribute)
