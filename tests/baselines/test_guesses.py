"""What each baseline learns from the training rows."""

import numpy as np
import pytest

from dltrain.assemble import Assembly
from dltrain.baselines import learned, linear
from dltrain.baselines.boosting import GradientBoosting
from dltrain.baselines.constant import Constant, Naive
from dltrain.baselines.linear import Linear
from dltrain.baselines.trial import NoBaseline, Trial
from dltrain.data.source import NAIVE
from dltrain.load import parse
from dltrain.metrics.base import Predictions
from dltrain.preparation import PreparedSplit
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature, Target

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.normal(size=(60, 3)).astype("float32")


def trial(values, target, *, loss="mean_squared_error", task="regression", weights=None, extras=None, rows=ROWS):
    """A trial on rows whose prepared form is the rows themselves."""
    settings = {"name": "t", "dataset": "iris", "model": "mlp", "task": task, "loss": loss, "metrics": []}
    feature = Feature(name="x", kind="numeric", dtype="float32", shape=(3,))
    specs = settle([feature], {"x": parse(settings | {"dataset": _plain()}).dataset.feature_specs["x"]})
    preprocessing = Preprocessing.adapt((feature,), specs, lambda name: iter([rows]))
    assembly = Assembly(parse(settings), target, preprocessing)
    train = PreparedSplit(rows[:-20], values[:-20])
    rest = PreparedSplit(rows[-20:], values[-20:], extras or {})
    return Trial(assembly, train, rest, weights)


def _plain():
    return {"name": "iris", "features": {"x": {"numeric": {"scaling": "none"}}}}


def of_classes(names="abc", loss="sparse_categorical_crossentropy", **settings):
    """The largest of three columns tells the class, or the first of them that of two."""
    index = ROWS.argmax(axis=1) if len(names) == 3 else (ROWS[:, 0] > 0).astype(int)
    task = "multiclass_classification" if len(names) == 3 else "binary_classification"
    return trial(np.array(list(names))[index], Target(name="y", classes=tuple(names)), loss=loss, task=task, **settings)


def test_the_majority_class_is_the_share_of_each_class_in_the_training_rows():
    found = of_classes()
    counts = np.bincount(ROWS[:40].argmax(axis=1))
    guess = Constant().guess(found)
    assert Constant().name(found) == "majority_class"
    assert guess.text == f"majority class '{'abc'[counts.argmax()]}'"
    assert guess.found.tolist() == [(counts / 40).tolist()] * 20
    assert found.outputs(guess.found).tolist() == guess.found.tolist()


@pytest.mark.parametrize(("loss", "outputs"), [("binary_crossentropy", lambda p: p), ("hinge", lambda p: 2 * p - 1)])
def test_one_output_for_two_classes_is_a_probability_or_a_margin(loss, outputs):
    found = of_classes("ab", loss)
    share = (ROWS[:40, 0] > 0).mean()
    assert found.outputs(Constant().guess(found).found).tolist() == [[outputs(share)]] * 20


def test_a_regression_has_the_mean_or_the_median_that_its_loss_asks_for():
    values = np.exp(ROWS[:, 0]).astype("float64")
    target = Target(name="y", offset=(2.0,), scale=(4.0,))
    mean, median = trial(values, target), trial(values, target, loss="mean_absolute_error")
    assert (Constant().name(mean), Constant().name(median)) == ("mean", "median")
    assert Constant().guess(mean).found[0] == values[:40].mean()
    assert Constant().guess(median).found[0] == np.median(values[:40])
    # As the network would put it out, in the unit that it learns.
    assert mean.outputs(np.array([[10.0]])).tolist() == [[2.0]]


def test_labels_are_predicted_that_more_than_half_of_the_rows_have():
    marks = (ROWS > [-1.0, 0.0, 1.0]).astype(int)
    target = Target(name="y", labels=("a", "b", "c"), shape=(3,))
    found = trial(marks, target, loss="binary_crossentropy", task="multilabel_classification")
    assert Constant().name(found) == "most_frequent_labels"
    assert Constant().guess(found).found[0] == pytest.approx(marks[:40].mean(axis=0))


def test_the_naive_forecast_repeats_the_last_values_and_is_there_for_forecasts_only():
    last = np.arange(40.0).reshape(20, 2)
    target = Target(name="y", shape=(3, 2))
    found = trial(np.zeros((60, 3, 2)), target, extras={NAIVE: last})
    assert Naive().applies(found)
    assert Naive().guess(found).found[1].tolist() == [2.0, 3.0] * 3
    assert not Naive().applies(trial(np.zeros((60, 3, 2)), target))


