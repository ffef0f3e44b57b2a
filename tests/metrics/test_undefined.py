"""A score that means nothing says why."""

import numpy as np
import pytest

from dltrain.metrics.base import MetricSpec, Predictions

ABC = ("a", "b", "c")


def of_classes(truth, predicted, classes=("no", "yes"), *, margins=False):
    predicted = np.array(predicted)
    probabilities = np.eye(len(classes))[predicted] * 0.8 + 0.1
    given = predicted * 1.0 if margins else probabilities
    return Predictions(np.array(truth), predicted, given, classes)


def of_labels(truth, predicted):
    return Predictions(np.array(truth), np.array(predicted), np.array(predicted) * 1.0, (), labels=("x", "y"))


@pytest.mark.parametrize(
    ("name", "predictions", "reason"),
    [
        ("precision", of_classes([0, 1], [0, 0]), "no row is predicted as 'yes'"),
        ("recall", of_classes([0, 0], [0, 1]), "no row is of 'yes'"),
        ("f1", of_classes([0, 0], [0, 0]), "no row is of 'yes', or predicted as it"),
        ("f1", of_classes([0, 1], [0, 0]), None),
        ("f1_macro", of_classes([0, 1], [0, 1], ABC), "no row is of 'c'"),
        ("f1_macro", of_classes([0, 0], [0, 1], ABC), "no row is of 'b' and 1 more"),
        ("precision_macro", of_classes([0, 1, 2], [0, 0, 0], ABC), None),
        ("f1_weighted", of_classes([0, 1], [0, 1], ABC), None),
        ("balanced_accuracy", of_classes([0, 1], [0, 1], ABC), "no row is of 'c'"),
        ("roc_auc", of_classes([1, 1], [0, 1]), "no row is of 'no'"),
        ("average_precision", of_classes([0, 1], [0, 1], ABC), "no row is of 'c'"),
        ("mcc", of_classes([0, 1], [1, 1]), "every row is predicted as 'yes'"),
        ("mcc", of_classes([0, 0], [0, 1]), "every row is 'no'"),
        ("kappa", of_classes([1, 1], [1, 1]), "every row is 'yes', and predicted as it"),
        ("log_loss", of_classes([0, 1], [0, 1], margins=True), "there are no probabilities"),
        ("top_k_categorical_accuracy", of_classes([0, 1, 2], [0, 1, 2], ABC), "there are no more than 5 classes"),
        ("r2", Predictions(np.ones((3, 1)), np.zeros((3, 1)), None, ()), "the true values are all the same"),
        ("r2", Predictions(np.ones((1, 1)), np.zeros((1, 1)), None, ()), "there is a single row"),
        ("mape", Predictions(np.array([[0.0], [1]]), np.ones((2, 1)), None, ()), "the true value is 0 in 1 row"),
        ("recall_micro", of_labels([[0, 0]], [[1, 1]]), "no row has a label"),
        ("precision_micro", of_labels([[1, 0]], [[0, 0]]), "no label is predicted"),
        ("roc_auc", of_labels([[1, 1], [1, 0]], [[1, 0], [0, 1]]), "every row is of 'x'"),
    ],
)
def test_why_a_score_is_not_defined(name, predictions, reason):
    assert MetricSpec.choose(name).undefined(predictions) == reason
