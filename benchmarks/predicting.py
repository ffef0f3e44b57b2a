"""`dltrain.predict` against Keras's `predict`, on rows in memory and on rows in a CSV file.

    python -m benchmarks.predicting [--rounds N] [--rows N]

Both are timed from opening the model to the last prediction, after imports. Beside it stands dltrain's whole call over
Keras's `predict` alone, without the time to load its model.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import made_table
from benchmarks.by_hand.rows import data
from benchmarks.results import Ratio, conclude, machine, ratio, spread
from benchmarks.turns import Measures, Side, require_data, take_turns

TABLE = """\
dataset: {path: table.csv, target: y}
splits: {validation: none, test: 0.1}
model: {type: mlp, units: [64]}
trainer: {epochs: 1, batch_size: 256}
"""
TIMES_MNIST = 3
BARS = {"rows": 1.0, "csv": 0.7}
DLTRAIN, HAND = "dltrain", "by hand"


def main() -> None:
    """Prints speeds and ratios; exits 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200_000, help="of the CSV file")
    options = parser.parse_args()
    require_data()
    print(json.dumps(machine()))
    with tempfile.TemporaryDirectory() as folder:
        given = {"rows": _mnist(Path(folder)), "csv": _table(Path(folder), options.rows)}
        met = [_met(case, *paths, options.rounds) for case, paths in given.items()]
    sys.exit(not all(met))


def _mnist(folder: Path) -> tuple[Path, Path]:
    """A run, and its training digits several times."""
    import dltrain

    with np.load(data("mnist.npz")) as arrays:
        np.savez(folder / "digits.npz", x=np.concatenate([arrays["x_train"]] * TIMES_MNIST))
    run = dltrain.fit("benchmarks/cases/mnist-mlp.yaml", overrides=["trainer.epochs=1"], runs_dir=folder)
    return run.path, folder / "digits.npz"


def _table(folder: Path, rows: int) -> tuple[Path, Path]:
    """A run on a small table, and a large one of the same kind."""
    import dltrain

    made_table.write(folder / "table.csv", 20_000)
    made_table.write(folder / "rows.csv", rows)
    (folder / "table.yaml").write_text(TABLE, encoding="utf-8")
    return dltrain.fit(folder / "table.yaml", runs_dir=folder).path, folder / "rows.csv"


def _met(case: str, run: Path, rows: Path, rounds: int) -> bool:
    programs = {DLTRAIN: "dltrain", HAND: "by_hand"}
    sides = [
        Side(name, "benchmarks.measured_predictions", (program, str(run), str(rows)))
        for name, program in programs.items()
    ]
    measures = take_turns(sides, rounds=rounds)
    speeds = {name: [each["rows_per_second"] for each in found] for name, found in measures.items()}
    for name, values in speeds.items():
        print(f"{case}: {name:<8} {spread(values, 'rows/s')}")
    judged = ratio(case, (DLTRAIN, speeds[DLTRAIN]), (HAND, speeds[HAND]), bar=BARS[case])
    return conclude("predicting", case, [judged, *_strict(case, measures)], {"measures": measures})


def _strict(case: str, measures: Measures) -> list[Ratio]:
    """dltrain's whole call over Keras's `predict` alone, where that was timed."""
    if "seconds_of_predict" not in measures[HAND][0]:
        return []
    alone = [each["rows"] / each["seconds_of_predict"] for each in measures[HAND]]
    whole = [each["rows_per_second"] for each in measures[DLTRAIN]]
    return [ratio(case, (DLTRAIN, whole), ("model.predict alone", alone), bar=None)]


if __name__ == "__main__":
    main()
