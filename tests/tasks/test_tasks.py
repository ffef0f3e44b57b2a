"""What is predicted: derived from the target, encoded for the loss, and read from outputs."""

import numpy as np
import pytest

from dltrain.signature import Head, Target
from dltrain.tasks.base import TaskSpec, derive


@pytest.mark.parametrize(
    ("values", "task", "reason"),
    [
        (np.array(["a", "b", "a"]), "binary_classification", "from its labels"),
        (np.array(["a", "b", "c"]), "multiclass_classification", "from its labels"),
        (np.array([True, False]), "binary_classification", "from its labels"),
        (np.array([0, 1, 1]), "binary_classification", "from few whole numbers"),
        (np.array([0.0, 1.0]), "binary_classification", "from few whole numbers"),
        (np.arange(20), "multiclass_classification", "from few whole numbers"),
        (np.arange(21), "regression", "from real numbers"),
        (np.array([0.5, 1.0]), "regression", "from real numbers"),
        (np.zeros((3, 2)), "regression", "from real numbers"),
        (np.array([str(i) for i in range(30)]), "multiclass_classification", "from its labels"),
    ],
)
def test_the_task_follows_from_the_target(values, task, reason):
    assert derive(values) == (task, reason)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (np.array([10, 9, 9]), ("9", "10")),
        (np.array([2.0, 1.0]), ("1", "2")),
        (np.array(["b", "a"]), ("a", "b")),
        (np.array([True, False]), ("False", "True")),
        (np.array([-1, 1]), ("-1", "1")),
    ],
)
def test_classes_are_in_the_order_of_numbers_or_of_the_alphabet(values, classes):
    assert TaskSpec.choose("binary").target("y", values) == Target(name="y", classes=classes)


def test_the_positive_label_is_the_second_class():
    values = np.array(["ill", "well", "ill"])
    assert TaskSpec.choose("binary").target("y", values).classes == ("ill", "well")
    spec = TaskSpec.choose({"binary": "ill"})
    assert spec.target("y", values).classes == ("well", "ill")
    assert spec.encode(values, spec.target("y", values), "index").tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("task", "values", "error"),
    [
        ("binary", np.array([1, 2, 3]), "the target has 3 classes; write `task: multiclass_classification`"),
        ("binary", np.array([1, 1]), "every row has the target '1'; there is nothing to tell apart"),
        ("multiclass", np.array([0.5, 1.5]), "the target has fractions, so it is no class; write `task: regression`"),
        (
            "multiclass",
            np.array(["id-1", "id-2", "id-3", "id-4", "id-5"]),
            "every row has a target of its own, so there are no classes to learn; name another target",
        ),
        ("multiclass", np.full((3, 2), 7), "the target has rows of shape (2,); a class is one label a row"),
        (
            "multiclass",
            np.zeros((3, 2)),
            "the target has rows of shape (2,); a class is one label a row; "
            "for several labels a row write `task: multilabel_classification`",
        ),
        (
            "multiclass",
            np.repeat(np.arange(10_001), 2),
            "the target has 10001 classes, and at most 10000 can be trained; "
            "write `task: regression` if it is a number",
        ),
        (
            {"binary": "sick"},
            np.array(["ill", "well"]),
            "the positive label 'sick' is not in the target; it has ill or well",
        ),
        (
            "regression",
            np.array(["ill", "well"]),
            "the target holds text such as 'ill'; write a classification task, or name a number column",
        ),
    ],
)
def test_a_target_that_does_not_fit_the_task_is_refused(task, values, error):
    with pytest.raises(ValueError, match=r".") as raised:
        TaskSpec.choose(task).target("y", values)
    assert str(raised.value) == error


def test_labels_are_encoded_in_each_form():
    spec, values = TaskSpec.choose("multiclass"), np.array(["b", "c", "a", "b"])
    target = spec.target("y", values)
    index, one_hot = spec.encode(values, target, "index"), spec.encode(values, target, "one_hot")
    assert (index.dtype.name, index.tolist()) == ("int32", [1, 2, 0, 1])
    assert (one_hot.dtype.name, one_hot.tolist()) == ("float32", [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])
    binary = TaskSpec.choose("binary")
    pair = binary.target("y", values[:2])
    zero_one = binary.encode(values[:2], pair, "binary")
    assert (zero_one.dtype.name, zero_one.tolist()) == ("float32", [[0.0], [1.0]])


def test_1_and_1_0_are_the_same_class():
    spec = TaskSpec.choose("multiclass")
    target = spec.target("y", np.array([1, 2, 3]))
    assert spec.encode(np.array([3.0, 1.0]), target, "index").tolist() == [2, 0]
    assert spec.encode(np.array(["2"]), target, "index").tolist() == [1]


