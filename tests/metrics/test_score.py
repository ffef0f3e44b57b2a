"""Final scores are scikit-learn's."""

import numpy as np
import pytest
import sklearn.metrics as sk

from dltrain.metrics.base import MetricSpec, Predictions, separate_names

RANDOM = np.random.default_rng(3)


def predictions(classes, rows=200):
    truth = RANDOM.integers(0, classes, rows)
    probabilities = RANDOM.dirichlet(np.ones(classes), rows) + 0.5 * np.eye(classes)[truth]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    names = tuple(f"c{index}" for index in range(classes))
    return Predictions(truth, probabilities.argmax(axis=1), probabilities, names)


@pytest.mark.parametrize("kind", ["precision", "recall", "f1"])
@pytest.mark.parametrize("classes", [2, 5])
def test_precision_recall_and_f1_are_of_the_second_of_two_classes_else_macro(kind, classes):
    found = predictions(classes)
    function = getattr(sk, f"{kind}_score")
    for suffix, average in [
        ("", "binary" if classes == 2 else "macro"),
        ("_macro", "macro"),
        ("_weighted", "weighted"),
    ]:
        expected = function(found.truth, found.predicted, average=average)
        assert MetricSpec.choose(kind + suffix).score(found) == expected


def test_exact_values_of_a_small_confusion_matrix():
    # Truth down, predicted across: [[2, 1], [1, 4]].
    truth, predicted = np.array([0, 0, 0, 1, 1, 1, 1, 1]), np.array([0, 0, 1, 0, 1, 1, 1, 1])
    found = Predictions(truth, predicted, None, ("n", "y"))
    expected = {
        "accuracy": 6 / 8,
        "precision": 4 / 5,
        "recall": 4 / 5,
        "f1": 4 / 5,
        "precision_macro": (2 / 3 + 4 / 5) / 2,
        "recall_macro": (2 / 3 + 4 / 5) / 2,
        "f1_macro": (2 / 3 + 4 / 5) / 2,
        "f1_weighted": 2 / 3 * 3 / 8 + 4 / 5 * 5 / 8,
        "recall_weighted": 6 / 8,
    }
    assert {name: MetricSpec.choose(name).score(found) for name in expected} == pytest.approx(expected, abs=1e-15)


def test_a_class_that_is_absent_or_never_predicted_counts_as_zero():
    found = Predictions(np.array([0, 0, 1]), np.array([0, 0, 0]), None, ("a", "b", "c"))
    scores = {name: MetricSpec.choose(name).score(found) for name in ("precision", "recall", "f1", "f1_weighted")}
    assert scores == pytest.approx({"precision": 2 / 9, "recall": 1 / 3, "f1": 0.8 / 3, "f1_weighted": 0.8 * 2 / 3})


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_roc_auc_is_one_against_the_rest(classes):
    found = predictions(classes)
    given = found.probabilities[:, 1] if classes == 2 else found.probabilities
    expected = sk.roc_auc_score(found.truth, given, multi_class="ovr")
    assert MetricSpec.choose("roc_auc").score(found) == pytest.approx(expected, abs=1e-12)


def test_roc_auc_of_margins_is_that_of_their_order():
    truth, margin = np.array([0, 1, 0, 1]), np.array([-2.0, 0.5, 1.0, 3.0])
    found = Predictions(truth, (margin > 0).astype(int), margin, ("n", "y"))
    assert MetricSpec.choose("roc_auc").score(found) == 0.75


def test_roc_auc_is_not_defined_where_a_class_is_absent():
    found = Predictions(np.array([0, 0]), np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]]), ("n", "y"))
    assert MetricSpec.choose("roc_auc").score(found) is None


def test_top_k_is_the_share_of_rows_whose_class_is_among_the_most_probable():
    found = predictions(6)
    for k in (1, 2, 5):
        expected = sk.top_k_accuracy_score(found.truth, found.probabilities, k=k)
        assert MetricSpec.choose({"top_k_categorical_accuracy": k}).score(found) == pytest.approx(expected)
    assert MetricSpec.choose({"top_k_categorical_accuracy": 6}).score(found) is None


def labelled(rows=200):
    truth = RANDOM.integers(0, 2, (rows, 3))
    probabilities = np.clip(RANDOM.random((rows, 3)) * 0.7 + 0.3 * truth, 0, 1)
    return Predictions(truth, (probabilities > 0.5).astype(int), probabilities, (), labels=("a", "b", "c"))


