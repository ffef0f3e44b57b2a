"""The section `runtime`: where and how the arithmetic runs."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.spec.fields import Written
from dltrain.spec.section import Section, describe

Backend = Literal["tensorflow", "jax", "torch"]
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(kB|MB|GB|TB)\Z")
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


_Size = Written(Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)? ?(kB|MB|GB|TB)$")])


def _size(value: Any) -> str:
    if isinstance(value, str) and _SIZE.match(value):
        return str(value)
    text = f"expected a size such as 500MB or 2GB, got {describe(value)}"
    raise PydanticCustomError("setting", "{text}", {"text": text})


def _bytes(size: str) -> int:
    number, unit = _SIZE.match(size).groups()  # type: ignore[union-attr]
    return int(float(number) * _UNITS[unit])


_Auto = Written(Literal["auto"] | bool)


def _auto(value: Any) -> Any:
    if value not in ("auto", None) and not isinstance(value, bool):
        text = f"expected auto, true or false, got {describe(value)}"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return None if value == "auto" else value


class RuntimeSpec(Section):
    """Where and how the arithmetic runs. Nothing here changes what is computed, beyond rounding.

    A run gives the same bits again, in any process, with the same data, versions, device and threads.

    Attributes:
        device: ``gpu`` fails where there is none; ``auto`` takes a GPU if the backend sees one.
        backend: what Keras runs on; beats ``KERAS_BACKEND`` and keras.json.
        precision: Keras's dtype policy; the mixed ones compute in 16 bits and store in 32.
        threads: processor threads; by default all. Fixed and recorded, since the last digits depend on it;
            `dltrain reproduce` takes as many as the run had.
        intra_op_threads: of these, how many share one operation. By default all, but on a processor one on TensorFlow,
            where a model's operations take less time than threads wait for one another (`dltrain explain`).
        deterministic: only operations that give the same bits each time; by default on a processor, where
            that costs nothing. On a GPU it is slower, and TensorFlow refuses some operations; with it,
            TensorFlow does not take XLA.
        onednn: TensorFlow's kernels by oneDNN, which round differently; by default on a processor, but for large
            products of dense layers, where they are slower (`dltrain explain`). Left to itself, TensorFlow takes
            them on some processors and not on others.
        steps_per_execution: weight updates per call of the compiled function; more is faster for
            small models. By default as many as take less than about a second, up to 64, on TensorFlow; 1 elsewhere.
        jit_compile: compile each step with XLA. ``auto`` does on JAX, and on TensorFlow on a GPU: on a processor
            XLA makes convolutions slower there, and small models faster (`dltrain bench`). On PyTorch,
            ``true`` is `torch.compile`.
        memory: what rows may take in memory, such as ``2GB``; what is more lies in a file beside the
            runs while they train. By default three tenths of what is free.
    """

    device: Literal["auto", "cpu", "gpu"] = "auto"
    backend: Backend = "tensorflow"
    precision: Precision = "float32"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    intra_op_threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    deterministic: bool | None = None
    onednn: bool | None = None
    steps_per_execution: Annotated[int, Field(ge=1, le=10_000)] | None = None
    jit_compile: Annotated[bool | None, BeforeValidator(_auto), _Auto] = None
    memory: Annotated[str, BeforeValidator(_size), _Size] | None = None

    @property
    def xla(self) -> bool | Literal["auto"]:
        """`jit_compile`, as Keras takes it."""
        return "auto" if self.jit_compile is None else self.jit_compile

    @property
    def row_memory(self) -> int | None:
        """`memory` in bytes."""
        return None if self.memory is None else _bytes(self.memory)
