"""Every loss, built by Keras, against its equation written out in numpy."""

import inspect

import keras
import numpy as np
import pytest

from dltrain.losses.base import LossSpec
from dltrain.signature import Target
from dltrain.spec.family import type_name

pytestmark = pytest.mark.keras

NOT_SETTINGS = {"self", "name", "dtype", "reduction", "from_logits", "axis"}

INDEX = np.array([0, 2, 1, 2], "int32")
ONE_HOT = np.eye(3, dtype="float32")[INDEX]
SOFTMAX = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.5, 0.25, 0.25], [0.8, 0.15, 0.05]], "float32")
RIGHT = SOFTMAX[np.arange(4), INDEX]

BINARY = np.array([[0.0], [1.0], [1.0], [0.0]], "float32")
SIGMOID = np.array([[0.2], [0.9], [0.4], [0.6]], "float32")
RIGHT_OF_TWO = np.where(BINARY == 1, SIGMOID, 1 - SIGMOID)
TANH = np.array([[-0.8], [0.3], [-0.4], [0.9]], "float32")
MARGIN = (2 * BINARY - 1) * TANH

VALUE = np.array([[1.0, 2.0], [0.5, 4.0], [3.0, 7.0]], "float32")
OUTPUT = np.array([[1.5, 1.0], [0.5, 7.0], [2.9, 3.0]], "float32")
ERROR = np.abs(VALUE - OUTPUT)

PAIRS = {
    "index": (INDEX, SOFTMAX),
    "one_hot": (ONE_HOT, SOFTMAX),
    "binary": (BINARY, SIGMOID),
    "value": (VALUE, OUTPUT),
}


def smooth(target, by, classes):
    return target * (1 - by) + by / classes


def crossentropy(target, output):
    return -np.mean(np.sum(target * np.log(output), axis=-1))


def two_classes(target, output):
    return -np.mean(target * np.log(output) + (1 - target) * np.log(1 - output))


BALANCE = np.where(BINARY == 1, 0.3, 0.7)
UNIT = VALUE / np.linalg.norm(VALUE, axis=1, keepdims=True) * OUTPUT / np.linalg.norm(OUTPUT, axis=1, keepdims=True)
OTHERS = np.max(SOFTMAX * (1 - ONE_HOT), axis=-1)

FORMULAS = [
    ("binary_crossentropy", {}, two_classes(BINARY, SIGMOID)),
    ("binary_crossentropy", {"label_smoothing": 0.1}, two_classes(smooth(BINARY, 0.1, 2), SIGMOID)),
    ("binary_focal_crossentropy", {}, np.mean(-((1 - RIGHT_OF_TWO) ** 2) * np.log(RIGHT_OF_TWO))),
    ("binary_focal_crossentropy", {"gamma": 0}, two_classes(BINARY, SIGMOID)),
    (
        "binary_focal_crossentropy",
        {"apply_class_balancing": True, "alpha": 0.3},
        np.mean(-BALANCE * (1 - RIGHT_OF_TWO) ** 2 * np.log(RIGHT_OF_TWO)),
    ),
    ("categorical_crossentropy", {}, -np.mean(np.log(RIGHT))),
    ("categorical_crossentropy", {"label_smoothing": 0.2}, crossentropy(smooth(ONE_HOT, 0.2, 3), SOFTMAX)),
    ("sparse_categorical_crossentropy", {}, -np.mean(np.log(RIGHT))),
    ("sparse_categorical_crossentropy", {"ignore_class": 2}, -np.mean(np.log(RIGHT[INDEX != 2]))),
    ("categorical_focal_crossentropy", {}, np.mean(-0.25 * (1 - RIGHT) ** 2 * np.log(RIGHT))),
    ("categorical_focal_crossentropy", {"alpha": 1, "gamma": 0}, -np.mean(np.log(RIGHT))),
    ("categorical_generalized_cross_entropy", {}, np.mean((1 - np.sqrt(RIGHT)) / 0.5)),
    ("categorical_generalized_cross_entropy", {"q": 0.7}, np.mean((1 - RIGHT**0.7) / 0.7)),
    ("kl_divergence", {}, -np.mean(np.log(RIGHT))),
    ("categorical_hinge", {}, np.mean(np.maximum(0, 1 - RIGHT + OTHERS))),
    ("mean_squared_error", {}, np.mean(ERROR**2)),
    ("mean_absolute_error", {}, np.mean(ERROR)),
    ("mean_absolute_percentage_error", {}, 100 * np.mean(ERROR / VALUE)),
    ("mean_squared_logarithmic_error", {}, np.mean((np.log(1 + VALUE) - np.log(1 + OUTPUT)) ** 2)),
    ("huber", {}, np.mean(np.where(ERROR <= 1, ERROR**2 / 2, ERROR - 0.5))),
    ("huber", {"delta": 2}, np.mean(np.where(ERROR <= 2, ERROR**2 / 2, 2 * ERROR - 2))),
    ("log_cosh", {}, np.mean(np.log(np.cosh(ERROR)))),
    ("poisson", {}, np.mean(OUTPUT - VALUE * np.log(OUTPUT))),
    ("cosine_similarity", {}, -np.mean(np.sum(UNIT, axis=1))),
]


