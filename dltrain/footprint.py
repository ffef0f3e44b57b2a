"""How much memory a training step needs at least, by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

from dltrain.experiment import Experiment
from dltrain.models.placing import PlannedLayer
from dltrain.signature import Weight

_BYTES = 4
"""Of a number in 32 bits, in which weights and all that belongs to them are stored whatever the precision."""

_COMPUTED_BYTES = {"float32": 4, "mixed_float16": 2, "mixed_bfloat16": 2}


@dataclass(frozen=True)
class Footprint:
    """Bytes that a training step needs at least. What a backend's kernels need besides depends on them.

    Attributes:
        weights: of the model.
        gradients: of the weights that are trained.
        optimizer: what it remembers of these.
        activations: the rows of a batch, what each layer keeps of them, and the gradient beside it while that
            is computed.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.gradients + self.optimizer + self.activations


def footprint(experiment: Experiment, layers: Sequence[PlannedLayer]) -> Footprint | None:
    """What training these layers needs; None where that depends on a length that is not known.

    Args:
        experiment: whose optimizer, batch size and precision count.
        layers: of the training model, the output last.
    """
    kept, rows = [layer.kept for layer in layers], layers[0].shape
    if any(layer.known_parameters is None for layer in layers) or None in kept or None in rows:
        return None
    weights = [weight for layer in layers for weight in layer.weights]
    sizes = [prod(length or 1 for length in layer.output_shape) for layer in layers]
    stored = [_BYTES * prod(length or 1 for length in rows), *_in_bytes(experiment, [count or 0 for count in kept])]
    return Footprint(
        weights=_BYTES * size(weights),
        gradients=_BYTES * size(weights, trained=True),
        optimizer=_BYTES * experiment.optimizer.state_size(weights),
        activations=experiment.trainer.batch_size * _most_at_once(stored, _in_bytes(experiment, sizes)),
    )


def size(weights: Sequence[Weight], *, trained: bool = False) -> int:
    """How many numbers they hold; of only those that are trained."""
    return sum(weight.size for weight in weights if weight.trainable or not trained)


def _in_bytes(experiment: Experiment, counts: Sequence[int]) -> list[int]:
    """Numbers of each layer as bytes; the output is in 32 bits at any precision."""
    *inner, output = counts
    computed = _COMPUTED_BYTES[experiment.runtime.precision]
    return [*(computed * count for count in inner), _BYTES * output]


def _most_at_once(stored: Sequence[int], gradients: Sequence[int]) -> int:
    """On the way back, the gradient of a layer's outputs is there beside what is stored up to this layer."""
    return max(before + gradient for before, gradient in zip(list(accumulate(stored))[1:], gradients, strict=True))


def in_words(count: int) -> str:
    """Bytes, to three digits or four: ``1.2 GB``, ``345.6 MB``, ``7.8 kB``, ``90 bytes``."""
    for unit, unit_bytes in (("GB", 10**9), ("MB", 10**6)):
        if count >= unit_bytes:
            return f"{count / unit_bytes:,.1f} {unit}"
    return f"{count / 1000:.1f} kB" if count >= 1000 else f"{count} bytes"
