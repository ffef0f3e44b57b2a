"""The section `runtime`: where and how the arithmetic runs."""

from typing import Annotated, Literal

from pydantic import Field

from dltrain.spec.section import Section

Backend = Literal["tensorflow", "jax", "torch"]
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]


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
