"""The task that follows from the values of a target."""

from __future__ import annotations

import numpy as np
import pytest

from dltrain.errors import DataError
from dltrain.proposal.survey import Answer
from dltrain.proposal.task import judge


def of(values, name="answer", **settings):
    return judge(Answer(name, np.asarray(values), **settings))


def test_real_numbers_are_a_regression():
    found = of([0.5, 1.5, 2.5] * 10)
    assert (found.task, found.loss[0], found.metrics) == ("regression", "mean_squared_error", ("rmse", "mae"))


def test_outliers_of_a_regression_are_mentioned():
    assert of([0.5] * 99 + [1000.5]).loss[1] == "it has outliers; huber minds them less"
    assert of(np.linspace(0, 1, 100)).loss[1] == "large errors count most"


def test_a_few_whole_numbers_are_classes():
    assert of([0, 1, 2] * 20).type == "multiclass_classification"


def test_whole_numbers_whose_name_says_an_order_are_a_regression():
    found = of([3, 4, 5] * 20, name="quality")
    assert (found.task, found.said) == ("regression", "whole numbers from 3 to 5, in an order by its name")


def test_whole_numbers_that_are_most_often_in_the_middle_are_a_regression():
    values = np.repeat([3, 4, 5, 6, 7], [5, 40, 90, 40, 5])
    assert of(values).said == "whole numbers from 3 to 7, most often in the middle"
    assert of(values, name="class").type == "multiclass_classification"


@pytest.mark.parametrize("labels", [["no", "yes"], ["0", "1"], ["neg", "pos"], ["Benign", "Spam"]])
def test_the_positive_class_is_the_one_that_is_called_so(labels):
    assert of(np.repeat(labels, [10, 30])).task == {"binary_classification": labels[1]}


def test_else_the_positive_class_is_the_rarer_one():
    assert of(np.repeat(["<=50K", ">50K"], [76, 24])).task == {"binary_classification": ">50K"}
    assert of(np.repeat(["<=50K", ">50K"], [24, 76])).task == {"binary_classification": "<=50K"}


def test_classes_are_weighed_where_the_rarest_has_less_than_a_fifth_of_its_equal_share():
    # Two classes: half of the rows each would be equal, so a tenth is the bound.
    assert of(np.repeat([0, 1], [91, 9])).balanced
    assert not of(np.repeat([0, 1], [90, 10])).balanced
    # Three classes: a third each, so a fifteenth.
    assert of(np.repeat([0, 1, 2], [70, 71, 9])).balanced
    assert not of(np.repeat([0, 1, 2], [70, 70, 10])).balanced


def test_unequal_classes_are_not_judged_by_accuracy_first():
    assert of(np.repeat([0, 1], [76, 24])).metrics == ("roc_auc", "f1", "accuracy")
    assert of(np.repeat([0, 1], [76, 24])).metrics_said == "always the same answer has an accuracy of 0.76"
    assert of(np.repeat([0, 1], [60, 40])).metrics == ("accuracy", "f1")
    assert of(np.repeat([0, 1, 2], [100, 100, 20])).metrics == ("f1_macro", "accuracy")


def test_columns_of_0_and_1_are_labels():
    assert of([[0, 1], [1, 1], [0, 0]] * 5).task == "multilabel_classification"


def test_texts_with_labels_between_marks_are_labels():
    found = of(["a|b", "b", "a", "c|a", "b|c"] * 5)
    assert found.task == {"multilabel_classification": {"separator": "|"}}
    # A comma in a name of a class separates nothing.
    assert of(["Paris, France", "Rome, Italy", "Oslo, Norway"] * 9).type == "multiclass_classification"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1] * 9, "every row has the target '1'; there is nothing to tell apart; name another target"),
        (
            [f"n{i}" for i in range(30)],
            "'answer' has 30 different labels in 30 rows, too many to be classes; name another column with --target",
        ),
        (
            ["a"] * 30 + ["b"],
            "the class 'b' of 'answer' has a single row, too few to learn and to score; "
            "drop it, or give it another class",
        ),
        (
            np.eye(3)[[0, 1, 2] * 5],
            "the target 'answer': every row of the target has a single 1, as classes have; write the number of the "
            "class as target, or `task: multilabel_classification` if a row can have several labels",
        ),
    ],
)
def test_a_target_that_fits_no_task_is_refused(values, text):
    with pytest.raises(DataError) as error:
        of(values)
    assert str(error.value) == text
