"""The device of each backend, how many threads it uses, and that it computes the same bits each time."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from dltrain.errors import MissingRequirementError, UsageError
from dltrain.runtime.facts import processor
from dltrain.runtime.settings import RuntimeSpec

JAX_THREADS = "PJRT_NPROC"
"""The variable that JAX reads, once, for the size of its thread pools."""


def _start_tensorflow(spec: RuntimeSpec, threads: int, intra_op_threads: int) -> tuple[str, str, str]:
    import tensorflow as tf

    # Its warnings, such as one of retracing when a process fits several models, are not for our users.
    tf.get_logger().setLevel("ERROR")
    gpus = tf.config.list_physical_devices("GPU")
    on_gpu = bool(gpus) and spec.device != "cpu"
    # What is derived from the model is for models that compute on the processor.
    _set_threads(spec, threads, threads if on_gpu and spec.intra_op_threads is None else intra_op_threads)
    if _wants_determinism(spec, "gpu" if on_gpu else "cpu"):
        tf.config.experimental.enable_op_determinism()
    if gpus and spec.device == "cpu":
        _settle(lambda: tf.config.set_visible_devices([], "GPU"), "runtime.device")
    if not on_gpu:
        reason = "the wheel is built without CUDA" if not tf.test.is_built_with_cuda() else "TensorFlow sees no GPU"
        return _no_gpu(spec, reason)
    _settle(lambda: tf.config.set_visible_devices(gpus[0], "GPU"), "runtime.device")
    tf.config.experimental.set_memory_growth(gpus[0], True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", gpus[0].name)
    return "gpu", str(name), _which(len(gpus))


def _set_threads(spec: RuntimeSpec, threads: int, intra_op_threads: int) -> None:
    """A process in which TensorFlow has started, such as a notebook, keeps its threads unless the config says more."""
    from tensorflow.config import threading

    def change() -> None:
        threading.set_intra_op_parallelism_threads(intra_op_threads)
        threading.set_inter_op_parallelism_threads(threads)

    if spec.threads and spec.threads != threads_in_use(spec):
        _settle(change, "runtime.threads")
    elif spec.intra_op_threads and spec.intra_op_threads != intra_op_threads_in_use(spec):
        _settle(change, "runtime.intra_op_threads")
    else:
        with suppress(RuntimeError):
            change()
    if spec.onednn not in (None, uses_onednn(spec)):
        _refuse_change("runtime.onednn")


def threads_in_use(spec: RuntimeSpec) -> int:
    """The processor threads that a started backend uses."""
    if spec.backend == "jax":
        return int(os.environ.get(JAX_THREADS) or processors())
    if spec.backend == "torch":
        return spec.threads or processors()
    from tensorflow.config import threading

    return int(threading.get_inter_op_parallelism_threads()) or processors()


def intra_op_threads_in_use(spec: RuntimeSpec) -> int:
    """The processor threads of a started backend that share one operation."""
    if spec.backend != "tensorflow":
        return threads_in_use(spec)
    from tensorflow.config import threading

    return int(threading.get_intra_op_parallelism_threads()) or processors()


def uses_onednn(spec: RuntimeSpec) -> bool:
    """Whether a started TensorFlow computes with oneDNN."""
    if spec.backend != "tensorflow":
        return False
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def needs_memory_found(spec: RuntimeSpec) -> bool:
    """Whether a started backend ends the process where it finds no memory: oneDNN's kernels raise nothing."""
    return uses_onednn(spec) and tensorflow_on_processor(spec)


def tensorflow_on_processor(spec: RuntimeSpec) -> bool:
    """Whether a started backend is TensorFlow, and computes on the processor."""
    if spec.backend != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.get_visible_devices("GPU")


def _wants_determinism(spec: RuntimeSpec, device: str) -> bool:
    """On a GPU only if asked for: TensorFlow's XLA has no such gradient of max pooling there.

    Keras leaves XLA off where TensorFlow is told to be deterministic, so asking for XLA asks for that too.
    """
    if spec.deterministic is not None:
        return spec.deterministic
    return device == "cpu" and not (spec.backend == "tensorflow" and spec.jit_compile)


def is_deterministic(spec: RuntimeSpec, device: str) -> bool:
    """Whether a started backend takes only operations that give the same bits each time."""
    if spec.backend != "tensorflow":
        return _wants_determinism(spec, device)
    from tensorflow.python.framework import config

    # Nothing in TensorFlow's public interface takes it back, so an earlier run of the process may have decided.
    return bool(config.is_op_determinism_enabled())


def _start_jax(spec: RuntimeSpec, _threads: int, _intra_op_threads: int) -> tuple[str, str, str]:
    import jax

    if spec.threads and spec.threads != threads_in_use(spec):
        _refuse_change("runtime.threads", "JAX")
    gpus = [device for device in jax.devices() if device.platform in ("gpu", "cuda", "rocm")]
    if not gpus or spec.device == "cpu":
        return _no_gpu(spec, "JAX sees no GPU")
    return "gpu", str(gpus[0].device_kind), _which(len(gpus))


def _start_torch(spec: RuntimeSpec, threads: int, _intra_op_threads: int) -> tuple[str, str, str]:
    import torch

    torch.set_num_threads(threads)
    gpu = spec.device != "cpu" and torch.cuda.is_available()
    torch.use_deterministic_algorithms(_wants_determinism(spec, "gpu" if gpu else "cpu"))
    # Else every new tensor is filled, in case something reads it before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False
    if spec.device == "cpu" or not torch.cuda.is_available():
        return _no_gpu(spec, "PyTorch sees no GPU")
    return "gpu", torch.cuda.get_device_name(0), _which(torch.cuda.device_count())


START: dict[str, Callable[[RuntimeSpec, int, int], tuple[str, str, str]]] = {
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
    return "cpu", processor(), "asked for" if spec.device == "cpu" else reason


def _which(count: int) -> str:
    return "the only one" if count == 1 else f"the first of {count}"


def _settle(change: Callable[[], None], setting: str) -> None:
    """Applies a setting that TensorFlow takes only before its first operation."""
    try:
        change()
    except RuntimeError:
        _refuse_change(setting)


def _refuse_change(setting: str, backend: str = "TensorFlow") -> NoReturn:
    raise UsageError(
        f"{setting} cannot change after {backend} has started; run configs with different values "
        "in processes of their own"
    ) from None


def processors() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
