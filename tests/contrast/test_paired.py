"""Two runs tested on the rows that both were tested on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from dltrain.contrast.answers import Answers, UnpairedError, _joined, pair
from dltrain.contrast.paired import McNemar, mid_p, paired_test
from dltrain.evaluation.stored import arrays_of, read_stored
from dltrain.metrics.base import MetricSpec, Predictions
from dltrain.runs.directory import RunDirectory
from dltrain.signature import Head, Target

CLASSES = ("no", "yes")


def answers(rows, truth, predicted, *, name="a", classes=CLASSES, metrics=("accuracy",)):
    rows, truth, predicted = (np.asarray(values) for values in (rows, truth, predicted))
    outputs = np.stack([1 - 0.8 * predicted, 0.8 * predicted], axis=1)
    found = Predictions(truth, predicted, outputs, classes)
    chosen = tuple(MetricSpec.choose(metric) for metric in metrics)
    return Answers(RunDirectory(Path(name)), "f00d", "classification", rows, found, chosen)


def values(truth, predicted, *, name="a", metric="root_mean_squared_error"):
    columns = [np.asarray(column, "float64")[:, None] for column in (truth, predicted)]
    found = Predictions(*columns, None, ())
    run = RunDirectory(Path(name))
    return Answers(run, "f00d", "regression", np.arange(len(truth)), found, (MetricSpec.choose(metric),))


@pytest.mark.parametrize(("first", "second"), [(0, 3), (2, 14), (14, 2), (40, 25), (400, 500)])
def test_mid_p_is_the_exact_p_less_the_probability_of_what_was_seen(first, second):
    number, fewer = first + second, min(first, second)
    exact = 2 * binom.cdf(fewer, number, 0.5)
    assert mid_p(first, second) == pytest.approx(exact - binom.pmf(fewer, number, 0.5), rel=1e-9)


def test_mid_p_of_as_many_rows_of_each():
    assert mid_p(0, 0) == 1.0
    assert mid_p(2, 2) == pytest.approx(1 - 6 / 16 / 2)


def test_rows_that_only_one_was_tested_on_do_not_count():
    first = answers([1, 3, 5, 7], [0, 1, 1, 0], [0, 1, 0, 1])
    second = answers([3, 5, 7, 9], [1, 1, 0, 1], [1, 1, 0, 1], name="b")
    test = paired_test(first, second)
    assert (test.rows, test.of, test.mcnemar) == (3, (4, 4), McNemar(0, 2, mid_p(0, 2)))
    assert test.gaps["accuracy"].by == pytest.approx(1 - 1 / 3)


def test_classes_in_another_order_are_the_same_classes():
    first = answers([0, 1, 2], [0, 1, 1], [0, 0, 1])
    second = answers([0, 1, 2], [1, 0, 0], [1, 1, 0], classes=("yes", "no"), name="b")
    again = pair(first, second)[1].predictions
    assert again.classes == CLASSES
    assert (again.truth.tolist(), again.predicted.tolist()) == ([0, 1, 1], [0, 0, 1])
    np.testing.assert_allclose(again.probabilities, [[0.8, 0.2], [0.8, 0.2], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"fingerprint": "beef"}, "they were trained on different data, so no test rows are known to be the same"),
        ({"task": "regression"}, "one predicts by classification, the other by regression"),
        ({"rows": np.array([5, 6, 7])}, "none of the test rows of one is a test row of the other"),
    ],
)
def test_without_rows_in_common_there_is_no_test(change, text):
    first = answers([0, 1, 2], [0, 1, 1], [0, 0, 1])
    with pytest.raises(UnpairedError) as caught:
        paired_test(first, replace(first, **change))
    assert str(caught.value) == text


def test_rows_whose_truth_differs_are_not_the_same_rows():
    with pytest.raises(UnpairedError, match=r"^what is recorded as true of the same test rows differs$"):
        pair(answers([0, 1], [0, 1], [0, 1]), answers([0, 1], [1, 1], [0, 1]))


def test_other_classes_are_another_target():
    with pytest.raises(UnpairedError, match=r"^they predict different targets$"):
        pair(answers([0, 1], [0, 1], [0, 1]), answers([0, 1], [0, 1], [0, 1], classes=("no", "maybe")))


def test_a_smaller_error_is_better_and_an_equal_one_is_open():
    rng = np.random.default_rng(0)
    truth, noise = rng.normal(size=200), rng.normal(size=200)
    near, far = values(truth, truth + noise), values(truth, truth + 2 * noise, name="b")
    gap = paired_test(near, far).gaps["root_mean_squared_error"]
    assert gap.by == pytest.approx(np.sqrt((noise**2).mean()))
    assert gap.interval[0] > 0
    assert (gap.better, paired_test(far, near).gaps["root_mean_squared_error"].better) == (False, True)
    same = paired_test(near, near).gaps["root_mean_squared_error"]
    assert (same.by, same.interval, same.better) == (0.0, None, None)


def test_the_same_runs_give_the_same_interval_and_pairing_makes_it_narrow():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=100)
    first = truth + rng.normal(size=100)
    runs = [values(truth, first, name="a"), values(truth, first + 0.01, name="b")]
    tests = [paired_test(*runs).gaps["root_mean_squared_error"] for _ in range(2)]
    assert tests[0] == tests[1]
    low, high = tests[0].interval
    assert high - low < 0.01


def test_predictions_that_are_no_numbers_have_no_difference():
    broken = values([1.0, 2.0, 3.0], [1.0, np.nan, 3.0], name="b")
    assert paired_test(values([1.0, 2.0, 3.0], [1.0, 2.5, 3.0]), broken).gaps == {}


def test_rows_of_one_group_are_drawn_together_and_mcnemars_test_is_not_for_them():
    random = np.random.default_rng(0)
    truth = np.repeat(random.integers(0, 2, 50), 10)
    # All rows of a group are right or wrong together, of the second run of more groups.
    right = [np.repeat(random.random(50) < share, 10) for share in (0.6, 0.75)]
    pair = [answers(np.arange(500), truth, np.where(hits, truth, 1 - truth), name=name)
            for hits, name in zip(right, "ab", strict=True)]  # fmt: skip
    alone = paired_test(*pair)
    grouped = [replace(one, predictions=replace(one.predictions, groups=np.arange(500) // 10)) for one in pair]
    for first, second in ((grouped[0], pair[1]), (pair[0], grouped[1]), grouped):
        together = paired_test(first, second)
        assert together.gaps["accuracy"].by == alone.gaps["accuracy"].by
        widths = [test.gaps["accuracy"].interval[1] - test.gaps["accuracy"].interval[0] for test in (alone, together)]
        assert widths[1] / widths[0] == pytest.approx(10**0.5, rel=0.2)
        assert together.mcnemar is None
    assert alone.mcnemar is not None


def test_groups_of_several_folds_are_different_groups():
    folds = [answers([2, 5, 9], [0, 1, 1], [0, 1, 0]), answers([1, 3], [0, 1], [0, 1])]
    grouped = [
        replace(fold, predictions=replace(fold.predictions, groups=np.array(groups)))
        for fold, groups in zip(folds, ([0, 1, 0], [1, 0]), strict=True)
    ]
    joined = _joined(grouped)
    assert joined.rows.tolist() == [1, 2, 3, 5, 9]
    assert joined.predictions.groups.tolist() == [3, 0, 2, 1, 0]
    assert _joined([grouped[0], folds[1]]).predictions.groups is None


TWO = Target(name="y", classes=CLASSES)
SIGMOID, TANH = Head(units=1, activation="sigmoid"), Head(units=1, activation="tanh", threshold=0.0)


def test_predictions_come_back_from_their_arrays():
    outputs = np.array([[0.75, 0.25], [0.5, 0.5]])
    kept = arrays_of(Predictions(np.array([0, 1]), np.array([0, 0]), outputs, CLASSES), np.array([3, 9], "int32"))
    assert {name: (array.dtype.name, array.shape) for name, array in kept.items()} == {
        "row": ("int64", (2,)), "truth": ("int64", (2,)), "predicted": ("int64", (2,)), "outputs": ("float32", (2, 1)),
    }  # fmt: skip
    rows, found = read_stored(kept, TWO, SIGMOID)
    assert (rows.tolist(), found.truth.tolist(), found.predicted.tolist()) == ([3, 9], [0, 1], [0, 0])
    np.testing.assert_array_equal(found.probabilities, outputs)


def test_margins_come_back_as_margins():
    kept = arrays_of(Predictions(np.array([0, 1]), np.array([0, 1]), np.array([-0.5, 0.25]), CLASSES), np.arange(2))
    assert read_stored(kept, TWO, TANH)[1].probabilities.tolist() == [-0.5, 0.25]


def test_groups_come_back_from_their_arrays():
    found = Predictions(np.array([0, 1]), np.array([0, 1]), None, CLASSES, groups=np.array([4, 4]))
    kept = arrays_of(found, np.arange(2))
    assert kept["group"].tolist() == [4, 4]
    assert read_stored(kept, TWO, TANH)[1].groups.tolist() == [4, 4]
    with pytest.raises(ValueError, match="it has no array 'group' of shape"):
        read_stored({**kept, "group": np.zeros(3, "int64")}, TWO, TANH)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"row": np.array([9, 3])}, "its row ids are not in order"),
        ({"row": np.array([-1, 3])}, "its row ids are not in order"),
        ({"row": np.zeros(0, "int64")}, "its row ids are not in order"),
        ({"truth": np.array([0, 2])}, "it holds classes that are not there"),
        ({"predicted": np.array([0.0, 1.0])}, "it holds classes that are not there"),
        ({"predicted": np.array([0])}, "it has no array 'predicted' of shape (2,)"),
        ({"outputs": np.array([[np.nan], [0]], "float32")}, "its outputs hold what is no number"),
        ({"outputs": np.zeros((2, 2), "float32")}, "it has no array 'outputs' of shape (2, 1)"),
    ],
)
def test_arrays_that_are_no_predictions_are_refused(change, text):
    good = {"row": np.array([3, 9]), "truth": np.array([0, 1]), "predicted": np.array([0, 1])}
    with pytest.raises(ValueError, match=r"^") as caught:
        read_stored({**good, "outputs": np.zeros((2, 1), "float32"), **change}, TWO, SIGMOID)
    assert str(caught.value) == text
