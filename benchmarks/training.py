"""Training by dltrain against programs written by hand: the same model, rows, batch size, epochs and precision.

    python -m benchmarks.training [CASE...] [--rounds N] [--epochs N]

Sides take turns in processes of their own; each says how many rows/s the epochs after the first took, from the end of
one to the end of another, so that whatever happens between epochs counts too. Of raw texts the speed is one over the
seconds from the start of the process to the end of the last epoch: imports, reading, the vocabulary, ids and training.
Accuracy on the test rows must be the same within noise. The seed of a round is its number. PyTorch and JAX are
measured where they are installed, or lie in the folders that DLTRAIN_BENCH_TORCH and DLTRAIN_BENCH_JAX name.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.results import Ratio, conclude, equally_accurate, machine, ratio, spread
from benchmarks.turns import Measures, Side, require_data, take_turns

DLTRAIN, KERAS, TORCH, JAX = "dltrain", "Keras on TensorFlow", "PyTorch", "dltrain on JAX"


@dataclass(frozen=True)
class Case:
    """One model on one data set, whose config is `benchmarks/cases/<name>.yaml`.

    Attributes:
        data: of the hand-written programs `benchmarks/by_hand/<data>_keras.py` and `<data>_torch.py`.
        model: what they are told to train.
        epochs: so many that those after the first take a few seconds at least.
        bars: for dltrain's side and the one it is held against, the least ratio.
        measure: ``rows_per_second``, or ``seconds`` of the whole.
    """

    data: str
    model: str
    epochs: int
    bars: Mapping[tuple[str, str], float]
    measure: str = "rows_per_second"
    rounds: int = 5

    def sides(self, name: str, epochs: int) -> list[Side]:
        """All programs of the case."""
        config = (f"benchmarks/cases/{name}.yaml", f"trainer.epochs={epochs}", "seed={round}")
        options = (self.model, "--epochs", str(epochs), "--seed", "{round}")
        jax = Side(JAX, "benchmarks.measured_fit", (*config, "runtime.backend=jax"), "jax")
        return [
            Side(DLTRAIN, "benchmarks.measured_fit", config),
            Side(KERAS, f"benchmarks.by_hand.{self.data}_keras", options),
            Side(TORCH, f"benchmarks.by_hand.{self.data}_torch", options, "torch"),
            *([jax] if any(JAX in pair for pair in self.bars) else []),
        ]


def _bars(keras: float) -> dict[tuple[str, str], float]:
    return {(DLTRAIN, KERAS): keras, (DLTRAIN, TORCH): 0.97}


CASES = {
    "mnist-mlp": Case("mnist", "mlp", 5, {**_bars(1.7), (JAX, KERAS): 2.5}),
    "mnist-softmax": Case("mnist", "softmax", 8, _bars(3.0)),
    "adult-mlp": Case("adult", "mlp", 8, _bars(2.0)),
    "mnist-cnn": Case("mnist", "cnn", 3, _bars(0.97), rounds=9),
    "mnist-lstm": Case("mnist", "lstm", 3, _bars(0.97), rounds=9),
    "imdb-lstm": Case("imdb", "lstm", 3, _bars(1.3), measure="seconds", rounds=3),
}


def main() -> None:
    """Prints speeds and ratios of each case; exits 1 where a bar is missed or accuracies differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=list(CASES), metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--epochs", type=int)
    options = parser.parse_args()
    require_data()
    print(json.dumps(machine()))
    met = [_met(name, options.rounds, options.epochs) for name in options.cases or CASES]
    sys.exit(not all(met))


def _met(name: str, rounds: int | None, epochs: int | None) -> bool:
    case = CASES[name]
    measures = take_turns(case.sides(name, epochs or case.epochs), rounds=rounds or case.rounds)
    speeds = {side: _speeds(found, case.measure) for side, found in measures.items()}
    for side, found in measures.items():
        values = [each[case.measure] for each in found]
        unit = "s" if case.measure == "seconds" else "rows/s"
        accuracy = sum(each["accuracy"] for each in found) / len(found)
        print(f"{name}: {side:<20} {spread(values, unit)}, test accuracy {accuracy:.4f}")
    ratios = _ratios(name, case, speeds)
    accurate = _accurate(name, measures)
    return conclude("training", name, ratios, {"measures": measures, "accurate": accurate}) and accurate


def _speeds(found: list[dict[str, float]], measure: str) -> list[float]:
    return [1 / each[measure] if measure == "seconds" else each[measure] for each in found]


def _ratios(name: str, case: Case, speeds: Mapping[str, list[float]]) -> list[Ratio]:
    return [
        ratio(name, (ours, speeds[ours]), (theirs, speeds[theirs]), bar=bar)
        for (ours, theirs), bar in case.bars.items()
        if ours in speeds and theirs in speeds
    ]


def _accurate(name: str, measures: Measures) -> bool:
    """Whether all sides trained on as many rows, and to the same accuracy within noise."""
    ours = measures[DLTRAIN]
    same = True
    for side, theirs in measures.items():
        if {each["rows"] for each in ours} != {each["rows"] for each in theirs}:
            raise SystemExit(f"{name}: {side} trains on other rows")
        scores = [[each["accuracy"] for each in found] for found in (ours, theirs)]
        if not equally_accurate(*scores, rows=ours[0]["test_rows"]):
            print(f"{name}: the accuracy of {side} differs from dltrain's by more than chance")
            same = False
    return same


if __name__ == "__main__":
    main()