@pytest.mark.parametrize("kind", ["precision", "recall", "f1"])
def test_precision_recall_and_f1_of_labels_are_scikit_learns_averages(kind):
    found, function = labelled(), getattr(sk, f"{kind}_score")
    assert MetricSpec.choose(kind).score(found) == function(found.truth, found.predicted, average="macro")
    for average in ("micro", "macro", "weighted"):
        expected = function(found.truth, found.predicted, average=average)
        assert MetricSpec.choose(f"{kind}_{average}").score(found) == expected


def test_accuracy_of_labels_is_of_each_label_or_of_whole_rows():
    truth, predicted = np.array([[1, 0, 1], [0, 1, 1]]), np.array([[1, 0, 1], [0, 0, 0]])
    found = Predictions(truth, predicted, predicted.astype(float), (), labels=("a", "b", "c"))
    expected = {"binary_accuracy": 4 / 6, "subset_accuracy": 1 / 2, "hamming_loss": 2 / 6}
    assert {name: MetricSpec.choose(name).score(found) for name in expected} == pytest.approx(expected, abs=1e-15)
    assert expected["subset_accuracy"] == sk.accuracy_score(truth, predicted)
    assert expected["hamming_loss"] == pytest.approx(sk.hamming_loss(truth, predicted))


def test_a_label_of_no_row_counts_as_zero_and_leaves_roc_auc_undefined():
    truth, predicted = np.array([[1, 0], [0, 0]]), np.array([[1, 0], [0, 0]])
    found = Predictions(truth, predicted, np.array([[0.9, 0.2], [0.1, 0.3]]), (), labels=("a", "b"))
    assert MetricSpec.choose("f1_macro").score(found) == 0.5
    assert MetricSpec.choose("f1_micro").score(found) == 1.0
    assert MetricSpec.choose("roc_auc").score(found) is None


def test_roc_auc_of_labels_is_the_mean_over_them():
    found = labelled()
    expected = sk.roc_auc_score(found.truth, found.probabilities, average="macro")
    assert MetricSpec.choose("roc_auc").score(found) == pytest.approx(expected, abs=1e-12)


def test_micro_averages_of_classes_are_the_accuracy():
    found = predictions(4)
    accuracy = sk.accuracy_score(found.truth, found.predicted)
    for name in ("precision_micro", "recall_micro", "f1_micro"):
        assert MetricSpec.choose(name).score(found) == pytest.approx(accuracy, abs=1e-15)


def test_up_to_ten_numbers_of_a_target_are_also_scored_one_by_one():
    assert separate_names("r2_score", ("price", "rent")) == ["r2_score_price", "r2_score_rent"]
    assert separate_names("r2_score", ("price",)) == []
    assert separate_names("r2_score", tuple("abcdefghijk")) == []


@pytest.mark.parametrize("values", [1, 3])
def test_scores_of_regression(values):
    truth = RANDOM.normal(size=(50, values))
    predicted = truth + RANDOM.normal(size=(50, values))
    found = Predictions(truth, predicted, None, ())
    error = truth - predicted
    expected = {
        "mse": (error**2).mean(),
        "mae": np.abs(error).mean(),
        "r2": (1 - (error**2).sum(axis=0) / ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)).mean(),
    }
    assert {name: MetricSpec.choose(name).score(found) for name in expected} == pytest.approx(expected)


def test_the_root_of_the_squared_error_of_one_value():
    found = Predictions(np.array([[0.0], [0.0]]), np.array([[3.0], [4.0]]), None, ())
    assert MetricSpec.choose("rmse").score(found) == pytest.approx(12.5**0.5)


def test_r2_of_a_single_row_is_not_defined():
    one = np.ones((1, 1))
    assert MetricSpec.choose("r2_score").score(Predictions(one, one, None, ())) is None


def test_errors_are_good_when_small():
    modes = {name: member.mode for name, member in MetricSpec.choices().items()}
    small = {name for name, mode in modes.items() if mode == "min"}
    assert small == {
        "mean_squared_error",
        "mse",
        "root_mean_squared_error",
        "rmse",
        "mean_absolute_error",
        "mae",
        "mean_absolute_percentage_error",
        "mape",
        "median_absolute_error",
        "absolute_error_p90",
        "absolute_error_p99",
        "hamming_loss",
        "log_loss",
        "brier_score",
        "calibration_error",
        "expected_calibration_error",
        "ece",
    }
