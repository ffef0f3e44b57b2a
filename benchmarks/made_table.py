"""A table of random numbers and labels with a target that depends on them, as CSV and Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

COLUMNS = 100
_ROWS_AT_ONCE = 20_000
COLOURS = np.array(["red", "green", "blue", "white"])


def write(path: Path, rows: int) -> None:
    """Writes `rows` rows of `COLUMNS` numbers, a label and the target `y`; the suffix decides the format."""
    random = np.random.default_rng(0)
    weights = random.normal(size=COLUMNS)
    writer = None
    for start in range(0, rows, _ROWS_AT_ONCE):
        table = _rows(min(_ROWS_AT_ONCE, rows - start), weights, random)
        if writer is None:
            kind = pyarrow.csv.CSVWriter if path.suffix == ".csv" else pyarrow.parquet.ParquetWriter
            writer = kind(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def _rows(rows: int, weights: np.ndarray, random: np.random.Generator) -> pa.Table:
    numbers = random.normal(size=(rows, COLUMNS)).astype("float32").round(5)
    colours = random.integers(0, len(COLOURS), rows)
    target = (numbers @ weights + colours + random.normal(size=rows)).round(4)
    columns = {f"x{index}": numbers[:, index] for index in range(COLUMNS)}
    return pa.table({**columns, "colour": COLOURS[colours], "y": target})
