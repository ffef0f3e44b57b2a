"""Predictions of many rows, timed after all imports: from opening the model to the last row.

python -m benchmarks.measured_predictions dltrain RUN ROWS
python -m benchmarks.measured_predictions by_hand RUN ROWS

ROWS is an .npz file with the array `x`, which both models take as it is, or a .csv file made by `made_table`. By hand,
arrays are predicted by the model that the run left to take away, and a table is read by PyArrow, standardized by NumPy
and predicted by a dense model of the same layers as the run's.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.by_hand.clock import Stopwatch
from benchmarks.made_table import COLOURS, COLUMNS

BATCH_SIZE = 256
"""As dltrain's own, which is better than Keras's 32."""


def dltrain_predicts(run: Path, rows: Path) -> dict[str, float]:
    import tensorflow  # noqa: F401 (imported before the clock runs, as by hand)

    from dltrain.api import predict

    given = np.load(rows)["x"] if rows.suffix == ".npz" else rows
    stopwatch = Stopwatch()
    found = predict(run, given)
    return {"rows": len(found["prediction"])} | stopwatch.times()


def arrays_by_hand(run: Path, rows: Path) -> dict[str, float]:
    import keras

    given = np.load(rows)["x"]
    stopwatch = Stopwatch()
    model = keras.saving.load_model(run / "model.keras")
    opened = time.perf_counter()
    found = model.predict(given, batch_size=BATCH_SIZE, verbose=0)
    end = time.perf_counter()
    found.argmax(axis=1)
    return {"rows": len(found), "seconds_of_predict": end - opened} | stopwatch.times()


def table_by_hand(_: Path, rows: Path) -> dict[str, float]:
    import keras
    import pyarrow.csv

    layers = [keras.Input((COLUMNS + len(COLOURS),)), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    mean, deviation = np.zeros(COLUMNS, "float32"), np.ones(COLUMNS, "float32")
    stopwatch = Stopwatch()
    table = pyarrow.csv.read_csv(rows)
    numbers = np.stack([table[f"x{index}"].to_numpy() for index in range(COLUMNS)], axis=1, dtype="float32")
    colours = table["colour"].to_numpy()[:, None] == COLOURS
    x = np.concatenate([(numbers - mean) / deviation, colours], axis=1, dtype="float32")
    found = model.predict(x, batch_size=BATCH_SIZE, verbose=0)
    return {"rows": len(found)} | stopwatch.times()


def main() -> None:
    who, run, rows = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if who == "dltrain":
        found = dltrain_predicts(run, rows)
    else:
        found = (arrays_by_hand if rows.suffix == ".npz" else table_by_hand)(run, rows)
    print(json.dumps({**found, "rows_per_second": found["rows"] / found["seconds"]}))


if __name__ == "__main__":
    main()
