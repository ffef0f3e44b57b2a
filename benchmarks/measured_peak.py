"""How many floating-point operations a second TensorFlow reaches here with nothing but products or convolutions.

python -m benchmarks.measured_peak [onednn]

Three figures: the best matrix product and the best convolution of sizes that suit the machine, and the products of one
training step of each benchmark model, alone, at the shapes that the step gives them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.operations import BATCH_SIZE, CNN, MLP, Convolution, Dense, step_operations

SECONDS = 1.0
MATRICES = (512, 1024, 2048)
CONVOLUTIONS = (Convolution(14, 64, 64), Convolution(28, 64, 64), Convolution(28, 32, 128))
TIMES_A_CALL = 8


def rate(operations: float, function: Callable[[], Any]) -> float:
    """Operations/s of the fastest call of a function within about a second, after two calls that are not counted."""
    function()
    function()
    best, end = 0.0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        function()
        best = max(best, operations / (time.perf_counter() - start))
    return best


def products(layers: tuple[Dense | Convolution, ...]) -> Callable[[], Any]:
    """All products of a training step of these layers; none for the gradient of the model's inputs."""
    import tensorflow as tf

    stages = [(layer, *_operands(layer)) for layer in layers]

    @tf.function(jit_compile=False)
    def step() -> list[Any]:
        found = []
        for place, (layer, x, weights, gradient) in enumerate(stages):
            found += _stage(layer, x, weights, gradient)[: 3 if place else 2]
        return [tf.reduce_max(product[:1]) for product in found]

    return lambda: [value.numpy() for value in step()]


def _operands(layer: Dense | Convolution) -> tuple[Any, Any, Any]:
    import tensorflow as tf

    if isinstance(layer, Dense):
        shapes = (BATCH_SIZE, layer.inputs), (layer.inputs, layer.units), (BATCH_SIZE, layer.units)
    else:
        side, kernel = layer.side, (layer.kernel, layer.kernel, layer.channels, layer.filters)
        shapes = (BATCH_SIZE, side, side, layer.channels), kernel, (BATCH_SIZE, side, side, layer.filters)
    # Variables: constants would be folded, and the products computed but once.
    x, weights, gradient = (tf.Variable(tf.random.normal(shape)) for shape in shapes)
    return x, weights, gradient


def _stage(layer: Dense | Convolution, x: Any, weights: Any, gradient: Any) -> list[Any]:
    """Outputs, gradient of the weights, gradient of the inputs."""
    import tensorflow as tf

    if isinstance(layer, Dense):
        by_weights = tf.matmul(x, gradient, transpose_a=True)
        return [_outputs(layer, x, weights), by_weights, tf.matmul(gradient, weights, transpose_b=True)]
    options = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    return [
        _outputs(layer, x, weights),
        tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=weights.shape, out_backprop=gradient, **options),
        tf.raw_ops.Conv2DBackpropInput(input_sizes=x.shape, filter=weights, out_backprop=gradient, **options),
    ]


def forward(layer: Dense | Convolution, rows: int) -> Callable[[], Any]:
    """The layer's product with each of several weights, in one call."""
    import tensorflow as tf

    x, weights, _ = _operands(layer)
    x = tf.Variable(tf.random.normal((rows, *x.shape[1:])))
    # With the same weights, the graph's optimizer would compute the product only once.
    several = [tf.Variable(weights + place) for place in range(TIMES_A_CALL)]

    @tf.function(jit_compile=False)
    def products() -> list[Any]:
        return [tf.reduce_max(_outputs(layer, x, each)[:1]) for each in several]

    return lambda: [value.numpy() for value in products()]


def _outputs(layer: Dense | Convolution, x: Any, weights: Any) -> Any:
    import tensorflow as tf

    return tf.matmul(x, weights) if isinstance(layer, Dense) else tf.nn.conv2d(x, weights, 1, "SAME")


def main() -> None:
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(sys.argv[1:] == ["onednn"]))
    matrix = max(rate(TIMES_A_CALL * 2 * n**3, forward(Dense(n, n), n)) for n in MATRICES)
    convolution = max(
        rate(TIMES_A_CALL * layer.operations(BATCH_SIZE), forward(layer, BATCH_SIZE)) for layer in CONVOLUTIONS
    )
    steps = {name: rate(step_operations(layers), products(layers)) for name, layers in (("mlp", MLP), ("cnn", CNN))}
    print(json.dumps({"matrix_product": matrix, "convolution": convolution, **steps}))


if __name__ == "__main__":
    main()