@pytest.mark.parametrize(("name", "settings", "expected"), FORMULAS)
def test_a_loss_has_the_value_of_its_equation(name, settings, expected):
    spec = LossSpec.choose({name: settings})
    target, output = PAIRS[spec.target_form]
    assert float(spec.build()(target, output)) == pytest.approx(expected, rel=1e-5)


LABELS = np.array([[0.0, 1.0], [1.0, 1.0]], "float32")
EACH = np.array([[0.2, 0.9], [0.4, 0.6]], "float32")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("binary_crossentropy", -np.mean(np.log([0.8, 0.9, 0.4, 0.6]))),
        (
            {"binary_focal_crossentropy": {"gamma": 1}},
            -np.mean(np.array([0.2, 0.1, 0.6, 0.4]) * np.log([0.8, 0.9, 0.4, 0.6])),
        ),
    ],
)
def test_the_loss_of_labels_is_the_mean_over_them(settings, expected):
    assert float(LossSpec.choose(settings).build()(LABELS, EACH)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("name", "power"), [("hinge", 1), ("squared_hinge", 2)])
def test_a_hinge_takes_zeros_and_ones_for_minus_one_and_one(name, power):
    expected = np.mean(np.maximum(0, 1 - MARGIN) ** power)
    assert float(LossSpec.choose(name).build()(BINARY, TANH)) == pytest.approx(expected, rel=1e-6)


def test_every_loss_has_its_equation_tested():
    tested = {name for name, _, _ in FORMULAS} | {"hinge", "squared_hinge"}
    assert tested == {type_name(member) for member in LossSpec.choices().values()}


@pytest.mark.parametrize("name", sorted({type_name(member) for member in LossSpec.choices().values()}))
def test_settings_and_defaults_are_those_of_keras(name):
    member = LossSpec.choices()[name]
    signature = inspect.signature(type(member().build()).__init__)
    theirs = {key: p.default for key, p in signature.parameters.items() if key not in NOT_SETTINGS}
    ours = {key: field.get_default() for key, field in member.model_fields.items() if key != "type"}
    assert ours == theirs
    assert list(ours) == list(theirs)


def targets(form):
    """A target that four rows can be told apart by, and its values in the form."""
    if form == "value":
        return Target(name="y", shape=(2,)), np.array([[1, 2], [2, 1], [3, 5], [4, 6]], "float32")
    if form == "binary":
        return Target(name="y", classes=("no", "yes")), BINARY
    return Target(name="y", classes=("a", "b", "c")), PAIRS[form][0]


@pytest.mark.parametrize("name", sorted({type_name(member) for member in LossSpec.choices().values()}))
def test_a_loss_falls_when_a_model_with_its_own_head_is_trained(name):
    keras.utils.set_random_seed(1)
    spec = LossSpec.choose(name)
    target, values = targets(spec.target_form)
    head = spec.head(target)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(head.units, activation=head.activation)])
    model.compile(keras.optimizers.SGD(0.05), spec.build())
    rows = np.eye(4, dtype="float32")
    before = model.evaluate(rows, values, verbose=0)
    model.fit(rows, values, batch_size=4, epochs=2, verbose=0)
    assert model.evaluate(rows, values, verbose=0) < before


@pytest.mark.parametrize("name", ["poisson", "mean_squared_logarithmic_error"])
def test_a_softplus_keeps_the_gradient_of_very_negative_outputs(name):
    spec = LossSpec.choose(name)
    head = spec.head(Target(name="count"))
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, head.activation, bias_initializer=keras.initializers.Constant(-10.0))]
    )
    model.compile(keras.optimizers.SGD(1.0), spec.build())
    model.train_on_batch(np.zeros((1, 1)), np.full((1, 1), 5.0))
    assert float(keras.ops.convert_to_numpy(model.layers[-1].bias)[0]) > -10.0
