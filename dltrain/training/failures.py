"""What a backend says when a step fails, in words that name the setting to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dltrain.assemble import Assembly
from dltrain.errors import RunError
from dltrain.footprint import footprint, in_words
from dltrain.memory import all_memory
from dltrain.runtime.devices import needs_memory_found
from dltrain.training.stepper import Batches

_MEMORY = (
    "RESOURCE_EXHAUSTED",
    "ResourceExhausted",
    "OOM when allocating",
    "out of memory",
    "OutOfMemory",
    "bad_alloc",
)
"""What the backends write when an allocation fails."""

_DETERMINISM = ("determinism is enabled", "deterministic XLA implementation", "does not have a deterministic")
"""What TensorFlow and PyTorch write when an operation would not give the same bits each time."""


@contextmanager
def explaining(assembly: Assembly, batches: Batches) -> Iterator[None]:
    """Turns an error of a backend that a setting can cure into one that names the setting.

    Args:
        assembly: whose model is trained.
        batches: on which.

    Raises:
        RunError: there was not enough memory, or no operation that gives the same bits each time.
    """
    if _finds_no_memory(assembly, batches):
        raise _out_of_memory(assembly)
    try:
        yield
    except RunError:
        raise
    except Exception as error:
        text = f"{type(error)} {error}"
        if isinstance(error, MemoryError) or any(mark in text for mark in _MEMORY):
            raise _out_of_memory(assembly) from None
        if any(mark in text for mark in _DETERMINISM):
            first = str(error).strip().split("\n")[0][:300]
            remedy = "write runtime.deterministic: false"
            raise RunError(f"this device cannot give the same bits each time ({first}); {remedy}") from None
        raise


def _finds_no_memory(assembly: Assembly, batches: Batches) -> bool:
    """Whether a step needs more than there is, where the backend could not say so."""
    experiment = assembly.experiment
    if not needs_memory_found(experiment.runtime) or batches.lengths is not None:
        return False
    rows = min(batches.batch_size, len(batches.inputs))
    trainer = experiment.trainer.model_copy(update={"batch_size": rows})
    found = footprint(experiment.completed(trainer=trainer), assembly.plan)
    return found is not None and found.total > all_memory()


def _out_of_memory(assembly: Assembly) -> RunError:
    batch_size = assembly.experiment.trainer.batch_size
    found = footprint(assembly.experiment, assembly.plan)
    needed = f": weights, optimizer and activations take at least {in_words(found.total)}" if found else ""
    remedy = f"try trainer.batch_size: {batch_size // 2}" if batch_size > 1 else "make the model smaller"
    return RunError(f"out of memory with a batch size of {batch_size}{needed}; {remedy}")
