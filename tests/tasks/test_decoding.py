"""What outputs say of rows without a target."""

import numpy as np

from dltrain.signature import Head, Target
from dltrain.tasks.base import TaskSpec


def decoded(task, outputs, target, head, **options):
    columns = TaskSpec.choose(task).decode(np.asarray(outputs, "float32"), target, head, **options)
    return {name: values.tolist() for name, values in columns.items()}


THREE = Target(name="y", classes=("a", "b", "c"))


def test_the_class_with_the_largest_output_is_predicted_and_each_has_a_probability():
    found = decoded("multiclass", [[0.25, 0.5, 0.25], [0.75, 0.0, 0.25]], THREE, Head(3, "softmax"))
    assert found == {
        "prediction": ["b", "a"],
        "probability_a": [0.25, 0.75],
        "probability_b": [0.5, 0.0],
        "probability_c": [0.25, 0.25],
    }


def test_of_many_classes_only_the_predicted_one_has_a_probability():
    found = decoded("multiclass", [[0.25, 0.5, 0.25]], THREE, Head(3, "softmax"), most_classes=2)
    assert found == {"prediction": ["b"], "probability": [0.5]}


def test_one_output_for_two_classes_gives_both_probabilities():
    target = Target(name="y", classes=("no", "yes"))
    found = decoded("binary", [[0.25], [0.5], [0.75]], target, Head(1, "sigmoid"))
    assert found == {
        "prediction": ["no", "no", "yes"],
        "probability_no": [0.75, 0.5, 0.25],
        "probability_yes": [0.25, 0.5, 0.75],
    }


def test_a_margin_is_called_so_and_is_no_probability():
    target = Target(name="y", classes=("no", "yes"))
    found = decoded("binary", [[-0.5], [0.25]], target, Head(1, "tanh", threshold=0.0))
    assert found == {"prediction": ["no", "yes"], "margin": [-0.5, 0.25]}


def test_a_number_is_in_the_targets_own_unit_and_keeps_digits_that_32_bits_have_not():
    target = Target(name="price", offset=(1e9,), scale=(10.0,))
    assert decoded("regression", [[0.5], [-0.25]], target, Head(1, "linear")) == {
        "prediction": [1_000_000_005.0, 999_999_997.5]
    }


def test_several_numbers_have_a_column_each():
    table = Target(name="u, v", columns=("u", "v"), shape=(2,))
    assert decoded("regression", [[1.0, 2.0]], table, Head(2, "linear")) == {
        "prediction_u": [1.0],
        "prediction_v": [2.0],
    }
    array = Target(name="y", shape=(2, 2))
    found = decoded("regression", [[1.0, 2.0, 3.0, 4.0]], array, Head(4, "linear"))
    assert list(found) == ["prediction_y_0_0", "prediction_y_0_1", "prediction_y_1_0", "prediction_y_1_1"]
