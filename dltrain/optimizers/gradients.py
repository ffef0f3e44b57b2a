"""Gradients as an optimizer takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def sum_gradients(optimizer: keras.optimizers.Optimizer) -> None:
    """Adds up what several rows of a batch want of the vector of one id, before the optimizer sees it.

    TensorFlow hands these over one by one, and Keras's optimizers would square each, or clip it by the norm of all,
    where every other backend takes the sum.
    """
    import keras

    if keras.config.backend() != "tensorflow":
        return
    import tensorflow as tf

    apply = optimizer.apply

    def apply_sums(grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> Any:
        sums = [tf.convert_to_tensor(grad) if isinstance(grad, tf.IndexedSlices) else grad for grad in grads]
        return apply(sums, trainable_variables)

    optimizer.apply = apply_sums
