"""Whether a network beats the best baseline by more than chance."""

from types import SimpleNamespace

import numpy as np
import pytest

from dltrain.baselines.folds import standing_of_folds
from dltrain.baselines.verdict import Compared, of_folds

ACCURACY, LOSS = Compared("accuracy", "test", "max"), Compared("loss", "test", "min")
LINEAR = ("logistic_regression", "logistic regression on 90 rows", 0.852)


@pytest.mark.parametrize(
    ("network", "interval", "beaten", "text"),
    [
        (0.8582, (0.0031, 0.0094), True, "test accuracy 0.8582 beats {} (0.8520) by 0.0062 [0.0031, 0.0094]"),
        (0.86, (-0.003, 0.009), False, "test accuracy 0.8600 is no better than {} (0.8520): 0.0080 [-0.0030, 0.0090]"),
        (0.8, (-0.06, -0.04), False, "test accuracy 0.8000 is worse than {} (0.8520) by 0.0520 [0.0400, 0.0600]"),
        (0.852, (0.0, 0.0), False, "test accuracy 0.8520 is no better than {} (0.8520): 0.0000 [0.0000, 0.0000]"),
    ],
)  # fmt: skip
def test_the_interval_of_the_difference_decides(network, interval, beaten, text):
    found = ACCURACY.said(network, LINEAR, interval)
    assert (found.beaten, found.text) == (beaten, text.format("logistic regression on 90 rows"))
    assert (found.baseline, found.interval) == ("logistic_regression", interval)
    assert found.plain()["interval"] == list(interval)


def test_a_small_score_is_better_where_it_is_an_error():
    found = LOSS.said(0.1, ("mean", "mean", 0.3), (-0.25, -0.15))
    assert (found.beaten, found.difference, found.interval) == (True, pytest.approx(0.2), (0.15, 0.25))
    assert found.text == "test loss 0.1000 beats mean (0.3000) by 0.2000 [0.1500, 0.2500]"
    assert LOSS.best({"mean": 0.3, "linear": 0.2, "broken": None}) == "linear"
    assert ACCURACY.best({"mean": 0.3, "linear": 0.2}) == "mean"
    assert ACCURACY.best({"broken": None}) is None


def test_without_an_interval_nothing_is_beaten():
    found = ACCURACY.said(1.0, LINEAR, (float("nan"), float("nan")))
    assert (found.beaten, found.interval) == (None, None)
    assert found.text == "test accuracy 1.0000 is no better than logistic regression on 90 rows (0.8520): 0.1480"


def test_the_interval_over_folds_knows_that_folds_share_training_rows():
    found = of_folds(ACCURACY, [0.9, 0.8, 0.85], ("mean", "mean", [0.6, 0.6, 0.6]), 0.5)
    # Student's quantile of 2, the deviation 0.05, and 1 / 3 + 1 / 2
    reach = 4.302652729911275 * 0.05 * np.sqrt(1 / 3 + 0.5)
    assert found.difference == pytest.approx(0.25)
    assert found.interval == pytest.approx((0.25 - reach, 0.25 + reach))
    assert found.text == "test accuracy 0.8500 beats mean over 3 folds (0.6000) by 0.2500 [0.0536, 0.4464]"


def fold(accuracy, baselines, rows=30):
    scores = {"train": {"rows": 60}, "test": {"rows": rows, "accuracy": accuracy}}
    found = {name: {"text": name, "scores": {"accuracy": score}} for name, score in baselines.items()}
    return SimpleNamespace(scores=scores, baselines=found, verdict={"metric": "accuracy", "split": "test"})


def test_baselines_of_folds_are_averaged_where_every_fold_has_them():
    experiment = SimpleNamespace(mode=lambda name: "max")
    folds = [fold(0.9, {"majority_class": 0.5, "linear": 0.7}), fold(0.8, {"majority_class": 0.4})]
    found = standing_of_folds(experiment, folds)
    assert found.baselines == {"majority_class": {"text": "majority class", "scores": {"accuracy": 0.45}}}
    assert found.verdict.baseline == "majority_class"
    assert found.verdict.difference == pytest.approx(0.4)


def test_a_score_that_one_fold_lacks_gives_no_verdict():
    experiment = SimpleNamespace(mode=lambda name: "max")
    found = standing_of_folds(experiment, [fold(0.9, {"m": 0.5}), fold(None, {"m": 0.4})])
    assert found.verdict.beaten is None
    assert found.verdict.text == "no verdict, since accuracy is not defined for the test rows of every fold"
    assert standing_of_folds(experiment, [SimpleNamespace(verdict=None)]).plain() == {"baselines": {}, "verdict": None}
