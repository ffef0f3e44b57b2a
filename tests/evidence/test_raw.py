"""Rows in words."""

from __future__ import annotations

import numpy as np

from dltrain.data.source import ArraySource, Dataset
from dltrain.evidence.raw import shown_rows
from dltrain.signature import Feature


def dataset(features, **parts):
    sources = {name: ArraySource(columns, None) for name, columns in parts.items()}
    return Dataset(sources, tuple(features), "y", "", "made")


def test_rows_of_a_table_are_shown_by_column_in_the_order_that_is_asked_for():
    features = [
        Feature(name="age", kind="numeric", dtype="float64"),
        Feature(name="job", kind="categorical", dtype="string"),
        Feature(name="member", kind="boolean", dtype="float64"),
        Feature(name="since", kind="datetime", dtype="float64", shape=(7,)),
        Feature(name="size", kind="numeric", dtype="float64", shape=(2,), columns=("w", "h")),
    ]
    since = np.array([[2020, 2, 3, 0, 4, 5, 6], [np.nan] * 7])
    train = {
        "age": np.array([1.5, np.nan]),
        "job": np.array(["cook", ""], object),
        "member": np.array([1.0, 0.0]),
        "since": since,
        "size": np.array([[1.0, 2.0], [3.0, 4.0]]),
    }
    test = {name: values[::-1] for name, values in train.items()}
    first = {"age": "1.5", "job": "cook", "member": "yes", "since": "2020-02-03 04:05", "w": "1", "h": "2"}
    second = {"age": "missing", "job": "missing", "member": "no", "since": "missing", "w": "3", "h": "4"}
    shown = shown_rows(dataset(features, train=train, test=test), [3, 1, 2])
    assert shown == [{"values": first}, {"values": second}, {"values": second}]


def test_texts_are_cut_after_500_characters():
    texts = np.array(["short", "x" * 501], object)
    shown = shown_rows(dataset([Feature(name="text", kind="text", dtype="string")], train={"text": texts}), [1, 0])
    assert shown == [{"text": "x" * 500 + "…"}, {"text": "short"}]


def test_windows_and_pixels_are_not_put_into_words():
    feature = Feature(name="window", kind="numeric", dtype="float64", shape=(4, 2))
    assert shown_rows(dataset([feature], train={"window": np.zeros((2, 4, 2))}), [0, 1]) == [{}, {}]
