"""How many training rows each class has, and what these count."""

import numpy as np
import pytest

from dltrain.spec.problems import SpecError
from dltrain.tasks.base import TaskSpec
from dltrain.tasks.class_table import ClassTable, class_table

VALUES = np.array(["no"] * 6 + ["yes"] * 2)
BINARY = TaskSpec.choose("binary")
TARGET = BINARY.target("y", VALUES)


def of(class_weight):
    return class_table(BINARY, VALUES, TARGET, class_weight)


def test_without_weights_the_rows_are_counted():
    assert of(None) == ClassTable("classes", ("no", "yes"), (6, 2))
    assert (str(of(None)), of(None).plain()) == ("no 6, yes 2", {"rows": {"no": 6, "yes": 2}})


def test_balanced_weights_are_scikit_learns():
    from sklearn.utils.class_weight import compute_class_weight

    weights = compute_class_weight("balanced", classes=np.array(["no", "yes"]), y=VALUES)
    assert of("balanced").weights == tuple(weights) == (8 / (2 * 6), 8 / (2 * 2))
    assert str(of("balanced")) == "no 6 (0.67), yes 2 (2.00)"
    assert of("balanced").plain()["weights"] == {"no": 8 / 12, "yes": 2.0}


def test_weights_are_by_name_in_any_order():
    assert of({"yes": 5, "no": 1}).weights == (1.0, 5.0)


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        (
            {"no": 1, "yess": 2},
            "trainer.class_weight.yess: there is no class 'yess'; the classes are no or yes; did you mean 'yes'?",
        ),
        (
            {"no": 1},
            "trainer.class_weight: the class 'yes' has no weight; the classes are no or yes; write one for each",
        ),
    ],
)
def test_unknown_and_missing_classes_are_refused(weights, error):
    with pytest.raises(SpecError) as raised:
        of(weights)
    assert str(raised.value) == error


def test_of_many_classes_only_the_rarest_and_the_most_frequent_are_shown():
    table = ClassTable("classes", tuple("abcdefgh"), (1200, 2, 3, 4, 5, 1, 7, 8), tuple([0.5] * 8))
    assert str(table) == "8, from f 1 (0.50) to a 1,200 (0.50)"


def test_labels_are_counted_and_numbers_are_not():
    marks, several = np.array([[1, 0], [1, 1]]), TaskSpec.choose("multilabel")
    target = several.target("y", marks)
    assert class_table(several, marks, target, None) == ClassTable("labels", ("y_0", "y_1"), (2, 1))
    numbers = TaskSpec.choose("regression")
    assert class_table(numbers, marks, numbers.target("y", marks), None) is None
