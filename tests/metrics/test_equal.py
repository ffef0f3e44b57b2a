"""Every final score is scikit-learn's to 1e-12, and that of resampled rows is the score of the rows drawn."""

import math
import warnings

import numpy as np
import pytest
import sklearn.metrics as sk

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, REGRESSION, MetricSpec, Predictions

SEEDS = range(20)
OF_CLASSES = {
    "accuracy": lambda p: sk.accuracy_score(p.truth, p.predicted),
    "balanced_accuracy": lambda p: sk.recall_score(p.truth, p.predicted, **over(p, "macro")),
    "matthews_corrcoef": lambda p: sk.matthews_corrcoef(p.truth, p.predicted),
    "cohen_kappa": lambda p: sk.cohen_kappa_score(p.truth, p.predicted, labels=range(len(p.classes))),
    "roc_auc": lambda p: averaged(sk.roc_auc_score, p),
    "average_precision": lambda p: averaged(sk.average_precision_score, p),
    "log_loss": lambda p: sk.log_loss(p.truth, p.probabilities, labels=range(len(p.classes))),
    "brier_score": lambda p: brier(p),
}
OF_LABELS = {
    "subset_accuracy": lambda p: sk.accuracy_score(p.truth, p.predicted),
    "hamming_loss": lambda p: sk.hamming_loss(p.truth, p.predicted),
    "binary_accuracy": lambda p: 1 - sk.hamming_loss(p.truth, p.predicted),
    "roc_auc": lambda p: sk.roc_auc_score(p.truth, p.probabilities, average="macro"),
    "average_precision": lambda p: sk.average_precision_score(p.truth, p.probabilities, average="macro"),
    "log_loss": lambda p: np.mean([sk.log_loss(t, np.stack([1 - q, q], 1), labels=[0, 1]) for t, q in columns(p)]),
    "brier_score": lambda p: np.mean([sk.brier_score_loss(t, q, labels=[0, 1], pos_label=1) for t, q in columns(p)]),
}
for kind in ("precision", "recall", "f1"):
    for average in ("macro", "weighted", "micro"):
        function = getattr(sk, f"{kind}_score")
        OF_CLASSES[f"{kind}_{average}"] = lambda p, f=function, a=average: f(p.truth, p.predicted, **over(p, a))
        OF_LABELS[f"{kind}_{average}"] = OF_CLASSES[f"{kind}_{average}"]
OF_NUMBERS = {
    "mean_squared_error": lambda p: sk.mean_squared_error(p.truth, p.predicted),
    "root_mean_squared_error": lambda p: math.sqrt(sk.mean_squared_error(p.truth, p.predicted)),
    "mean_absolute_error": lambda p: sk.mean_absolute_error(p.truth, p.predicted),
    "mean_absolute_percentage_error": lambda p: sk.mean_absolute_percentage_error(p.truth, p.predicted),
    "r2_score": lambda p: sk.r2_score(p.truth, p.predicted),
    "explained_variance": lambda p: sk.explained_variance_score(p.truth, p.predicted),
    "median_absolute_error": lambda p: sk.median_absolute_error(p.truth.ravel(), p.predicted.ravel()),
    "absolute_error_p90": lambda p: np.quantile(abs(p.truth - p.predicted), 0.9),
    "absolute_error_p99": lambda p: np.quantile(abs(p.truth - p.predicted), 0.99),
}


def over(p, average):
    return {"average": average, "labels": range(len(p.classes or p.labels)), "zero_division": 0.0}


def columns(p):
    return zip(p.truth.T, p.probabilities.T, strict=True)


def averaged(function, p):
    if len(p.classes) == 2:
        return function(p.truth, p.probabilities[:, 1])
    return np.mean([function(p.truth == index, column) for index, column in enumerate(p.probabilities.T)])


def brier(p):
    one_hot = np.eye(len(p.classes))[p.truth]
    if len(p.classes) == 2:
        return sk.brier_score_loss(p.truth, p.probabilities[:, 1], labels=[0, 1], pos_label=1)
    return ((one_hot - p.probabilities) ** 2).sum(axis=1).mean()


def classes(seed):
    """Few or many rows and classes; ties, absent and never predicted classes, probabilities of 0 and 1."""
    random = np.random.default_rng(seed)
    number, rows = int(random.integers(2, 6)), int(random.choice([2, 5, 40, 300]))
    truth = random.integers(0, int(random.integers(1, number + 1)), rows)
    probabilities = random.dirichlet(np.ones(number), rows) + random.choice([0, 1]) * np.eye(number)[truth]
    if seed % 4 == 0:
        probabilities = np.eye(number)[random.integers(0, number, rows)]
    elif seed % 4 == 1:
        probabilities = np.round(probabilities, 1) + 1e-3
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return Predictions(truth, probabilities.argmax(axis=1), probabilities, tuple("abcdef"[:number]))


