"""Saving a Keras model on the backend that runs, and no other."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """Keras saves inside without importing TensorFlow, unless that is there already.

    It would on any backend where TensorFlow is installed, only to tell TensorFlow's shapes from others.
    """
    import keras
    from keras.src.utils.module_utils import tensorflow

    if keras.config.backend() == "tensorflow" or tensorflow.module is not None:
        yield
        return
    before, tensorflow._available = tensorflow._available, False
    try:
        yield
    finally:
        tensorflow._available = before