def test_an_unseen_label_is_refused():
    spec = TaskSpec.choose("multiclass")
    target = spec.target("y", np.array([1, 2, 3]))
    with pytest.raises(ValueError, match="not a class") as raised:
        spec.encode(np.array([1, 4]), target, "index")
    assert str(raised.value) == "'4' is not a class of this model; it knows 1, 2 or 3"


def test_numbers_are_encoded_as_rows_of_values():
    spec = TaskSpec.choose("regression")
    for values, shape in [(np.array([1, 2, 3]), ()), (np.array([[1.5, 2.5]] * 3), (2,))]:
        target = spec.target("y", values)
        encoded = spec.encode(values, target, "value")
        assert (target.shape, encoded.dtype.name, encoded.shape) == (
            shape,
            "float32",
            (3, max(1, len(shape) and shape[0])),
        )
        np.testing.assert_array_equal(encoded.reshape(values.shape), values)
    with pytest.raises(ValueError, match="rows of shape") as raised:
        spec.encode(np.zeros((3, 2)), Target(name="y"), "value")
    assert str(raised.value) == "the target has rows of shape (2,), and this model predicts ()"


@pytest.mark.parametrize(
    ("task", "values", "form", "width"),
    [
        ("regression", np.array([1.5, 2.5]), "value", 1),
        ("regression", np.array([[1.5, 2.5], [3.5, 4.5]]), "value", 2),
        ("multilabel_classification", np.array([[0, 1], [1, 0]]), "multi_hot", 2),
        ({"multilabel_classification": {"separator": "|"}}, np.array(["a|b", "c"], object), "multi_hot", 3),
        ("binary_classification", np.array(["a", "b"], object), "binary", 1),
        ("multiclass_classification", np.array([0, 1, 2]), "one_hot", 3),
    ],
)
def test_the_rows_of_a_split_that_is_absent_are_encoded_too(task, values, form, width):
    spec = TaskSpec.choose(task)
    assert spec.encode(values[:0], spec.target("y", values), form).shape == (0, width)


def test_the_class_with_the_largest_output_is_predicted():
    spec = TaskSpec.choose("multiclass")
    target = Target(name="y", classes=("a", "b", "c"))
    outputs = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], "float32")
    read = spec.read(outputs, np.array(["b", "c"]), target, Head(3, "softmax"))
    assert (read.truth.tolist(), read.predicted.tolist()) == ([1, 2], [1, 0])
    np.testing.assert_array_equal(read.probabilities, outputs.astype("float64"))
    assert read.average == "macro"


@pytest.mark.parametrize(
    ("head", "outputs", "predicted", "probabilities"),
    [
        (Head(1, "sigmoid"), [[0.25], [0.5], [0.75]], [0, 0, 1], [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]),
        (Head(1, "tanh", threshold=0.0), [[-0.5], [0.0], [0.5]], [0, 0, 1], [-0.5, 0.0, 0.5]),
    ],
)
def test_one_output_is_compared_with_the_threshold(head, outputs, predicted, probabilities):
    target = Target(name="y", classes=("n", "y"))
    values = np.array(["n", "y", "y"])
    read = TaskSpec.choose("binary").read(np.array(outputs, "float32"), values, target, head)
    assert (read.predicted.tolist(), read.probabilities.tolist()) == (predicted, probabilities)
    assert (read.truth.tolist(), read.average) == ([0, 1, 1], "binary")


def test_a_text_among_several_numbers_is_named():
    values = np.array([["1.5", "2"], ["1.0", "many"]])
    with pytest.raises(ValueError, match=r".") as raised:
        TaskSpec.choose("regression").target("a, b", values, columns=("a", "b"))
    assert (
        str(raised.value) == "the target 'b' holds text such as 'many'; several targets are all numbers, or all 0 and 1"
    )


def test_each_of_several_numbers_has_a_name_and_a_unit():
    spec, values = TaskSpec.choose("regression"), np.array([[1.0, 10.0], [3.0, 50.0]])
    target = spec.adapt(spec.target("a, b", values, columns=("a", "b")), values)
    assert (target.names, target.offset, target.scale) == (("a", "b"), (2.0, 30.0), (1.0, 20.0))
    assert spec.encode(values, target, "value").tolist() == [[-1, -1], [1, 1]]
    assert Target(name="y", shape=(1, 2)).names == ("y_0_0", "y_0_1")
    assert Target(name="y").names == ("y",)


@pytest.mark.parametrize("name", ["binary", "multiclass", "multilabel", "regression"])
def test_the_loss_and_metrics_of_a_task_fit_it(name):
    from dltrain.losses.base import LossSpec
    from dltrain.metrics.base import MetricSpec

    task = TaskSpec.choose(name)
    assert task.type in LossSpec.choose(task.default_loss).tasks
    for metric in (*task.default_metrics, *task.report):
        assert task.type in MetricSpec.choose(metric).tasks