def labels(seed):
    random = np.random.default_rng(seed)
    rows, number = int(random.choice([2, 30, 200])), int(random.integers(2, 5))
    truth = (random.random((rows, number)) < random.choice([0.02, 0.4])).astype(int)
    probabilities = np.clip(np.round(0.3 * truth + 0.7 * random.random((rows, number)), 1 + seed % 3), 0, 1)
    return Predictions(truth, (probabilities > 0.5).astype(int), probabilities, (), tuple("abcd"[:number]))


def numbers(seed):
    random = np.random.default_rng(seed)
    rows, values = int(random.choice([2, 7, 300])), int(random.integers(1, 4))
    truth = random.normal(size=(rows, values)) * 10.0 ** random.integers(-3, 6) + random.choice([0, 1e4])
    error = random.normal(size=(rows, values)) * random.choice([0.0, 1.0, 1e3])
    if seed % 5 == 0:
        truth[:] = truth[0]
    return Predictions(truth, truth + error, None, ())


CASES = [("classes", name) for name in OF_CLASSES]
CASES += [("labels", name) for name in OF_LABELS] + [("numbers", name) for name in OF_NUMBERS]
DRAWN = {"classes": (classes, OF_CLASSES), "labels": (labels, OF_LABELS), "numbers": (numbers, OF_NUMBERS)}


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_score_is_scikit_learns_wherever_it_is_defined(kind, name):
    draw, functions = DRAWN[kind]
    metric, defined = MetricSpec.choose(name), 0
    for seed in SEEDS:
        predictions = draw(seed)
        if metric.undefined(predictions) is not None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = functions[name](predictions)
        assert metric.score(predictions) == pytest.approx(expected, rel=1e-12, abs=1e-12), seed
        defined += 1
    assert defined >= 4


@pytest.mark.long
@pytest.mark.parametrize(("kind", "name"), [*CASES, ("classes", "calibration_error"), ("classes", "top_k")])
def test_the_score_of_a_resample_is_that_of_the_rows_drawn(kind, name):
    draw, _ = DRAWN[kind]
    metric = MetricSpec.choose({"top_k_categorical_accuracy": 1} if name == "top_k" else name)
    compared = 0
    for seed in SEEDS:
        found = draw(seed)
        if metric.undefined(found) is not None:
            continue
        drawn = np.random.default_rng(seed).integers(0, len(found.truth), (3, len(found.truth)))
        weights = np.stack([np.bincount(rows, minlength=len(found.truth)) for rows in drawn], axis=1) * 1.0
        scores = metric.resampled(metric.statistic(found)(weights), found)
        assert scores.shape == (3,)
        for rows, score in zip(drawn, scores, strict=True):
            probabilities = None if found.probabilities is None else found.probabilities[rows]
            own = Predictions(found.truth[rows], found.predicted[rows], probabilities, found.classes, found.labels)
            if metric.undefined(own) is None:
                assert score == pytest.approx(metric.score(own), rel=1e-8, abs=1e-8), seed
                compared += 1
    assert compared >= 5


def test_every_metric_is_among_those_compared():
    compared = {*OF_CLASSES, *OF_LABELS, *OF_NUMBERS, "calibration_error", "top_k_categorical_accuracy"}
    # Of the second of two classes, else macro: tests/metrics/test_score.py has these.
    compared |= {"precision", "recall", "f1"}
    assert {MetricSpec.choose(name).type for name in MetricSpec.choices()} == compared
    assert all(member.tasks <= CLASSIFICATION | MULTILABEL | REGRESSION for member in MetricSpec.choices().values())


def test_the_calibration_error_by_hand():
    # Bins of 1/15: 0.95 and 0.97 are in the last one, 0.6 in (8/15, 9/15].
    sure = np.array([0.95, 0.97, 0.6, 0.6])
    probabilities = np.stack([1 - sure, sure], axis=1)
    found = Predictions(np.array([1, 0, 1, 1]), np.ones(4, int), probabilities, ("n", "y"))
    assert MetricSpec.choose("ece").score(found) == pytest.approx((abs(1 - 1.92) + abs(2 - 1.2)) / 4)


def test_areas_of_thousands_of_rows_are_resampled_on_a_grid_that_moves_them_by_less_than_a_thousandth():
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 9_000)
    second = 1 / (1 + np.exp(-random.normal(size=9_000) - truth))
    found = Predictions(truth, (second > 0.5).astype(int), np.stack([1 - second, second], 1), ("n", "y"))
    for name in ("roc_auc", "average_precision"):
        metric = MetricSpec.choose(name)
        assert of_all(metric, found) == pytest.approx(metric.score(found), abs=1e-3)


def test_quantiles_of_thousands_of_errors_are_counted_in_groups_that_move_them_by_less_than_a_thousandth():
    errors = np.random.default_rng(0).normal(size=(30_000, 1))
    found = Predictions(errors, np.zeros_like(errors), None, ())
    for name in ("median_absolute_error", "absolute_error_p90", "absolute_error_p99"):
        metric = MetricSpec.choose(name)
        assert of_all(metric, found) == pytest.approx(metric.score(found), rel=1e-3)


def of_all(metric, found):
    return metric.resampled(metric.statistic(found)(np.ones((len(found.truth), 1))), found)[0]
