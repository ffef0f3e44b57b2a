"""Device, backend, precision, threads and seed: everything that is fixed before Keras is imported."""

import importlib
import random
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from dltrain.errors import UsageError
from dltrain.runtime.devices import (
    START,
    intra_op_threads_in_use,
    is_deterministic,
    processors,
    threads_in_use,
    uses_onednn,
)
from dltrain.runtime.environment import prepare_environment
from dltrain.runtime.facts import environment, instructions, processor, sources, versions
from dltrain.runtime.imports import import_backend, stderr_kept
from dltrain.runtime.settings import Backend, RuntimeSpec


@dataclass(frozen=True)
class Runtime:
    """What was started.

    Attributes:
        device: ``cpu`` or ``gpu``.
        device_name: the processor or GPU, as the driver names it.
        reason: why this device.
        threads: processor threads in use.
        intra_op_threads: of these, how many share one operation.
        deterministic: only operations that give the same bits each time.
        onednn: whether TensorFlow computes with oneDNN.
        processor: its name.
        instructions: of the processor, those that kernels are chosen by.
        environment: variables that are set and change what is computed.
        sources: a digest of dltrain's own code.
        versions: of Python and the packages that decide the result.
        messages: what the backend wrote to stderr while it started, for the log.
    """

    backend: str
    device: str
    device_name: str
    reason: str
    precision: str
    threads: int
    intra_op_threads: int
    deterministic: bool
    onednn: bool
    processor: str
    instructions: list[str]
    environment: Mapping[str, str]
    sources: str
    versions: Mapping[str, str]
    messages: str

    def plain(self) -> dict[str, Any]:
        """For a manifest."""
        return {name: value for name, value in asdict(self).items() if name != "messages"}


def start(spec: RuntimeSpec, *, seed: int, intra_op_threads: int | None = None, onednn: bool = True) -> Runtime:
    """Sets up the backend, imports Keras, and seeds every generator.

    Args:
        spec: what is to be started.
        seed: of every generator.
        intra_op_threads: where the section does not say it; by default all threads.
        onednn: where the section does not say it; without effect where the backend runs already.

    Raises:
        MissingRequirementError: the backend is not installed, or `device: gpu` finds none.
        UsageError: this process already runs another backend.
    """
    prepare_environment(spec, onednn=onednn)
    imported = import_backend(spec.backend)
    with stderr_kept() as kept:
        device, name, reason = _start(spec, intra_op_threads)
        _seed(spec.backend, seed)
    return Runtime(
        backend=spec.backend,
        device=device,
        device_name=name,
        reason=reason,
        precision=spec.precision,
        threads=threads_in_use(spec),
        intra_op_threads=intra_op_threads_in_use(spec),
        deterministic=is_deterministic(spec, device),
        onednn=uses_onednn(spec),
        processor=processor(),
        instructions=instructions(),
        environment=environment(),
        sources=sources(),
        versions=versions(spec.backend),
        messages=imported + "".join(kept),
    )


class Starting:
    """A backend that is imported in a thread while the caller reads data; calling it does what `start` does.

    Where a GPU is asked for that may not be there, it starts at once.
    """

    def __init__(self, spec: RuntimeSpec, *, seed: int, beside: Iterable[str] = (), onednn: bool = True) -> None:
        """Begins.

        Args:
            spec: what is to be started.
            seed: of every generator.
            beside: modules that the caller may need meanwhile and that Keras imports too. They are imported first,
                since two threads that enter such a package from two ends can find it half imported.
            onednn: as `start` takes it.

        Raises:
            MissingRequirementError: the backend is not installed, or `device: gpu` finds none.
            UsageError: this process already runs another backend.
        """
        self._spec, self._seed, self._onednn = spec, seed, onednn
        self._started: Runtime | None = None
        self._thread: threading.Thread | None = None
        prepare_environment(spec, onednn=onednn)
        if spec.device == "gpu":
            self()
        elif "keras" in sys.modules:
            _refuse_another(spec)
        else:
            self._begin(beside)

    def _begin(self, beside: Iterable[str]) -> None:
        for name in beside:
            importlib.import_module(name)
        apart = threading.Event()
        # No daemon: a process that ends in the middle of such an import can crash.
        self._thread = threading.Thread(target=self._import, args=(apart,))
        self._thread.start()
        # A line that is being written while stderr is divided would lose its end.
        apart.wait()

    def __call__(self, intra_op_threads: int | None = None) -> Runtime:
        """What was started.

        Args:
            intra_op_threads: as `start` takes it; without effect where it runs already.

        Raises:
            UsageError: this process already runs another backend.
        """
        if self._started is None:
            if self._thread is not None:
                self._thread.join()
            self._started = start(self._spec, seed=self._seed, intra_op_threads=intra_op_threads, onednn=self._onednn)
        return self._started

    def _import(self, apart: threading.Event) -> None:
        # Whatever fails is raised by `start`, which tries again.
        with suppress(Exception):
            import_backend(self._spec.backend, apart.set)
        apart.set()


def _start(spec: RuntimeSpec, intra_op_threads: int | None) -> tuple[str, str, str]:
    """Imports Keras and its backend; returns the device, its name, and why it was chosen."""
    import keras

    _refuse_another(spec)
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(spec.precision)
    # Whoever pools masked steps by their maximum means it, and where a mask would be missed, the config is refused.
    warnings.filterwarnings("ignore", "Layer .* was passed an input with a mask attached to it", UserWarning)
    threads = spec.threads or processors()
    shared = min(threads, spec.intra_op_threads or intra_op_threads or threads)
    device, name, reason = START[spec.backend](spec, threads, shared)
    keras.ops.zeros(1)
    return device, name, reason


def _refuse_another(spec: RuntimeSpec) -> None:
    """Raises UsageError where Keras is imported on another backend than the section's."""
    import keras

    if keras.config.backend() != spec.backend:
        raise UsageError(
            f"this process already runs Keras on {keras.config.backend()}; run a config with "
            f"`runtime.backend: {spec.backend}` in a process of its own"
        )


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
