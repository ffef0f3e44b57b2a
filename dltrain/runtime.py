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
from typing import Annotated, Any, Literal

from pydantic import Field

from dltrain.errors import MissingRequirementError, UsageError
from dltrain.spec.section import Section

Backend = Literal["tensorflow", "jax", "torch"]
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]

_STEPS_PER_EXECUTION = {"tensorflow": 16, "jax": 1, "torch": 1}
"""Steps that one call of the compiled function runs where the config leaves it open."""


class RuntimeSpec(Section):
    """Where and how the arithmetic runs. Nothing here changes what is computed, beyond rounding.

    Attributes:
        device: ``gpu`` fails where there is none; ``auto`` takes a GPU if the backend sees one.
        backend: what Keras runs on; beats ``KERAS_BACKEND`` and keras.json.
        precision: Keras's dtype policy; the mixed ones compute in 16 bits and store in 32.
        threads: processor threads; by default all. Fixed and recorded, since a CNN's last digits
            depend on it.
        steps_per_execution: weight updates per call of the compiled function; more is faster for
            small models. By default 16 on TensorFlow and 1 elsewhere.
    """

    device: Literal["auto", "cpu", "gpu"] = "auto"
    backend: Backend = "tensorflow"
    precision: Precision = "float32"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    steps_per_execution: Annotated[int, Field(ge=1, le=10_000)] | None = None


@dataclass(frozen=True)
class Runtime:
    """What was started.

    Attributes:
        device: ``cpu`` or ``gpu``.
        device_name: the processor or GPU, as the driver names it.
        reason: why this device.
        threads: processor threads in use.
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
    _set_environment(spec)
    with _stderr_kept() as kept:
        threads = spec.threads or _processors()
        device, name, reason = _start(spec, threads)
        _seed(spec.backend, seed)
    return Runtime(
        backend=spec.backend,
        device=device,
        device_name=name,
        reason=reason,
        precision=spec.precision,
        threads=threads,
        steps_per_execution=spec.steps_per_execution or _STEPS_PER_EXECUTION[spec.backend],
        versions=_versions(spec.backend),
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
    device, name, reason = _DEVICES[spec.backend](spec, threads)
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


def _processors() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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


def _set_environment(spec: RuntimeSpec) -> None:
    """What the backends read only once, when they are imported."""
    if importlib.util.find_spec(spec.backend) is None:
        raise MissingRequirementError(
            f"runtime.backend: {spec.backend} is not installed; run `pip install '{_requirement(spec.backend)}'`"
        )
    os.environ["KERAS_BACKEND"] = spec.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if spec.backend == "jax" and spec.device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"


def _requirement(backend: str) -> str:
    return backend if backend == "tensorflow" else f"dltrain[{backend}]"


def _start_tensorflow(spec: RuntimeSpec, threads: int) -> tuple[str, str, str]:
    import tensorflow as tf

    # Its warnings, such as one of retracing when a process fits several models, are not for our users.
    tf.get_logger().setLevel("ERROR")
    gpus = tf.config.list_physical_devices("GPU")
    _settle(lambda: tf.config.threading.set_intra_op_parallelism_threads(threads), "runtime.threads")
    if gpus and spec.device == "cpu":
        _settle(lambda: tf.config.set_visible_devices([], "GPU"), "runtime.device")
    if not gpus or spec.device == "cpu":
        reason = "the wheel is built without CUDA" if not tf.test.is_built_with_cuda() else "TensorFlow sees no GPU"
        return _no_gpu(spec, reason)
    _settle(lambda: tf.config.set_visible_devices(gpus[0], "GPU"), "runtime.device")
    tf.config.experimental.set_memory_growth(gpus[0], True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", gpus[0].name)
    return "gpu", str(name), _which(len(gpus))


def _start_jax(spec: RuntimeSpec, _threads: int) -> tuple[str, str, str]:
    import jax

    gpus = [device for device in jax.devices() if device.platform in ("gpu", "cuda", "rocm")]
    if not gpus or spec.device == "cpu":
        return _no_gpu(spec, "JAX sees no GPU")
    return "gpu", str(gpus[0].device_kind), _which(len(gpus))


def _start_torch(spec: RuntimeSpec, threads: int) -> tuple[str, str, str]:
    import torch

    torch.set_num_threads(threads)
    if spec.device == "cpu" or not torch.cuda.is_available():
        return _no_gpu(spec, "PyTorch sees no GPU")
    return "gpu", torch.cuda.get_device_name(0), _which(torch.cuda.device_count())


_DEVICES = {"tensorflow": _start_tensorflow, "jax": _start_jax, "torch": _start_torch}


def _no_gpu(spec: RuntimeSpec, reason: str) -> tuple[str, str, str]:
    if spec.device == "gpu":
        remedy = "install the driver and `pip install 'dltrain[gpu]'`, or write device: auto"
        raise MissingRequirementError(f"runtime.device: gpu, but {reason}; {remedy}")
    return "cpu", _processor(), "asked for" if spec.device == "cpu" else reason


def _which(count: int) -> str:
    return "the only one" if count == 1 else f"the first of {count}"


def _settle(change: Any, setting: str) -> None:
    """Applies a setting that TensorFlow takes only before its first operation."""
    try:
        change()
    except RuntimeError:
        raise UsageError(
            f"{setting} cannot change after TensorFlow has started; run configs with different values "
            "in processes of their own"
        ) from None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        import platform

        return platform.processor() or platform.machine()


def _versions(backend: str) -> dict[str, str]:
    names = ["keras", "numpy", backend]
    found = {name: str(importlib.import_module(name).__version__) for name in names}
    return {"python": ".".join(map(str, sys.version_info[:3])), **found}
