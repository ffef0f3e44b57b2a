"""Which rows are worth a look."""

from __future__ import annotations

import numpy as np

from dltrain.evidence.mistaken import worst
from dltrain.metrics.base import Predictions

CLASSES = ("cod", "eel", "ray")


def test_the_surest_mistakes_of_classes_come_first():
    outputs = np.array([[0.6, 0.4, 0], [0.1, 0.9, 0], [0.2, 0.1, 0.7], [0.9, 0.1, 0], [0.9, 0, 0.1]])
    truth, predicted = np.array([1, 0, 2, 1, 2]), outputs.argmax(axis=1)
    found = worst(Predictions(truth, predicted, outputs, CLASSES), ["y"])
    assert found.count == 4
    assert found.mistakes == [
        (1, {"truth": "cod", "predicted": "eel", "confidence": 0.9}),
        (3, {"truth": "eel", "predicted": "cod", "confidence": 0.9}),
        (4, {"truth": "ray", "predicted": "cod", "confidence": 0.9}),
        (0, {"truth": "eel", "predicted": "cod", "confidence": 0.6}),
    ]


def test_margins_give_an_order_and_no_confidence():
    found = worst(Predictions(np.array([0, 1]), np.array([1, 0]), np.array([0.5, -3.0]), ("no", "yes")), ["y"])
    assert found.mistakes == [
        (1, {"truth": "yes", "predicted": "no", "confidence": None}),
        (0, {"truth": "no", "predicted": "yes", "confidence": None}),
    ]


def test_at_most_twelve_are_kept_and_all_are_counted():
    truth = np.zeros(30, int)
    found = worst(Predictions(truth, truth + 1, None, CLASSES), ["y"])
    assert (found.count, len(found.mistakes)) == (30, 12)


def test_of_labels_the_one_counts_that_the_model_is_surest_and_wrong_about():
    outputs = np.array([[0.9, 0.2], [0.6, 0.1], [0.8, 0.7]])
    truth, predicted = np.array([[0, 1], [1, 0], [1, 0]]), (outputs > 0.5).astype(int)
    found = worst(Predictions(truth, predicted, outputs, (), ("p", "q")), ["p", "q"])
    assert found.count == 2
    assert found.mistakes == [
        (0, {"truth": "not p", "predicted": "p", "confidence": 0.9}),
        (2, {"truth": "not q", "predicted": "q", "confidence": 0.7}),
    ]


def test_of_several_numbers_errors_are_compared_in_deviations():
    truth = np.array([[0.0, 0.0], [1.0, 1000.0], [2.0, 2000.0]])
    predicted = np.array([[0.0, 400.0], [2.0, 1000.0], [2.0, 2000.0]])
    found = worst(Predictions(truth, predicted, None, ()), ["height", "weight"])
    assert found.count == 0
    assert found.mistakes[:2] == [
        (1, {"truth": "height 1", "predicted": "height 2"}),
        (0, {"truth": "weight 0", "predicted": "weight 400"}),
    ]


def test_forecasts_of_many_steps_have_none():
    assert worst(Predictions(np.zeros((2, 24)), np.ones((2, 24)), None, ()), ["y"]).mistakes == ()
