"""What every loss says about itself; no Keras is needed for it."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dltrain.losses.base import Head, LossSpec
from dltrain.signature import Target
from dltrain.spec.family import type_name
from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of


class Config(Section):
    loss: LossSpec


DIGITS = Target(name="digit", classes=tuple("0123456789"))
SEX = Target(name="sex", classes=("female", "male"))
PRICE = Target(name="price")
TOPICS = Target(name="topics", labels=("news", "sport"))
FORCE = Target(name="force", shape=(2, 3))

CLASSES = {"binary_classification", "multiclass_classification"}
BINARY = {"binary_classification"}
LABELS = {"binary_classification", "multilabel_classification"}
VALUES = {"regression"}

EXPECTED = {
    "binary_crossentropy": (LABELS, "binary", SEX, Head(1, "sigmoid")),
    "binary_focal_crossentropy": (LABELS, "binary", SEX, Head(1, "sigmoid")),
    "categorical_crossentropy": (CLASSES, "one_hot", DIGITS, Head(10, "softmax")),
    "categorical_focal_crossentropy": (CLASSES, "one_hot", DIGITS, Head(10, "softmax")),
    "categorical_generalized_cross_entropy": (CLASSES, "index", DIGITS, Head(10, "softmax")),
    "categorical_hinge": (CLASSES, "one_hot", DIGITS, Head(10, "softmax")),
    "cosine_similarity": (VALUES, "value", FORCE, Head(6, "linear")),
    "hinge": (BINARY, "binary", SEX, Head(1, "tanh", threshold=0.0)),
    "huber": (VALUES, "value", FORCE, Head(6, "linear")),
    "kl_divergence": (CLASSES, "one_hot", DIGITS, Head(10, "softmax")),
    "log_cosh": (VALUES, "value", FORCE, Head(6, "linear")),
    "mean_absolute_error": (VALUES, "value", FORCE, Head(6, "linear")),
    "mean_absolute_percentage_error": (VALUES, "value", FORCE, Head(6, "linear")),
    "mean_squared_error": (VALUES, "value", FORCE, Head(6, "linear")),
    "mean_squared_logarithmic_error": (VALUES, "value", FORCE, Head(6, "softplus")),
    "poisson": (VALUES, "value", FORCE, Head(6, "softplus")),
    "sparse_categorical_crossentropy": (CLASSES, "index", DIGITS, Head(10, "softmax")),
    "squared_hinge": (BINARY, "binary", SEX, Head(1, "tanh", threshold=0.0)),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_loss_says_its_tasks_its_target_and_its_output_layer(name):
    loss = LossSpec.choose(name)
    tasks, form, target, head = EXPECTED[name]
    assert (set(loss.tasks), loss.form(target), loss.head(target)) == (tasks, form, head)


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row[0] == LABELS])
def test_labels_have_a_probability_each(name):
    loss = LossSpec.choose(name)
    assert (loss.form(TOPICS), loss.head(TOPICS)) == ("multi_hot", Head(2, "sigmoid"))


def test_there_are_no_other_losses():
    assert {type_name(member) for member in LossSpec.choices().values()} == set(EXPECTED)


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row[0] == CLASSES])
def test_two_classes_have_two_outputs_of_a_softmax(name):
    assert LossSpec.choose(name).head(SEX) == Head(2, "softmax")


@pytest.mark.parametrize("name", ["mean_squared_error", "huber", "log_cosh", "poisson"])
def test_a_single_number_has_one_output(name):
    assert LossSpec.choose(name).head(PRICE).units == 1


def test_keras_short_names_choose_the_same_loss():
    short = {"bce": "binary_crossentropy", "kld": "kl_divergence", "logcosh": "log_cosh"}
    short |= {"mse": "mean_squared_error", "mae": "mean_absolute_error"}
    short |= {"mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error"}
    assert {name: LossSpec.choose(name).plain()["type"] for name in short} == short


def test_losses_of_what_cannot_be_negative_say_so():
    minima = {name: LossSpec.choose(name).target_minimum for name in EXPECTED}
    bounded = {name: minimum for name, minimum in minima.items() if minimum is not None}
    assert bounded == {"poisson": 0.0, "mean_squared_logarithmic_error": 0.0}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"bce": {"label_smoothing": 1}}, "loss.bce.label_smoothing: must be less than 1, got 1"),
        ({"categorical_crossentropy": -0.1}, "loss.categorical_crossentropy: must be at least 0, got -0.1"),
        ({"huber": 0}, "loss.huber: must be greater than 0, got 0"),
        (
            {"categorical_generalized_cross_entropy": 1},
            "loss.categorical_generalized_cross_entropy: must be less than 1, got 1",
        ),
        (
            {"mse": 3},
            "loss: mean_squared_error takes no value; write `mean_squared_error` alone or a mapping of its settings",
        ),
        ({"type": "bce", "alpha": 0.5}, "loss.alpha: unknown key 'alpha'; expected label_smoothing"),
    ],
)
def test_a_wrong_setting_is_refused(value, text):
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"loss": value})
    assert [str(problem) for problem in problems_of(caught.value)] == [text]


def test_an_ignored_class_must_exist():
    loss = LossSpec.choose({"sparse_categorical_crossentropy": {"ignore_class": 10}})
    with pytest.raises(SpecError) as caught:
        loss.head(DIGITS)
    assert str(caught.value) == "ignore_class: no class has the number 10; write a number from 0 to 9"
    assert LossSpec.choose({"sparse_categorical_crossentropy": {"ignore_class": 9}}).head(DIGITS).units == 10


def test_a_direction_of_a_single_number_is_refused():
    with pytest.raises(SpecError) as caught:
        LossSpec.choose("cosine_similarity").head(PRICE)
    text = "cosine_similarity needs a target of two values or more; write mean_squared_error for one"
    assert str(caught.value) == text


def test_losses_load_without_keras():
    code = "import sys; from dltrain.losses.base import LossSpec; LossSpec.choose('mse')"
    subprocess.run([sys.executable, "-c", f"{code}; assert not {{'keras', 'numpy'}} & set(sys.modules)"], check=True)
