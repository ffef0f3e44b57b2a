"""The final scores."""

from dataclasses import replace

import numpy as np
import pytest

from dltrain.assemble import Assembly
from dltrain.evaluation.scores import Scorer, metrics_to_report
from dltrain.load import parse
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.runtime.settings import RuntimeSpec
from dltrain.runtime.start import start
from dltrain.signature import Feature, Target
from dltrain.splits.base import SplitsSpec

pytestmark = pytest.mark.keras


def assembly(model, metrics, classes=("a", "b", "c"), loss="sparse_categorical_crossentropy"):
    values = {
        "name": "test",
        "dataset": "iris",
        "model": model,
        "task": "multiclass_classification" if len(classes) > 2 else "binary_classification",
        "loss": loss,
        "metrics": metrics,
    }
    start(RuntimeSpec(), seed=0)
    feature = Feature(name="x", kind="numeric", dtype="float32", shape=(4,))
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    preprocessing = Preprocessing.adapt((feature,), settle([feature], {}), lambda name: iter([rows]))
    return Assembly(parse(values), Target(name="y", classes=classes), preprocessing), preprocessing.prepare({"x": rows})


def test_the_configs_metrics_come_first_and_the_tasks_usual_ones_follow_once():
    built, _ = assembly("mlp", ["f1_weighted", {"top_k_categorical_accuracy": 2}])
    names = [metric.name for metric in metrics_to_report(built)]
    usual = ["accuracy", "precision_macro", "recall_macro", "f1_macro", "roc_auc"]
    details = ["balanced_accuracy", "matthews_corrcoef", "cohen_kappa", "average_precision", "log_loss", "brier_score"]
    assert names == ["f1_weighted", "top_k_categorical_accuracy", *usual, *details, "calibration_error"]
    assert metrics_to_report(built)[1].k == 2


def test_the_loss_is_the_mean_over_all_rows_without_penalties():
    model = {"mlp": {"units": [8], "kernel_regularizer": {"l2": 1.0}}}
    built, rows = assembly(model, ["accuracy"])
    truth = np.array(["a", "b", "c", "a", "b"] * 10)
    scorer = Scorer(built)
    outputs = scorer.predict(rows)
    own = outputs.astype("float64")[np.arange(50), np.array([0, 1, 2, 0, 1] * 10)]
    assert scorer.measure(outputs, truth).scores["loss"] == pytest.approx(-np.log(own).mean(), rel=1e-5)


def test_a_score_that_a_missing_class_leaves_undefined_is_none_and_not_zero():
    built, rows = assembly("mlp", ["accuracy"])
    scorer = Scorer(built)
    scores = scorer.measure(scorer.outputs(rows), np.array(["a", "b"] * 25)).scores
    assert scores["roc_auc"] is None
    assert np.array(scores["confusion_matrix"]).shape == (3, 3)
    assert sum(map(sum, scores["confusion_matrix"])) == scores["rows"] == 50


def test_what_is_known_of_the_scores_of_a_split():
    built, rows = assembly("mlp", ["accuracy", "log_loss"])
    scorer, truth = Scorer(built), np.array(["a", "b"] * 25)
    found = scorer.measure(scorer.outputs(rows), truth, intervals=True)
    assert found.undefined["f1_macro"] == found.undefined["roc_auc"] == "no row is of 'c'"
    assert found.scores["f1_macro"] is None
    assert not set(found.undefined) & set(found.intervals)
    # The loss is a mean over rows like any other, here the same as the log loss.
    assert found.intervals["loss"] == pytest.approx(found.intervals["log_loss"], rel=1e-4)
    assert found.intervals["loss"][0] < found.scores["loss"] < found.intervals["loss"][1]
    assert found.classes["c"]["support"] == 0
    assert found.classes["c"]["recall"] is None
    assert "log_loss" in found.shown
    assert "brier_score" not in found.shown
    assert scorer.measure(scorer.outputs(rows), truth).intervals == {}


def test_rows_of_one_group_make_wider_intervals_and_a_single_group_those_of_its_rows():
    built, rows = assembly("mlp", ["accuracy"])
    grouped = replace(built, experiment=built.experiment.completed(splits=SplitsSpec.choose({"group": "patient"})))
    scorer, truth = Scorer(grouped), np.array(["a", "b"] * 25)
    outputs = scorer.outputs(np.repeat(rows[::5], 5, axis=0))

    def found(extras):
        return scorer.measure(outputs, np.repeat(truth[::5], 5), extras, intervals=True)

    patients = np.repeat([f"p{number}" for number in range(10)], 5).astype(object)
    apart, together, single = found({}), found({"patient": patients}), found({"patient": np.zeros(50)})
    assert together.predictions.groups.tolist() == np.repeat(range(10), 5).tolist()
    for name in ("accuracy", "log_loss"):
        assert together.scores[name] == apart.scores[name]
        widths = [high - low for low, high in (one.intervals[name] for one in (apart, together))]
        assert widths[1] > 1.5 * widths[0]
    assert single.intervals == apart.intervals


def test_a_loss_that_leaves_rows_out_has_no_interval():
    built, rows = assembly("mlp", ["accuracy"], loss={"sparse_categorical_crossentropy": {"ignore_class": 2}})
    scorer = Scorer(built)
    found = scorer.measure(scorer.outputs(rows), np.array(["a", "b", "c", "c", "c"] * 10), intervals=True)
    assert "loss" not in found.intervals
    assert "accuracy" in found.intervals


def test_predictions_do_not_depend_on_what_was_predicted_before():
    built, rows = assembly("mlp", ["accuracy"])
    scorer = Scorer(built)
    first = scorer.predict(rows)
    scorer.predict(rows[:7])
    np.testing.assert_array_equal(scorer.predict(rows), first)


def test_a_target_that_training_never_saw_is_refused():
    built, rows = assembly("mlp", ["accuracy"])
    scorer = Scorer(built)
    outputs = scorer.outputs(rows)
    with pytest.raises(ValueError, match=r"^'z' is not a class of this model; it knows a, b or c$"):
        scorer.measure(outputs, np.array(["z"] * 50))
