"""Keras metrics, fed batch by batch, equal the final scores."""

from dataclasses import replace

import numpy as np
import pytest

from dltrain.metrics.base import MetricSpec, Outputs
from dltrain.signature import Head, Target
from dltrain.tasks.base import TaskSpec

pytestmark = pytest.mark.keras

COUNTED = ["accuracy", "precision", "precision_macro", "precision_weighted", "recall", "recall_macro"]
COUNTED += ["recall_weighted", "f1", "f1_macro", "f1_weighted", "precision_micro", "recall_micro", "f1_micro"]
OF_LABELS = [*COUNTED[1:], "binary_accuracy", "subset_accuracy", "hamming_loss", "log_loss", "brier_score"]
COUNTED += ["balanced_accuracy", "matthews_corrcoef", "cohen_kappa"]
FORMS = {
    "index of 2": (2, "index", Head(2, "softmax")),
    "index of 5": (5, "index", Head(5, "softmax")),
    "one_hot of 2": (2, "one_hot", Head(2, "softmax")),
    "one_hot of 5": (5, "one_hot", Head(5, "softmax")),
    "binary": (2, "binary", Head(1, "sigmoid")),
    "margin": (2, "binary", Head(1, "tanh", threshold=0.0)),
}


def rows(classes, head, count=333):
    random = np.random.default_rng(classes)
    # The last of five classes never occurs, and the fourth is never predicted.
    truth = random.integers(0, min(classes, 4), count)
    noisy = random.normal(size=(count, classes)) + 1.5 * np.eye(classes)[truth]
    if head.units > 1:
        noisy[:, 3:4] -= 100
        outputs = np.exp(noisy) / np.exp(noisy).sum(axis=1, keepdims=True)
    else:
        score = noisy[:, 1:] - noisy[:, :1]
        outputs = np.tanh(score) if head.threshold == 0.0 else 1 / (1 + np.exp(-score))
    return truth, outputs.astype("float32")


