"""Floating-point operations of the benchmark models, by arithmetic: a multiplication and an addition are two."""

from __future__ import annotations

from dataclasses import dataclass

BATCH_SIZE = 128


@dataclass(frozen=True)
class Dense:
    """A matrix of weights."""

    inputs: int
    units: int

    def operations(self, rows: int) -> int:
        """Of the outputs for `rows`."""
        return 2 * rows * self.inputs * self.units


@dataclass(frozen=True)
class Convolution:
    """Kernels over square images that keep their size."""

    side: int
    channels: int
    filters: int
    kernel: int = 3

    def operations(self, rows: int) -> int:
        """Of the outputs for `rows`, with the products by the zeros around an image."""
        return 2 * rows * self.side**2 * self.kernel**2 * self.channels * self.filters


MLP = (Dense(784, 512), Dense(512, 512), Dense(512, 10))
CNN = (Convolution(28, 1, 32), Convolution(14, 32, 64), Dense(3136, 128), Dense(128, 10))


def step_operations(layers: tuple[Dense | Convolution, ...], rows: int = BATCH_SIZE) -> int:
    """Of a training step: outputs, gradients of the weights, and gradients of the inputs of all layers but the first.

    Each of the three is as much as the outputs. Activations, pooling, dropout, the loss and the optimizer are not
    counted, as is usual: they take time, but few operations.
    """
    return sum((3 if place else 2) * layer.operations(rows) for place, layer in enumerate(layers))
