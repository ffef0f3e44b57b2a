"""Train Keras models from a config file.

The command line's functions, for notebooks and tests; nothing heavy is imported before one is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dltrain.api import Run, compare, evaluate, explain, fit, open_run, predict, reproduce, resume

__all__ = ["Run", "compare", "evaluate", "explain", "fit", "open_run", "predict", "reproduce", "resume"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from dltrain import api

        return getattr(api, name)
    raise AttributeError(f"module 'dltrain' has no attribute '{name}'")