def both(name, form):
    classes, target_form, head = FORMS[form]
    truth, outputs = rows(classes, head)
    target = Target(name="y", classes=tuple(map(str, range(classes))))
    task = TaskSpec.choose("binary" if classes == 2 else "multiclass")
    targets = task.encode(truth, target, target_form)
    spec = MetricSpec.choose(name)
    metric = spec.build(Outputs(head, target_form, target))
    for start in range(0, len(truth), 64):
        metric.update_state(targets[start : start + 64], outputs[start : start + 64])
    assert metric.name == spec.name
    return float(metric.result()), spec.score(task.read(outputs, truth, target, head)), metric


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", COUNTED)
def test_a_metric_over_batches_equals_the_score_of_all_rows(name, form):
    watched, score, metric = both(name, form)
    assert watched == pytest.approx(score, abs=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0.0


@pytest.mark.parametrize("form", [form for form in FORMS if form != "margin"])
@pytest.mark.parametrize("name", ["log_loss", "brier_score", "calibration_error"])
def test_a_score_of_probabilities_over_batches_equals_that_of_all_rows(name, form):
    watched, score, _ = both(name, form)
    assert watched == pytest.approx(score, rel=1e-5)


def of_labels(name):
    random = np.random.default_rng(5)
    # The last label is in no row, and the one before is never predicted.
    truth = random.integers(0, 2, (333, 5)) * [1, 1, 1, 1, 0]
    outputs = np.clip((random.random((333, 5)) * 0.7 + 0.3 * truth) * [1, 1, 1, 0.4, 1], 0, 1).astype("float32")
    task, head = TaskSpec.choose("multilabel"), Head(5, "sigmoid")
    target = Target(name="y", labels=tuple("abcde"), shape=(5,))
    spec = MetricSpec.choose(name)
    metric = spec.build(Outputs(head, "multi_hot", target))
    for start in range(0, 333, 64):
        rows = slice(start, start + 64)
        metric.update_state(task.encode(truth[rows], target, "multi_hot"), outputs[rows])
    return metric, spec, task.read(outputs, truth, target, head)


@pytest.mark.parametrize("name", OF_LABELS)
def test_a_metric_of_labels_over_batches_equals_the_score_of_all_rows(name):
    metric, spec, predictions = of_labels(name)
    assert metric.name == spec.name
    assert float(metric.result()) == pytest.approx(spec.score(predictions), abs=1e-6)


def test_roc_auc_of_labels_is_estimated_to_two_hundredths():
    metric, spec, predictions = of_labels("roc_auc")
    assert spec.score(predictions) is None
    four = replace(predictions, truth=predictions.truth[:, :4], probabilities=predictions.probabilities[:, :4])
    # Keras counts a label that is in no row as 0.
    assert float(metric.result()) * 5 / 4 == pytest.approx(spec.score(four), abs=0.02)


@pytest.mark.parametrize("form", ["index of 2", "one_hot of 2", "binary", "margin"])
def test_roc_auc_is_estimated_to_two_hundredths(form):
    watched, score, _ = both("roc_auc", form)
    assert watched == pytest.approx(score, abs=0.02)


@pytest.mark.parametrize("form", ["index", "one_hot"])
def test_roc_auc_of_several_classes_is_estimated_to_two_hundredths(form):
    random = np.random.default_rng(0)
    truth = random.integers(0, 5, 500)
    noisy = random.normal(size=(500, 5)) + np.eye(5)[truth]
    outputs = (np.exp(noisy) / np.exp(noisy).sum(axis=1, keepdims=True)).astype("float32")
    target, head, task = Target(name="y", classes=tuple("abcde")), Head(5, "softmax"), TaskSpec.choose("multiclass")
    values = np.array(list("abcde"))[truth]
    spec = MetricSpec.choose("roc_auc")
    metric = spec.build(Outputs(head, form, target))
    metric.update_state(task.encode(values, target, form), outputs)
    assert float(metric.result()) == pytest.approx(spec.score(task.read(outputs, values, target, head)), abs=0.02)


@pytest.mark.parametrize("form", ["index of 5", "one_hot of 5"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_over_batches_equals_the_score_of_all_rows(form, k):
    watched, score, _ = both({"top_k_categorical_accuracy": k}, form)
    assert watched == pytest.approx(score, abs=1e-6)


def test_sample_weights_count_as_repeated_rows():
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], "float32")
    truth, weights = np.array([0, 1, 1]), np.array([1.0, 2.0, 3.0], "float32")
    head = Outputs(Head(2, "softmax"), "index", Target(name="y", classes=("no", "yes")))
    weighted = MetricSpec.choose("f1").build(head)
    weighted.update_state(truth, outputs, weights)
    # The second class: 2 of weight are hit, 3 are missed, nothing else is predicted as it.
    assert float(weighted.result()) == pytest.approx(2 * 2 / (2 + 5))


@pytest.mark.parametrize("name", ["mse", "rmse", "mae", "r2", "mape", "explained_variance"])
def test_metrics_of_regression_equal_their_scores(name):
    random = np.random.default_rng(0)
    truth = random.normal(size=(100, 1))
    outputs = (truth + random.normal(size=(100, 1))).astype("float32")
    task, target, head = TaskSpec.choose("regression"), Target(name="y"), Head(1, "linear")
    spec = MetricSpec.choose(name)
    metric = spec.build(Outputs(head, "value", target))
    for start in range(0, 100, 32):
        metric.update_state(truth[start : start + 32].astype("float32"), outputs[start : start + 32])
    assert float(metric.result()) == pytest.approx(spec.score(task.read(outputs, truth[:, 0], target, head)), rel=2e-5)


@pytest.mark.parametrize("name", ["mape", "explained_variance"])
def test_relative_scores_are_watched_in_the_targets_own_unit(name):
    random = np.random.default_rng(0)
    truth = 50 + 10 * random.normal(size=(100, 2))
    target = Target(name="y", shape=(2,), offset=(50.0, 50.0), scale=(10.0, 10.0))
    task, head, spec = TaskSpec.choose("regression"), Head(2, "linear"), MetricSpec.choose(name)
    encoded = task.encode(truth, target, "value")
    outputs = (encoded + 0.3 * random.normal(size=(100, 2))).astype("float32")
    metric = spec.build(Outputs(head, "value", target))
    metric.update_state(encoded, outputs)
    assert float(metric.result()) == pytest.approx(spec.score(task.read(outputs, truth, target, head)), rel=1e-4)
