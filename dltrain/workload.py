"""How much a model computes, by arithmetic, and how many steps or rows one call of the backend takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from dltrain.experiment import Experiment
from dltrain.layers.recurrent import Recurrent
from dltrain.layers.wrappers import Bidirectional
from dltrain.models.placing import PlannedLayer
from dltrain.signature import Shape

_MOST_STEPS = 64
_MULTIPLICATIONS_OF_A_CALL = 10**10
"""Of a tenth of a second (dense layers) to a second (LSTM) on two processors; so long, Ctrl-C may have to wait."""

_FEWEST_ROWS, _MOST_ROWS = 256, 4096
_NUMBERS_AT_ONCE = 1 << 21
"""Of the widest layer; with more, dense layers gain little, and convolutions slow down."""

_WORTH_SHARING = 2 * 10**7
"""Multiplications of one operation, of a third of a millisecond; with less, threads wait longer than they win."""

_WORTH_PARTS = 5 * 10**6
"""Multiplications of one operation; with less, what parts win does not make up for a second of more building."""

_FEWEST_IN_A_PART = 16
"""Rows; products of fewer take nearly as long as theirs."""

_PASSES = 3
"""A step multiplies once for the outputs, once for the gradients of the weights, once for those of the inputs."""


def steps_per_execution(experiment: Experiment, layers: Sequence[PlannedLayer], steps: int) -> int:
    """The setting, or as many steps as take less than about a second; 1 where the backend takes one at a time.

    Args:
        experiment: whose backend and batch size count.
        layers: of the training model.
        steps: of an epoch.
    """
    if (wanted := experiment.runtime.steps_per_execution) is not None:
        return min(wanted, steps)
    if experiment.runtime.backend != "tensorflow":
        return 1
    of_step = _PASSES * experiment.trainer.batch_size * sum(map(multiplications, layers))
    fitting = _MULTIPLICATIONS_OF_A_CALL // max(of_step, 1)
    return max(1, min(_MOST_STEPS, fitting, steps))


def intra_op_threads(experiment: Experiment, layers: Sequence[PlannedLayer]) -> int | None:
    """The setting, or 1 on TensorFlow where no operation of a step is worth sharing; None for all threads.

    Independent operations, such as the two gradients of a layer, go on beside each other in any case.

    Args:
        experiment: whose backend and batch size count.
        layers: of the training model.
    """
    runtime, rows = experiment.runtime, experiment.trainer.batch_size
    if runtime.intra_op_threads is not None or runtime.backend != "tensorflow":
        return runtime.intra_op_threads
    largest = max((multiplications(layer) // _steps(layer) for layer in layers), default=0)
    return 1 if rows * largest < _WORTH_SHARING else None


def suits_onednn(experiment: Experiment, layers: Sequence[PlannedLayer]) -> bool:
    """Whether oneDNN's kernels are faster: they are, but for large products of dense layers on vectors.

    Args:
        experiment: whose batch size counts.
        layers: of the training model, as far as they are known.
    """
    multiplying = [layer for layer in layers if multiplications(layer)]
    largest = max(map(multiplications, multiplying), default=0)
    vectors = all(_positions(layer.shape) == 1 for layer in multiplying)
    return not vectors or experiment.trainer.batch_size * largest < _WORTH_SHARING


def parts_of_batch(experiment: Experiment, layer: PlannedLayer, threads: int) -> int:
    """In how many parts a recurrent layer takes the rows of a batch beside one another; 1 for all rows at once.

    Args:
        experiment: whose batch size counts.
        layer: of the training model.
        threads: of the processor.
    """
    spec, rows = _recurrent(layer), experiment.trainer.batch_size
    if spec is None or spec.dropout or spec.recurrent_dropout or spec.unroll or experiment.runtime.jit_compile:
        return 1
    if not _WORTH_PARTS <= rows * multiplications(layer) // _steps(layer) < _WORTH_SHARING:
        return 1
    # The two directions go on beside each other anyway.
    free = threads // 2 if isinstance(layer.spec, Bidirectional) else threads
    return max(1, min(free, rows // _FEWEST_IN_A_PART))


def _steps(layer: PlannedLayer) -> int:
    """Operations that come one after the other: a recurrent layer takes a position at a time."""
    return 1 if _recurrent(layer) is None else _positions(layer.shape)


def _recurrent(layer: PlannedLayer) -> Recurrent | None:
    """The layer's own settings, or of what reads in both directions."""
    spec = layer.spec.layer if isinstance(layer.spec, Bidirectional) else layer.spec
    return spec if isinstance(spec, Recurrent) else None


def rows_at_once(layers: Sequence[PlannedLayer]) -> int:
    """How many rows a model without training takes at once: those whose widest layer stays in the processor's cache.

    Args:
        layers: of the training model.
    """
    widest = max(_numbers(shape) for layer in layers for shape in (layer.shape, layer.output_shape))
    fitting = _NUMBERS_AT_ONCE // widest if widest else 0
    return max(_FEWEST_ROWS, min(_MOST_ROWS, 1 << fitting.bit_length() >> 1))


def _numbers(shape: Shape) -> int:
    """Of a row; as many as there could be where a length is not known."""
    return prod(length if length is not None else _NUMBERS_AT_ONCE for length in shape)


def multiplications(layer: PlannedLayer) -> int:
    """At most so many for the outputs of a row: each weight at each position, but for vectors that are looked up."""
    if layer.spec.looks_up:
        return 0
    return (layer.known_parameters or 0) * max(_positions(layer.shape), _positions(layer.output_shape))


def _positions(shape: Shape) -> int:
    return prod(length or 1 for length in shape[:-1])
