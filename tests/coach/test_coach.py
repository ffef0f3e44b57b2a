"""What is chosen of all findings, and what the other checks compute."""

import math

import numpy as np
import pytest

from dltrain.coach.check import Check, all_checks
from dltrain.coach.coach import Advice, chosen, of_folds
from dltrain.coach.finding import Finding, read_findings
from dltrain.coach.never_predicted import forgotten
from dltrain.coach.shift import apart, chance, distance
from dltrain.coach.summaries import Summary
from dltrain.metrics.base import Predictions


def finding(name):
    return Finding(name, f"{name} it is", "trainer.epochs", "write more", {"epoch": 3})


def found(*names):
    checks = {check.name: check for check in all_checks()}
    return [(checks[name], finding(name)) for name in names]


def test_a_check_in_a_file_of_its_own_is_found_and_no_two_have_one_rank():
    checks = all_checks()
    assert [check.name for check in checks] == [
        "leak",
        "learning_rate_high",
        "dead_relu",
        "never_predicted",
        "shift",
        "underfitting",
        "learning_rate_low",
        "overfitting",
        "still_improving",
    ]
    assert len({check.rank for check in checks}) == len(Check.__subclasses__())
    assert {name for check in checks for name in check.explains} <= {check.name for check in checks}


def test_at_most_three_findings_are_said_those_that_matter_most_first():
    names = [finding.name for finding in chosen(found("overfitting", "shift", "leak", "never_predicted"))]
    assert names == ["leak", "never_predicted", "shift"]


def test_what_another_finding_explains_is_not_said():
    assert [finding.name for finding in chosen(found("underfitting", "still_improving"))] == ["still_improving"]


def test_the_log_says_each_finding_or_that_there_is_none():
    assert Advice(()).lines == ["coach: found nothing to change"]
    assert Advice((finding("shift"),), ("coach: no look",)).lines == [
        "coach: shift it is; write more",
        "coach: no look",
    ]


def test_what_most_folds_say_is_said_of_all():
    one, other = finding("overfitting"), finding("shift")
    (said,) = of_folds([(), (one, other), (one,), (one,)])
    assert said.text == "in 3 of 4 folds, as in fold 2: overfitting it is"
    assert said.evidence == {"epoch": 3, "folds": [2, 3, 4]}
    assert of_folds([(one,), ()]) == ()


def test_recorded_findings_are_read_and_what_is_none_is_passed_over():
    one = finding("shift")
    assert read_findings([one.plain(), {"name": "shift"}, 3, None]) == (one,)
    assert read_findings({"name": "shift"}) == read_findings(None) == ()


def test_a_class_is_forgotten_where_it_has_ten_rows_and_no_row_is_predicted_to_have_it():
    truth = np.repeat([0, 1, 2, 3], [30, 10, 9, 10])
    predicted = np.where(truth == 3, 3, 0)
    assert forgotten(Predictions(truth, predicted, None, ("a", "b", "c", "d"))) == {"b": 10}
    assert forgotten(Predictions(truth, truth, None, ("a", "b", "c", "d"))) == {}


def test_the_distance_of_two_samples_is_that_of_scipy():
    from scipy.stats import ks_2samp

    generator = np.random.default_rng(0)
    for rows in (7, 200):
        one, other = generator.normal(size=rows).round(1), generator.normal(0.5, size=150).round(1)
        assert distance(one, other) == pytest.approx(ks_2samp(one, other).statistic, abs=1e-12)


def test_the_chance_of_a_distance_is_the_first_term_of_kolmogorov():
    assert chance(0.5, 100, 100) == pytest.approx(2 * math.exp(-2 * 0.25 * 50))
    assert chance(0.0, 10, 10) == 1.0


def test_two_samples_of_one_kind_are_not_called_different():
    """Of 2,000 pairs of samples of every size; a false alarm has a chance of less than 1e-6 each."""
    generator = np.random.default_rng(1)
    for rows in (20, 100, 500, 2000):
        for _ in range(500):
            one, other = generator.normal(size=rows), generator.normal(size=rows // 2)
            assert apart(Summary(one, rows), Summary(other, rows / 2), 10) is None


def test_samples_that_differ_by_a_deviation_are_called_different_where_rows_are_independent():
    generator = np.random.default_rng(2)
    one, other = generator.normal(size=400), generator.normal(1.0, size=200)
    found = apart(Summary(one, 400), Summary(other, 200), 10)
    assert found is not None
    assert found.medians == (np.median(one), np.median(other))
    assert apart(Summary(one, 40), Summary(other, 20), 10) is None
