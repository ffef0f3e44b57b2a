"""The precision that layers compute in."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_precision() -> Iterator[None]:
    """Layers that are built inside compute in 32 bits, whatever `runtime.precision` says for the others."""
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
