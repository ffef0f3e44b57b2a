"""The device of each backend, and how many threads it uses."""

import os
from collections.abc import Callable
from contextlib import suppress

from dltrain.errors import MissingRequirementError, UsageError
from dltrain.runtime.settings import RuntimeSpec


def _start_tensorflow(spec: RuntimeSpec, threads: int) -> tuple[str, str, str]:
    import tensorflow as tf

    # Its warnings, such as one of retracing when a process fits several models, are not for our users.
    tf.get_logger().setLevel("ERROR")
    gpus = tf.config.list_physical_devices("GPU")
    _set_threads(spec, threads)
    if gpus and spec.device == "cpu":
        _settle(lambda: tf.config.set_visible_devices([], "GPU"), "runtime.device")
    if not gpus or spec.device == "cpu":
        reason = "the wheel is built without CUDA" if not tf.test.is_built_with_cuda() else "TensorFlow sees no GPU"
        return _no_gpu(spec, reason)
    _settle(lambda: tf.config.set_visible_devices(gpus[0], "GPU"), "runtime.device")
    tf.config.experimental.set_memory_growth(gpus[0], True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", gpus[0].name)
    return "gpu", str(name), _which(len(gpus))


def _set_threads(spec: RuntimeSpec, threads: int) -> None:
    """A process in which TensorFlow has started, such as a notebook, keeps its threads unless the config says more."""
    from tensorflow.config import threading

    if spec.threads:
        _settle(lambda: threading.set_intra_op_parallelism_threads(threads), "runtime.threads")
    else:
        with suppress(RuntimeError):
            threading.set_intra_op_parallelism_threads(threads)


def threads_in_use(spec: RuntimeSpec) -> int:
    """The processor threads that a started backend uses."""
    if spec.backend != "tensorflow":
        return spec.threads or processors()
    from tensorflow.config import threading

    return int(threading.get_intra_op_parallelism_threads()) or processors()


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


START: dict[str, Callable[[RuntimeSpec, int], tuple[str, str, str]]] = {
    "tensorflow": _start_tensorflow,
    "jax": _start_jax,
    "torch": _start_torch,
}
"""For each backend: sets the threads; returns the device, its name, and why it was chosen.

Raises MissingRequirementError where `device: gpu` finds none.
"""


def _no_gpu(spec: RuntimeSpec, reason: str) -> tuple[str, str, str]:
    if spec.device == "gpu":
        remedy = "install the driver and `pip install 'dltrain[gpu]'`, or write device: auto"
        raise MissingRequirementError(f"runtime.device: gpu, but {reason}; {remedy}")
    return "cpu", _processor(), "asked for" if spec.device == "cpu" else reason


def _which(count: int) -> str:
    return "the only one" if count == 1 else f"the first of {count}"


def _settle(change: Callable[[], None], setting: str) -> None:
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


def processors() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