def test_a_logistic_regression_is_that_of_scikit_learn_with_the_weights_of_the_network():
    from sklearn.linear_model import LogisticRegression

    weights = np.linspace(0.1, 2, 40)
    found = of_classes(weights=weights)
    guess = Linear().guess(found)
    model = LogisticRegression(max_iter=200).fit(ROWS[:40], ROWS[:40].argmax(axis=1), weights)
    assert guess.text == "logistic regression on 40 rows"
    assert guess.found == pytest.approx(model.predict_proba(ROWS[40:]), abs=1e-4)
    assert (guess.found.argmax(axis=1) == ROWS[40:].argmax(axis=1)).mean() >= 0.8


def test_a_ridge_regression_finds_the_values_of_a_linear_target():
    values = (ROWS @ [[1.0, 0.0], [0.0, 100.0], [2.0, 5.0]] + 7).astype("float64")
    found = trial(values, Target(name="y", shape=(2,)))
    guess = Linear().guess(found)
    assert (Linear().name(found), guess.text) == ("ridge_regression", "ridge regression on 40 rows")
    assert guess.found == pytest.approx(values[40:], rel=1e-2, abs=0.1)


def test_each_label_has_a_model_and_one_that_every_row_has_is_certain():
    marks = (ROWS > [-9.0, 0.0, 0.0]).astype(int)
    target = Target(name="y", labels=("a", "b", "c"), shape=(3,))
    guess = Linear().guess(trial(marks, target, loss="binary_crossentropy", task="multilabel_classification"))
    assert guess.found[:, 0].tolist() == [1.0] * 20
    assert ((guess.found > 0.5) == marks[40:]).mean() >= 0.9


def test_rows_are_sampled_where_all_would_be_too_much_work_and_always_the_same_ones(monkeypatch):
    monkeypatch.setattr(linear, "BUDGET", 3 * 3 * 50 * 39)
    monkeypatch.setattr(learned, "_LEAST_ROWS", 10)
    first, second = (Linear().guess(of_classes()) for _ in range(2))
    assert first.text == "logistic regression on 39 of 40 rows"
    assert (first.found == second.found).all()
    ids = of_classes().sample(39)
    assert len(set(ids.tolist())) == 39
    assert (np.diff(ids) > 0).all()


def test_too_much_work_is_no_baseline(monkeypatch):
    monkeypatch.setattr(linear, "BUDGET", 100)
    with pytest.raises(NoBaseline) as caught:
        Linear().guess(of_classes())
    assert str(caught.value) == "3 columns and 3 outputs are too much work"


def test_a_class_that_no_sampled_row_has_gets_the_probability_0():
    index = ROWS.argmax(axis=1)
    values = np.array(list("abc"))[np.where(index == 2, 0, index)]
    target = Target(name="y", classes=("a", "b", "c"))
    settings = {"loss": "sparse_categorical_crossentropy", "task": "multiclass_classification"}
    for baseline in (Linear(), GradientBoosting()):
        assert baseline.guess(trial(values, target, **settings)).found[:, 2].tolist() == [0.0] * 20
        only = baseline.guess(trial(np.array(["b"] * 60), target, **settings))
        assert only.found.tolist() == [[0.0, 1.0, 0.0]] * 20


def test_gradient_boosting_learns_what_no_linear_model_can():
    rows = np.random.default_rng(1).normal(size=(420, 3)).astype("float32")
    values = np.array(["a", "b"])[(np.abs(rows[:, 0]) > 0.7).astype(int)]
    target = Target(name="y", classes=("a", "b"))
    found = trial(values, target, loss="binary_crossentropy", task="binary_classification", rows=rows)
    right = [one.guess(found).found.argmax(axis=1) == (values[-20:] == "b") for one in (GradientBoosting(), Linear())]
    assert right[0].mean() >= 0.95
    assert right[1].mean() <= 0.7


def test_outputs_are_found_again_from_predictions():
    found = of_classes("ab", "hinge")
    predictions = Predictions(np.zeros(2, int), np.zeros(2, int), np.array([-0.5, 0.25]), ("a", "b"))
    assert found.outputs_of(predictions).tolist() == [[-0.5], [0.25]]
    values = trial(ROWS[:, 0], Target(name="y", offset=(1.0,), scale=(2.0,)))
    own = np.array([[3.0]])
    assert values.outputs_of(Predictions(own, own, None, ())).tolist() == [[1.0]]
