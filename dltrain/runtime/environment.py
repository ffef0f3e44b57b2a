"""What backends read only once, when they are imported: it holds for the whole process from then on."""

import importlib.util
import os
import sys
from typing import Any

from dltrain.errors import MissingRequirementError
from dltrain.runtime.devices import JAX_THREADS, processors
from dltrain.runtime.settings import RuntimeSpec


def prepare_environment(spec: RuntimeSpec, *, onednn: bool = True) -> None:
    """Sets the variables of the backend; `onednn` where the section does not say it.

    Raises:
        MissingRequirementError: the backend is not installed.
    """
    if importlib.util.find_spec(spec.backend) is None:
        raise MissingRequirementError(
            f"runtime.backend: {spec.backend} is not installed; run `pip install '{_requirement(spec.backend)}'`"
        )
    os.environ["KERAS_BACKEND"] = spec.backend
    _set_kernels(spec, onednn if spec.onednn is None else spec.onednn)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if spec.backend == "jax" and spec.device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"


def of_the_process(spec: RuntimeSpec) -> dict[str, Any]:
    """The settings that hold for a whole process from the import of a backend on, by name, but for its kernels."""
    names = ["backend", "deterministic", *(("threads", "device") if spec.backend == "jax" else ())]
    return {name: getattr(spec, name) for name in names}


def _set_kernels(spec: RuntimeSpec, onednn: bool) -> None:
    """Which kernels a backend will compute with, and JAX's threads; without effect on one that has started."""
    if spec.backend in sys.modules:
        return
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(onednn))
    os.environ[JAX_THREADS] = str(spec.threads or processors())
    if spec.deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        if "xla_gpu_deterministic_ops" not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def _requirement(backend: str) -> str:
    return backend if backend == "tensorflow" else f"dltrain[{backend}]"
