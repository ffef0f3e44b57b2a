"""The data sets as a program without dltrain reads and prepares them: NumPy and scikit-learn."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet

Split = tuple[np.ndarray, np.ndarray]


def mnist() -> tuple[Split, Split]:
    """Pixels from 0 to 1, float32 (rows, 28, 28), and digits, for training and test."""
    with np.load(data("mnist.npz")) as arrays:
        x, y, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    return (x.astype("float32") / 255, y), (x_test.astype("float32") / 255, y_test)


def adult() -> tuple[Split, Split]:
    """Standardized numbers and one-hot labels, float32 (rows, columns), and 1 for an income above 50,000."""
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    (table, y), (test, y_test) = (_census(data(f"adult_{part}.csv")) for part in ("train", "test"))
    numbers = [index for index, column in enumerate(table.T) if isinstance(column[0], int)]
    labels = [index for index in range(table.shape[1]) if index not in numbers]
    prepare = make_column_transformer(
        (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), labels)
    )
    return (prepare.fit_transform(table).astype("float32"), y), (prepare.transform(test).astype("float32"), y_test)


def reviews(part: str) -> tuple[list[str], np.ndarray]:
    """Texts, and 1 for each good review."""
    table = pyarrow.parquet.read_table(data(f"imdb_{part}.parquet"), columns=["text", "label"])
    return table["text"].to_pylist(), np.asarray([label == "pos" for label in table["label"].to_pylist()], "float32")


def data(name: str) -> Path:
    """A file of the data folder."""
    return Path(os.environ["DLTRAIN_DATA"]) / name


def _census(path: Path) -> Split:
    table = pyarrow.csv.read_csv(path).drop_columns(["fnlwgt", "education"])
    income = np.asarray([label == ">50K" for label in table["income"].to_pylist()], "float32")
    columns = [column.to_pylist() for column in table.drop_columns(["income"]).columns]
    return np.array(list(zip(*columns, strict=True)), dtype=object), income
