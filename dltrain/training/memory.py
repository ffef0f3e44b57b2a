"""Out of memory: what a step needs, and which batch size to try next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

from dltrain.assemble import Assembly
from dltrain.errors import RunError

_MARKS = ("RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM when allocating", "out of memory", "OutOfMemory", "bad_alloc")
"""What the backends write when an allocation fails."""

_BYTES = 4
"""Of a number in float32."""


@contextmanager
def explaining_memory(assembly: Assembly) -> Iterator[None]:
    """Turns a backend's or Python's out-of-memory error into one that says what to change.

    Raises:
        RunError: there was not enough memory.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, MemoryError) and not any(mark in f"{type(error)} {error}" for mark in _MARKS):
            raise
        batch_size = assembly.experiment.trainer.batch_size
        needed = f"weights, optimizer and activations take at least {_size(needed_bytes(assembly, batch_size))}"
        remedy = f"try trainer.batch_size: {batch_size // 2}" if batch_size > 1 else "make the model smaller"
        raise RunError(f"out of memory with a batch size of {batch_size}: {needed}; {remedy}") from None


def needed_bytes(assembly: Assembly, batch_size: int) -> int:
    """Weights, their gradients and optimizer slots, and each layer's outputs for a batch and their gradients.

    A lower bound: what a backend needs besides, such as for convolutions, depends on its kernels.
    """
    slots = sum(int(prod(variable.shape)) for variable in assembly.model.optimizer.variables)
    outputs = sum(prod(axis or 1 for axis in layer.output_shape) for layer in assembly.plan)
    return _BYTES * (2 * assembly.parameters + slots + 2 * batch_size * outputs)


def _size(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.1f} kB"
