"""Rows with any number of labels: columns of 0 and 1, or text with separators."""

import numpy as np
import pytest

from dltrain.signature import Head, Target
from dltrain.tasks.base import TaskSpec, derive

MULTILABEL = TaskSpec.choose("multilabel_classification")
TEXT = TaskSpec.choose({"multilabel": "|"})
MARKS = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0]])
TEXTS = np.array(["sport | art", "", "news|sport|sport", " | "])
TOPICS = Target(name="topics", labels=("art", "news", "sport"))


@pytest.mark.parametrize(
    "values",
    [MARKS, MARKS.astype(bool), MARKS.astype(float), MARKS.astype(bool).astype(str), MARKS.astype(str)],
    ids=["whole", "boolean", "real", "true and false", "text"],
)
def test_columns_of_0_and_1_are_labels(values):
    assert derive(values) == ("multilabel_classification", "from columns of 0 and 1")
    target = MULTILABEL.target("a, b, c", values, columns=("a", "b", "c"))
    assert target == Target(name="a, b, c", labels=("a", "b", "c"), columns=("a", "b", "c"), shape=(3,))
    encoded = MULTILABEL.encode(values, target, "multi_hot")
    assert (encoded.dtype.name, encoded.tolist()) == ("float32", MARKS.tolist())
    assert MULTILABEL.counts(values, target).tolist() == [2, 1, 1]


def test_labels_of_an_array_have_numbers():
    assert MULTILABEL.target("y", MARKS).labels == ("y_0", "y_1", "y_2")


@pytest.mark.parametrize("values", [np.where(MARKS == 1, 2, MARKS), np.zeros((3, 3)), MARKS[:, :1] * 0.5])
def test_other_numbers_in_several_columns_are_no_labels(values):
    assert derive(values) == ("regression", "from real numbers")


def test_a_single_1_in_every_row_may_be_a_class_so_the_config_must_say():
    with pytest.raises(ValueError, match=r".") as raised:
        derive(np.eye(3))
    assert str(raised.value) == (
        "every row of the target has a single 1, as classes have; write the number of the class as target, "
        "or `task: multilabel_classification` if a row can have several labels"
    )
    assert MULTILABEL.target("y", np.eye(3)).labels == ("y_0", "y_1", "y_2")


def test_text_is_split_at_the_separator_and_labels_are_in_the_order_of_the_alphabet():
    assert TEXT.target("topics", TEXTS) == TOPICS
    assert TEXT.encode(TEXTS, TOPICS, "multi_hot").tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert TEXT.counts(TEXTS, TOPICS).tolist() == [1, 1, 2]


def test_an_unseen_label_is_refused():
    with pytest.raises(ValueError, match="not a label") as raised:
        TEXT.encode(np.array(["news|war"]), TOPICS, "multi_hot")
    assert str(raised.value) == "'war' is not a label of this model; it knows art, news or sport"


@pytest.mark.parametrize(
    ("task", "values", "error"),
    [
        (
            MULTILABEL,
            np.array(["a;b", "b"]),
            "the target is one column of text; say what separates its labels, such as "
            "`task: {multilabel_classification: {separator: ';'}}`",
        ),
        (MULTILABEL, np.array([0, 1]), "the target is one column; name a column for each label, or write another task"),
        (
            MULTILABEL,
            np.array([[0, 1], [2, 1]]),
            "'y_0' holds '2', in row 2 of all; a column of a label holds 0 and 1, or false and true",
        ),
        (
            MULTILABEL,
            np.array([["1", "yes"]]),
            "'y_1' holds 'yes', in row 1 of all; a column of a label holds 0 and 1, or false and true",
        ),
        (
            MULTILABEL,
            np.zeros((2, 3, 3)),
            "the target has rows of shape (3, 3); labels are 0 or 1 in one axis of at most 10000",
        ),
        (TEXT, np.array([0, 1]), "the target holds numbers, and `separator` is for one column of text; delete it"),
        (TEXT, np.array(["a;b", "b"]), "no row has two labels with '|' between them; did you mean ';'?"),
        (
            TEXT,
            np.array(["a", "b"]),
            "no row has two labels with '|' between them; write `task: multiclass_classification` for one label a row",
        ),
    ],
)
def test_a_target_that_holds_no_labels_is_refused(task, values, error):
    with pytest.raises(ValueError, match=r".") as raised:
        task.target("y", values)
    assert str(raised.value) == error


def test_labels_above_the_threshold_are_predicted():
    outputs = np.array([[0.9, 0.5, 0.51], [0.1, 0.2, 0.3]], "float32")
    read = TEXT.read(outputs, np.array(["art", "news|sport"]), TOPICS, Head(3, "sigmoid"))
    assert (read.truth.tolist(), read.predicted.tolist()) == ([[1, 0, 0], [0, 1, 1]], [[1, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(read.probabilities, outputs.astype("float64"))
    assert (read.classes, read.labels, read.average) == ((), TOPICS.labels, "macro")


def test_two_labels_are_averaged_and_not_taken_for_two_classes():
    target = Target(name="y", labels=("a", "b"), shape=(2,))
    read = MULTILABEL.read(np.array([[0.9, 0.1]]), np.array([[1, 0]]), target, Head(2, "sigmoid"))
    assert read.average == "macro"


@pytest.mark.parametrize(
    ("splits", "error"),
    [
        (
            {"train": [[1, 0]], "validation": [[1, 0]], "test": [[0, 1]]},
            "the label 'b' of 'a, b' has rows in test but none in train; "
            "leave it out, or change `seed` or the sizes of the splits",
        ),
        (
            {"train": [[1, 0]], "test": [[0, 0]]},
            "the label 'b' of 'a, b' is in no row; leave it out, or change `seed` or the sizes of the splits",
        ),
    ],
)
def test_a_label_of_no_training_row_is_refused(splits, error):
    target = Target(name="a, b", labels=("a", "b"), columns=("a", "b"), shape=(2,))
    with pytest.raises(ValueError, match=r".") as raised:
        MULTILABEL.check_trained({name: np.array(rows) for name, rows in splits.items()}, target)
    assert str(raised.value) == error
    MULTILABEL.check_trained({"train": np.array([[1, 0], [0, 1]])}, target)
