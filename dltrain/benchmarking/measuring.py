"""One measurement: the input path, the compiled model and the stepper of `fit`, run for a few seconds."""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from dltrain.benchmarking.trial import Measurement
from dltrain.load import load
from dltrain.training.failures import explaining
from dltrain.training.observer import Observer
from dltrain.training.stepper import Stepper, stepper_class
from dltrain.workflow import Ready, get_ready

_SLICES = 5
"""The measured time is cut into so many, of which the median counts."""


def measure(config: Path, settings: Iterable[str], *, seconds: float, began: float) -> Measurement:
    """Trains for a while, and keeps nothing.

    Args:
        config: the file.
        settings: as after ``--set``.
        seconds: of training to measure, besides warming up.
        began: what `time.monotonic` said when the process was started.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    experiment, document = load(config, settings)
    # Folds differ in a few rows, so one tells the speed of all.
    experiment = experiment.completed(splits=(experiment.splits.repeats or [experiment.splits])[0])
    ready = get_ready(experiment, document, Path(), Observer())
    assembly = ready.materials.assembly
    with explaining(assembly, ready.training):
        stepper = stepper_class(ready.started.backend)(assembly.model, ready.training, None)
        steps = _steps(stepper, experiment.seed)
        next(steps)
        _wait(stepper)
        first = time.monotonic() - began
        _warm_up(steps, seconds)
        rates = tuple(_slice(stepper, steps, seconds / _SLICES) for _ in range(_SLICES))
    return _measurement(ready, rates, first)


def _steps(stepper: Stepper, seed: int) -> Iterator[tuple[int, bool]]:
    """Trains on and on; after each call, the rows that it took, and whether an epoch has ended with it."""
    batches = stepper.training
    rows = len(batches.inputs)
    for epoch in count():
        stepper.model.reset_metrics()
        before = 0
        for done, _ in stepper.train_epoch(batches.order(seed, epoch)):
            reached = min(done * batches.batch_size, rows)
            yield reached - before, done == len(batches)
            before = reached


def _warm_up(steps: Iterator[tuple[int, bool]], seconds: float) -> None:
    """To the end of an epoch, whose last batch may be short and compiled apart, but not for long."""
    began = time.perf_counter()
    for _, ended in steps:
        gone = time.perf_counter() - began
        if gone >= seconds or (ended and gone >= seconds / 3):
            return


def _slice(stepper: Stepper, steps: Iterator[tuple[int, bool]], seconds: float) -> float:
    """Rows per second over so many seconds."""
    _wait(stepper)
    began, rows = time.perf_counter(), 0
    for taken, _ in steps:
        rows += taken
        if time.perf_counter() - began >= seconds:
            break
    _wait(stepper)
    return rows / (time.perf_counter() - began)


def _wait(stepper: Stepper) -> None:
    """Until the device has done what it was given; backends go on before it has."""
    import keras

    stepper.update_model()
    keras.ops.convert_to_numpy(stepper.model.optimizer.iterations.value)
    keras.ops.convert_to_numpy(stepper.model.trainable_variables[-1].value)


def _measurement(ready: Ready, rates: tuple[float, ...], first: float) -> Measurement:
    started, model = ready.started, ready.materials.assembly.model
    return Measurement(
        rates=rates,
        first_step_seconds=first,
        memory=_peak_memory(),
        gpu_memory=_gpu_memory(started.backend) if started.device == "gpu" else None,
        backend=started.backend,
        device=started.device,
        threads=started.threads,
        intra_op_threads=started.intra_op_threads,
        steps_per_execution=int(model.steps_per_execution),
        jit_compile=bool(model.jit_compile),
        onednn=started.onednn,
        steps=len(ready.training),
        samples=len(ready.training.inputs) * ready.materials.assembly.experiment.trainer.epochs,
    )


def _peak_memory() -> int:
    """The most bytes that this process had in memory at once.

    What `getrusage` tells may be of the process that started this one.
    """
    try:
        found = re.search(r"VmHWM:\s*([0-9]+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _gpu_memory(backend: str) -> int | None:
    told: Any
    if backend == "tensorflow":
        import tensorflow as tf

        told = tf.config.experimental.get_memory_info("GPU:0").get("peak")
    elif backend == "jax":
        import jax

        told = (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    else:
        import torch

        told = torch.cuda.max_memory_allocated()
    return None if told is None else int(told)
