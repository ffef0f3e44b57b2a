"""Recurrent layers that take the rows of a batch in parts, beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def take_in_parts(layer: keras.layers.Layer, parts: int) -> None:
    """Lets TensorFlow compute the steps of some rows on one thread while another thread has those of the others.

    Steps come one after the other, and each is too small to be shared by threads. Rows do not depend on one another, so
    nothing but rounding changes: gradients of the weights are added up part by part.

    Args:
        layer: ``LSTM``, ``GRU`` or ``SimpleRNN``, or ``Bidirectional`` of one; without dropout, of which all rows have
            the same mask.
        parts: at most so many; as many as there are rows, where these are fewer.
    """
    import keras

    if isinstance(layer, keras.layers.Bidirectional):
        for one in (layer.forward_layer, layer.backward_layer):
            take_in_parts(one, parts)
        return
    import tensorflow as tf

    whole = layer.inner_loop

    def inner_loop(sequences: Any, initial_state: Sequence[Any], mask: Any, training: bool = False) -> Any:
        if sequences.shape[0] is not None and sequences.shape[0] < parts:
            return whole(sequences, initial_state, mask, training)
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        rows = tf.shape(sequences)[0]
        bounds = [rows * part // parts for part in range(parts + 1)]
        found = []
        for first, end in pairwise(bounds):
            states = [state[first:end] for state in initial_state]
            found.append(whole(sequences[first:end], states, None if mask is None else mask[first:end], training))
        last, outputs, after = zip(*found, strict=True)
        return tf.concat(last, 0), tf.concat(outputs, 0), [tf.concat(each, 0) for each in zip(*after, strict=True)]

    layer.inner_loop = inner_loop
