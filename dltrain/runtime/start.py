"""Device, backend, precision, threads and seed: everything that is fixed before Keras is imported."""

import importlib
import importlib.util
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from dltrain.errors import MissingRequirementError, UsageError
from dltrain.runtime.devices import JAX_THREADS, START, is_deterministic, processors, threads_in_use, uses_onednn
from dltrain.runtime.facts import environment, instructions, processor, sources, versions
from dltrain.runtime.settings import Backend, RuntimeSpec


@dataclass(frozen=True)
class Runtime:
    """What was started.

    Attributes:
        device: ``cpu`` or ``gpu``.
        device_name: the processor or GPU, as the driver names it.
        reason: why this device.
        threads: processor threads in use.
        deterministic: only operations that give the same bits each time.
        onednn: whether TensorFlow computes with oneDNN.
        processor: its name.
        instructions: of the processor, those that kernels are chosen by.
        environment: variables that are set and change what is computed.
        sources: a digest of dltrain's own code.
        steps_per_execution: weight updates per call of the compiled function.
        versions: of Python and the packages that decide the result.
        messages: what the backend wrote to stderr while it started, for the log.
    """

    backend: str
    device: str
    device_name: str
    reason: str
    precision: str
    threads: int
    deterministic: bool
    onednn: bool
    processor: str
    instructions: list[str]
    environment: Mapping[str, str]
    sources: str
    steps_per_execution: int
    versions: Mapping[str, str]
    messages: str

    def plain(self) -> dict[str, Any]:
        """For a manifest."""
        return {name: value for name, value in asdict(self).items() if name != "messages"}


def start(spec: RuntimeSpec, *, seed: int) -> Runtime:
    """Sets up the backend, imports Keras, and seeds every generator.

    Raises:
        MissingRequirementError: the backend is not installed, or `device: gpu` finds none.
        UsageError: this process already runs another backend.
    """
    prepare_environment(spec)
    with _stderr_kept() as kept:
        device, name, reason = _start(spec, spec.threads or processors())
        _seed(spec.backend, seed)
    return Runtime(
        backend=spec.backend,
        device=device,
        device_name=name,
        reason=reason,
        precision=spec.precision,
        threads=threads_in_use(spec),
        deterministic=is_deterministic(spec, device),
        onednn=uses_onednn(spec),
        processor=processor(),
        instructions=instructions(),
        environment=environment(),
        sources=sources(),
        steps_per_execution=spec.steps_per_call,
        versions=versions(spec.backend),
        messages="".join(kept),
    )


def _start(spec: RuntimeSpec, threads: int) -> tuple[str, str, str]:
    """Imports Keras and its backend; returns the device, its name, and why it was chosen."""
    import keras

    if keras.config.backend() != spec.backend:
        raise UsageError(
            f"this process already runs Keras on {keras.config.backend()}; run a config with "
            f"`runtime.backend: {spec.backend}` in a process of its own"
        )
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(spec.precision)
    device, name, reason = START[spec.backend](spec, threads)
    keras.ops.zeros(1)
    return device, name, reason


def _seed(backend: Backend, seed: int) -> None:
    """Seeds every global generator (`keras.utils.set_random_seed` would import TensorFlow on any backend)."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
    if backend == "tensorflow":
        import tensorflow as tf

        tf.random.set_seed(seed)
    elif backend == "torch":
        import torch

        torch.manual_seed(seed)


@contextmanager
def _stderr_kept() -> Iterator[list[str]]:
    """Keeps what C++ code writes to stderr from the screen; the list holds it in the end.

    Only while a backend starts: what it writes later, such as why it aborts, must be seen.
    """
    kept: list[str] = []
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        screen = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield kept
        finally:
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
            file.seek(0)
            kept.append(file.read().decode("utf-8", "replace"))


def prepare_environment(spec: RuntimeSpec) -> None:
    """What the backends read only once, when they are imported."""
    if importlib.util.find_spec(spec.backend) is None:
        raise MissingRequirementError(
            f"runtime.backend: {spec.backend} is not installed; run `pip install '{_requirement(spec.backend)}'`"
        )
    os.environ["KERAS_BACKEND"] = spec.backend
    _set_kernels(spec)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if spec.backend == "jax" and spec.device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"


def _set_kernels(spec: RuntimeSpec) -> None:
    """Which kernels a backend will compute with, and JAX's threads; without effect on one that has started."""
    if spec.backend in sys.modules:
        return
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(spec.onednn))
    os.environ[JAX_THREADS] = str(spec.threads or processors())
    if spec.deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        if "xla_gpu_deterministic_ops" not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def _requirement(backend: str) -> str:
    return backend if backend == "tensorflow" else f"dltrain[{backend}]"
