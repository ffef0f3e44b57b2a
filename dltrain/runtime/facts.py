"""What a result's last bits may depend on, as a manifest records it."""

import importlib
import os
import platform
import re
import sys
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

_PACKAGES = ("dltrain", "pyarrow", "pillow", "scikit-learn")
"""Besides Keras, NumPy and the backend: these read the data and compute the final scores."""

_KERNELS = re.compile(r"(?:fma|f16c|avx|amx|asimd|sve|i8mm|bf16)\w*")
"""Instructions by which libraries choose between kernels that round differently."""

_VARIABLES = (
    "XLA_FLAGS", "TF_XLA_FLAGS", "NVIDIA_TF32_OVERRIDE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_CBWR"
)  # fmt: skip


def versions(backend: str) -> dict[str, str]:
    """Of Python and the packages that decide the result."""
    imported = {name: str(importlib.import_module(name).__version__) for name in ("keras", "numpy", backend)}
    if backend == "jax":
        imported["jaxlib"] = metadata.version("jaxlib")
    found = {name: metadata.version(name) for name in _PACKAGES}
    return {"python": ".".join(map(str, sys.version_info[:3])), **imported, **found}


@cache
def sources() -> str:
    """A digest of dltrain's own code, which changes between versions where it is installed from a checkout."""
    digest, root = sha256(), Path(__file__).parent.parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def environment() -> dict[str, str]:
    """The variables that are set and change what backends compute."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def processor() -> str:
    """The processor's name."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def instructions() -> list[str]:
    """The processor's vector instructions; none where the system does not tell."""
    return sorted({flag for flag in _cpuinfo("flags", "Features").split() if _KERNELS.fullmatch(flag)})


def _cpuinfo(*keys: str) -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            pairs = (line.partition(":") for line in file)
            return next((value.strip() for key, _, value in pairs if key.strip() in keys), "")
    except OSError:
        return ""
