"""What TensorFlow's optimizers do otherwise here: gradients as they take them, and updates in one kernel."""

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


def fuse_updates(optimizer: keras.optimizers.Optimizer) -> None:
    """Updates each weight by TensorFlow's kernel for Adam, where the optimizer is one.

    Keras computes the same in a dozen operations, each of which reads and writes as many numbers as there are weights.
    """
    import keras

    adam = type(optimizer) in (keras.optimizers.Adam, keras.optimizers.AdamW)
    if keras.config.backend() != "tensorflow" or not adam or optimizer.amsgrad:
        return
    import tensorflow as tf

    def update_step(gradient: Any, variable: Any, learning_rate: Any) -> None:
        dtype, index = variable.dtype, optimizer._get_variable_index(variable)
        beta_1, beta_2 = (tf.constant(beta, dtype) for beta in (optimizer.beta_1, optimizer.beta_2))
        step = tf.cast(optimizer.iterations + 1, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(optimizer._momentums[index]),
            v=_handle(optimizer._velocities[index]),
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(optimizer.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )

    optimizer.update_step = update_step


def _handle(variable: Any) -> Any:
    """What kernels write to: of Keras's variable that of TensorFlow inside it."""
    import keras

    return (variable.value if isinstance(variable, keras.Variable) else variable).handle
