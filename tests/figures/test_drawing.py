"""Which pictures are drawn of a run, and what their texts say."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dltrain.evidence.record import Evidence, Mistake, write_evidence
from dltrain.figures import draw, save
from dltrain.figures.balance import class_balance
from dltrain.figures.calibration import calibration
from dltrain.figures.confusion import confusion_matrix
from dltrain.figures.curves import learning_curves
from dltrain.figures.diagram import _drawn, model_diagram
from dltrain.figures.forecast import error_per_step, forecasts
from dltrain.figures.kernels import first_layer
from dltrain.figures.known import Known
from dltrain.figures.mistakes import mistakes
from dltrain.figures.ranking import precision_recall, roc
from dltrain.figures.residuals import predicted_against_true, residuals
from dltrain.figures.training_batch import training_batch
from dltrain.runs.directory import RunDirectory
from tests.figures.made import HISTORY, classes, make, numbers, svg_of, told

THREE = {"classes": ["cod", "eel", "ray"]}
TWO = {"classes": ["no", "yes"]}
OF_CLASSES = ["learning-curves", "confusion-matrix", "roc", "precision-recall", "calibration"]
BALANCE = {
    "status": "completed",
    "monitor": "val_accuracy",
    "best_epoch": 2,
    "classes": {"rows": {"no": 1200, "yes": 30}},
}


def three(folder, **more):
    outputs = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    return make(folder, "multiclass_classification", classes([0, 0, 1, 1, 2], outputs), target=THREE, **more)


def test_a_classification_has_curves_matrix_and_model(tmp_path):
    assert [figure.name for figure in draw(three(tmp_path))] == [*OF_CLASSES, "model-diagram"]


def test_a_regression_has_errors_in_place_of_classes(tmp_path):
    run = make(tmp_path, "regression", numbers([1, 2, 3, 4], [1, 2, 4, 4]))
    names = [figure.name for figure in draw(run)]
    assert names == ["learning-curves", "predicted-against-true", "residuals", "model-diagram"]
    assert told(predicted_against_true, run) == "Predicted against true y of 4 test rows: R2 is 0.8000."
    assert told(residuals, run) == (
        "Histogram of errors, predicted minus true, of 4 test rows: for y the median is 0, "
        "and nine in ten are from 0 to 0.85."
    )


def test_several_numbers_have_a_panel_each(tmp_path):
    target = {"columns": ["p", "q"], "shape": [2]}
    run = make(tmp_path, "regression", numbers([[0, 0], [2, 4]], [[0, 1], [2, 3]]), target=target)
    text = told(predicted_against_true, run)
    assert text == "Predicted against true p, q of 2 test rows: R2 is 1.0000 for p, R2 is 0.7500 for q."


def test_forecasts_are_drawn_over_their_steps(tmp_path):
    truth, predicted = np.zeros((3, 2)), np.array([[1, 2], [1, 2], [1, 2]])
    window = ", window: {past: 4, horizon: 2}"
    target = {"shape": [2], "columns": ["y+1", "y+2"]}
    run = make(tmp_path, "regression", numbers(truth, predicted), target=target, window=window)
    assert [figure.name for figure in draw(run)] == ["learning-curves", "forecasts", "error-per-step", "model-diagram"]
    assert told(forecasts, run) == (
        "Forecasts of y over 2 steps against what came, for 3 of 3 test rows: "
        "the mean absolute error is 1.5 for these, and 1.5 for all."
    )
    assert told(error_per_step, run) == (
        "Root mean squared error of forecasts of 3 test rows: from 1 at step 1 to 2 at step 2 for y."
    )


def test_learning_curves_tell_the_epoch_that_is_kept(tmp_path):
    run = three(tmp_path)
    assert told(learning_curves, run) == (
        "Learning curves over 3 epochs; the weights of epoch 2 are kept. There, loss is 1 in training and 1.5 in "
        "validation; accuracy is 0.5 in training and 0.75 in validation."
    )
    assert "kept: epoch 2" in svg_of(learning_curves, run)


def test_a_run_that_was_interrupted_has_its_curves(tmp_path):
    run = make(tmp_path, "regression", manifest={"status": "interrupted"}, history=HISTORY)
    assert [figure.name for figure in draw(run)] == ["learning-curves", "model-diagram"]
    assert told(learning_curves, run).startswith("Learning curves over 3 epochs. There, loss is 0.5 in")


def test_losses_that_are_not_finite_leave_gaps(tmp_path):
    run = make(tmp_path, "regression", history="epoch,loss\n1,nan\n2,inf\n3,1e308\n")
    assert "<path" in svg_of(learning_curves, run)


def test_the_confusion_matrix_names_the_most_frequent_mistake(tmp_path):
    run = three(tmp_path)
    assert told(confusion_matrix, run) == (
        "Confusion matrix of 5 test rows: 4 (80.0%) are right. The most frequent mistake is cod for eel, in 1 row of 2."
    )
    assert "50.0%" in svg_of(confusion_matrix, run)


@pytest.mark.parametrize(("count", "numbered", "named"), [(12, True, True), (30, False, True), (31, False, False)])
def test_many_classes_have_fewer_words(tmp_path, count, numbered, named):
    names = [f"kind{index}" for index in range(count)]
    truth = np.arange(count).repeat(7)
    run = make(tmp_path, "multiclass_classification", classes(truth, np.eye(count)[truth]), target={"classes": names})
    svg = svg_of(confusion_matrix, run)
    assert (">7</text>" in svg, "kind0" in svg) == (numbered, named)


def test_areas_are_those_of_scikit_learn(tmp_path):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    scores = np.round(np.clip(truth * 0.2 + rng.random(400) * 0.8, 0, 1), 2).astype("float32")
    run = make(tmp_path, "binary_classification", classes(truth, scores[:, None]), target=TWO)
    area, precision = roc_auc_score(truth, scores), average_precision_score(truth, scores)
    assert told(roc, run) == f"ROC curve of yes for 400 test rows: the area under it is {area:.4f}."
    text = f"Precision-recall curve of yes for 400 test rows: the average precision is {precision:.4f}."
    assert told(precision_recall, run) == text


def test_a_class_that_no_row_has_has_no_curve(tmp_path):
    outputs = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]])
    run = make(tmp_path, "multiclass_classification", classes([0, 1, 1], outputs), target=THREE)
    assert told(roc, run) == (
        "ROC curves of 2 classes, each against the others, for 3 test rows: the area under it is 1.0000 on average, "
        "from 1.0000 for cod to 1.0000 for cod."
    )


def test_calibration_is_the_mean_gap_of_ten_bins(tmp_path):
    run = make(tmp_path, "binary_classification", classes([0, 1, 1, 1], [[0.25], [0.25], [0.75], [0.75]]), target=TWO)
    assert told(calibration, run) == (
        "Reliability diagram of 4 test rows in 10 bins: on average 50.0% are claimed and 75.0% are so; "
        "the mean gap between claim and truth is 0.2500."
    )


def test_margins_have_no_calibration(tmp_path):
    arrays = classes([0, 1, 1], [[-2.0], [3.0], [0.5]], predicted=[0, 1, 1])
    run = make(tmp_path, "binary_classification", arrays, target=TWO)
    run.experiment.write_text(run.experiment.read_text().replace("binary_crossentropy", "hinge"))
    assert told(roc, run) == "ROC curve of yes for 3 test rows: the area under it is 1.0000."
    assert told(calibration, run) is None


def test_labels_have_curves_and_no_matrix(tmp_path):
    arrays = {
        "truth": np.array([[1, 0], [0, 1], [1, 1]], "uint8"),
        "predicted": np.array([[1, 0], [0, 1], [1, 0]], "uint8"),
        "outputs": np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.4]], "float32"),
    }
    run = make(tmp_path, "multilabel_classification", arrays, target={"labels": ["p", "q"]})
    names = [figure.name for figure in draw(run)]
    assert names == ["learning-curves", "roc", "precision-recall", "calibration", "model-diagram"]


def test_class_balance_is_of_the_training_rows(tmp_path):
    run = make(tmp_path, "binary_classification", target=TWO, manifest=BALANCE)
    assert told(class_balance, run) == "Training rows of 2 classes: from 30 of yes to 1,200 of no."


def test_the_model_is_drawn_layer_by_layer(tmp_path):
    run = three(tmp_path)
    assert told(model_diagram, run) == "A model of 2 layers with 21 parameters, from rows of shape (2,) to (3,)."
    svg = svg_of(model_diagram, run)
    assert [text in svg for text in ("dense", "output (dense)", "(3,)", ">12</text>")] == [True] * 4


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("dense_2", "dense", "dense_2"),
        ("output", "dense", "output (dense)"),
        ("augment-1-random_translation", "random_translation", "augment-1-random_translation"),
        ("the_one_that_looks_at_whole_sentences", "bidirectional", "the_one_that_looks_… (bidirectional)"),
        ("input", "", "input"),
    ],
)
def test_a_layers_label_leaves_room_for_its_shape(name, kind, label):
    drawing = _drawn([(name, kind, "(32, 32, 3)", "")])
    drawing.draw_without_rendering()
    left, shape = (text for text in drawing.axes[0].texts if text.get_text() in (label, "(32, 32, 3)"))
    assert left.get_window_extent().x1 < shape.get_window_extent().x0


def test_mistakes_are_shown_as_rows_texts_and_images(tmp_path):
    run = three(tmp_path)
    values = {"age": "20", "home town": "Ulm"}
    write_evidence(run, Evidence("test", [Mistake(3, "eel", "cod", 0.6, values=values)], mistaken=1))
    assert told(mistakes, run) == (
        "Wrong test rows, 1 of 1, those first of which the model is surest: row 3 is eel, and is called cod (60.0%)."
    )
    assert "age:\u00a020, home\u00a0town:\u00a0Ulm" in svg_of(mistakes, run)
    write_evidence(run, Evidence("test", [Mistake(3, "eel", "cod", 0.6, text="a fishy review")], mistaken=1))
    assert "a fishy review" in svg_of(mistakes, run)
    images = np.zeros((1, 8, 8, 3), "uint8")
    write_evidence(run, Evidence("test", [Mistake(3, "eel", "cod", 0.6)], mistaken=1, images=images))
    svg = svg_of(mistakes, run)
    assert svg.count("<image") == 1
    assert "true: eel" in svg


def test_errors_of_numbers_are_called_errors(tmp_path):
    run = make(tmp_path, "regression", numbers([1, 2], [1, 5]))
    write_evidence(run, Evidence("test", [Mistake(7, "2", "5", values={"a": "1"})]))
    assert mistakes(Known(run)).title == "Largest errors"
    assert told(mistakes, run) == (
        "The test rows with the largest errors. The largest is that of row 7: 5 is predicted, and 2 is true."
    )


def test_first_layer_and_batch_are_drawn_from_the_evidence(tmp_path):
    run = three(tmp_path)
    kernels = np.linspace(-0.5, 0.25, 54, dtype="float32").reshape(2, 3, 3, 3)
    batch = np.zeros((3, 4, 4, 1), "uint8")
    evidence = Evidence(
        batch=batch, labels=["cod"] * 3, augmented=["random_flip"], kernels=kernels, layer="conv2d", units=40
    )
    write_evidence(run, evidence)
    assert told(first_layer, run) == (
        "Weights of the layer conv2d as pictures of 3 x 3 for 2 of 40 filters, means over 3 channels: red is positive, "
        "blue is negative, and the largest in size is 0.486."
    )
    assert told(training_batch, run) == "3 images of 4 x 4 from the first training batch, after random flip."


@pytest.mark.long
def test_two_drawings_are_the_same_to_the_last_byte(tmp_path):
    run = three(tmp_path)
    assert draw(run, png=True) == draw(run, png=True)


def test_a_folder_without_a_record_has_no_pictures(tmp_path):
    assert draw(RunDirectory(tmp_path)) == []


def test_damaged_parts_are_left_out(tmp_path):
    run = three(tmp_path)
    run.predictions("test").write_bytes(b"nonsense")
    run.manifest.write_text("[")
    (run.path / "evidence.json").write_text(json.dumps({"mistakes": 7, "units": "x", "labels": {"a": 1}}))
    assert [figure.name for figure in draw(run)] == ["learning-curves", "model-diagram"]


def test_saved_pictures_replace_those_that_are_no_longer_true(tmp_path):
    run = three(tmp_path)
    save(run)
    folder = run.path / "figures"
    assert {path.suffix for path in folder.iterdir()} == {".svg", ".png"}
    assert (folder / "roc.png").read_bytes().startswith(b"\x89PNG")
    run.predictions("test").unlink()
    save(run)
    assert sorted(path.name for path in folder.glob("*.svg")) == ["learning-curves.svg", "model-diagram.svg"]


def in_folds(folder, task, parts, **more):
    """A cross-validation whose folds have these predictions."""
    whole = RunDirectory(folder / "whole" / "1")
    whole.path.mkdir(parents=True)
    whole.manifest.write_text('{"status": "completed"}')
    for number, part in enumerate(parts, 1):
        make(folder / str(number), task, part, **more).path.rename(whole.fold(number).path)
    return whole


def test_folds_have_their_curves_and_all_their_rows_in_one_matrix(tmp_path):
    sure = np.eye(3)[[0, 1, 2, 0]]
    parts = [classes([0, 1, 2, 0], sure), classes([0, 1, 2, 2], sure)]
    run = in_folds(tmp_path, "multiclass_classification", parts, target=THREE)
    figures = {figure.name: figure.alternative for figure in save(run)}
    assert list(figures) == ["fold-curves", "confusion-matrix"]
    assert figures["fold-curves"] == (
        "Learning curves of 2 folds: val loss ends at 1.75 to 1.75; val accuracy ends at 0.75 to 0.75."
    )
    assert "8 test rows" in figures["confusion-matrix"]
    assert sorted(path.name for path in (run.path / "figures").glob("*.png")) == [
        "confusion-matrix.png",
        "fold-curves.png",
    ]


def test_folds_of_numbers_have_their_errors_in_one_picture(tmp_path):
    parts = [numbers([1, 2, 3, 4], [1, 2, 4, 4]), numbers([5, 6], [5, 8])]
    figures = draw(in_folds(tmp_path, "regression", parts))
    assert [figure.name for figure in figures] == ["fold-curves", "predicted-against-true", "residuals"]
    assert all("6 test rows" in figure.alternative for figure in figures[1:])


def test_where_a_fold_is_damaged_the_others_have_curves_and_no_row_is_counted(tmp_path):
    sure = np.eye(3)[[0, 1, 2, 0]]
    run = in_folds(tmp_path, "multiclass_classification", 2 * [classes([0, 1, 2, 0], sure)], target=THREE)
    run.fold(2).predictions("test").write_bytes(b"no arrays")
    run.fold(2).history.write_text("nothing")
    figures = draw(run)
    assert [figure.name for figure in figures] == ["fold-curves"]
    assert figures[0].alternative.startswith("Learning curves of 1 fold: ")
