"""Training of the MNIST MLP and CNN in GFLOP/s, against what this machine reaches with products alone.

    python -m benchmarks.arithmetic [--rounds N] [--epochs N]

Of each model stand side by side: dltrain's training; the products of one step alone, at the shapes of the step; and
the best matrix product or convolution of any size, with TensorFlow's own kernels or oneDNN's, whichever is faster. From
the third to the second is lost to small shapes, from the second to the first to everything else: activations, pooling,
dropout, the optimizer, batches.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping

from benchmarks.operations import BATCH_SIZE, CNN, MLP, step_operations
from benchmarks.results import Ratio, conclude, machine, ratio, spread
from benchmarks.turns import Measures, Side, require_data, take_turns

PEAKS = {"TensorFlow's kernels": (), "oneDNN": ("onednn",)}
MODELS = {"mlp": (MLP, "matrix_product"), "cnn": (CNN, "convolution")}
GIGA = 1e9


def main() -> None:
    """Prints speeds and fractions; nothing is asked of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    require_data()
    print(json.dumps(machine()))
    measures = take_turns(_sides(options.epochs), rounds=options.rounds)
    for model in MODELS:
        _report(model, measures)


def _sides(epochs: int) -> list[Side]:
    settings = (f"trainer.epochs={epochs}", "seed={round}")
    fits = [
        Side(model, "benchmarks.measured_fit", (f"benchmarks/cases/mnist-{model}.yaml", *settings)) for model in MODELS
    ]
    return [*fits, *(Side(name, "benchmarks.measured_peak", chosen) for name, chosen in PEAKS.items())]


def _report(model: str, measures: Measures) -> None:
    layers, kind = MODELS[model]
    a_row = step_operations(layers) / BATCH_SIZE
    speeds = {"training": [each["rows_per_second"] * a_row / GIGA for each in measures[model]]}
    speeds["products of a step"] = _best(measures, model)
    speeds["matrix product" if kind == "matrix_product" else "convolution"] = _best(measures, kind)
    for name, values in speeds.items():
        print(f"{model}: {name:<18} {spread(values, 'GFLOP/s')}")
    conclude("arithmetic", model, _fractions(model, speeds), {"measures": measures})


def _best(measures: Measures, key: str) -> list[float]:
    """Of the kernels whose median is the highest."""
    found = [[each[key] / GIGA for each in measures[name]] for name in PEAKS]
    return max(found, key=statistics.median)


def _fractions(model: str, speeds: Mapping[str, list[float]]) -> list[Ratio]:
    name = f"mnist-{model}"
    others = [other for other in speeds if other != "training"]
    return [ratio(name, ("training", speeds["training"]), (other, speeds[other]), bar=None) for other in others]


if __name__ == "__main__":
    main()
