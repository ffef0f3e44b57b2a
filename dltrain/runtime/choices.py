"""What `runtime: auto` chooses, and why (docs/performance.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.runtime.settings import RuntimeSpec

if TYPE_CHECKING:
    from dltrain.runtime.start import Runtime


def xla(spec: RuntimeSpec, device: str | None) -> tuple[bool | None, str]:
    """Whether XLA compiles the steps where `jit_compile` is not written, and why.

    Args:
        spec: the section.
        device: ``cpu`` or ``gpu``; None where it is not known yet, and then neither may be the answer.
    """
    if spec.backend == "jax":
        return True, "JAX compiles every step"
    if spec.backend == "torch":
        return False, "torch.compile only where it is asked for"
    if spec.deterministic:
        return False, "TensorFlow takes none where it is deterministic"
    if device is None:
        return None, "on a GPU; on a processor it slows convolutions"
    return (True, "on a GPU") if device == "gpu" else (False, "it slows convolutions on a processor")


def in_words(spec: RuntimeSpec, started: Runtime, *, steps: int, compiled: bool) -> str:
    """What a run computes with, and of what it chose by itself, why.

    Args:
        spec: the section.
        started: what came of it.
        steps: in one call of the training function.
        compiled: whether XLA compiles them.
    """
    threads, shared = started.threads, started.intra_op_threads
    expected, why = xla(spec, started.device)
    why_compiled = f" ({why})" if spec.jit_compile is None and compiled == expected else ""
    why_steps = "" if spec.steps_per_execution else " (for this model)"
    kernels = spec.backend == "tensorflow" and started.device == "cpu" and not started.onednn
    why_kernels = "" if spec.onednn is False else " (for this model)"
    why_shared = "" if spec.intra_op_threads else " (for this model)"
    parts = [
        f"{spec.backend}, {threads} thread{'s' * (threads != 1)}{'' if spec.threads else ' (all)'}",
        *([f"{shared} an operation{why_shared}"] if shared != threads else []),
        spec.precision,
        *([f"no oneDNN{why_kernels}"] if kernels else []),
        f"{steps} step{'s' * (steps != 1)} a call{why_steps}",
        f"{'XLA' if compiled else 'no XLA'}{why_compiled}",
    ]
    return ", ".join(parts)
