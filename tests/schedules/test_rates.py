"""Learning rates at chosen steps, by the equations."""

import inspect
from math import cos, pi

import keras
import numpy as np
import pytest

from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.spec.family import type_name

pytestmark = pytest.mark.keras

RUN = Horizon(steps_per_epoch=10, epochs=10)


def rates(value, steps, horizon=RUN):
    schedule = ScheduleSpec.choose(value).build(horizon)
    return [float(keras.ops.convert_to_numpy(schedule(step))) for step in steps]


def half(x):
    """The falling half of a cosine, from 1 to 0."""
    return (1 + cos(pi * x)) / 2


def test_a_cosine_falls_over_the_run_and_stays_at_its_end():
    value = {"cosine": {"initial_learning_rate": 0.2, "alpha": 0.1}}
    expected = [0.2, 0.2 * (0.9 * half(0.25) + 0.1), 0.2 * 0.55, 0.02, 0.02]
    assert rates(value, [0, 25, 50, 100, 130]) == pytest.approx(expected, rel=1e-5)


def test_a_cosine_warms_up_along_a_line_and_falls_over_the_rest():
    value = {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.4, "warmup_epochs": 2}}
    expected = [0, 0.1, 0.38, 0.4, 0.4 * half(0.5), 0.4 * half(79 / 80)]
    assert rates(value, [0, 5, 19, 20, 60, 99]) == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_restarts_begin_again_with_longer_and_lower_cosines():
    value = {"cosine_decay_restarts": {"initial_learning_rate": 1, "first_decay_epochs": 1, "m_mul": 0.5}}
    expected = [1, half(0.5), half(0.9), 0.5, 0.5 * half(0.5), 0.25 * half(0.25)]
    assert rates(value, [0, 5, 9, 10, 20, 40]) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_restarts_of_equal_length_repeat():
    value = {"cosine_decay_restarts": {"initial_learning_rate": 1, "first_decay_steps": 10, "t_mul": 1}}
    assert rates(value, [0, 5, 10, 15, 95]) == pytest.approx([1, 0.5, 1, 0.5, 0.5], rel=1e-5)


def test_an_exponential_is_multiplied_by_its_rate_over_its_duration():
    value = {"exponential": {"initial_learning_rate": 0.1, "decay_rate": 0.01}}
    assert rates(value, [0, 50, 100]) == pytest.approx([0.1, 0.01, 0.001], rel=1e-5)
    value["exponential"] |= {"decay_epochs": 1, "decay_rate": 0.5, "staircase": True}
    assert rates(value, [0, 9, 10, 29]) == pytest.approx([0.1, 0.1, 0.05, 0.025], rel=1e-5)


def test_inverse_time_divides_by_the_time():
    value = {"inverse_time_decay": {"initial_learning_rate": 0.1, "decay_rate": 3, "decay_epochs": 2}}
    assert rates(value, [0, 10, 20]) == pytest.approx([0.1, 0.1 / 2.5, 0.025], rel=1e-5)
    value["inverse_time_decay"]["staircase"] = True
    assert rates(value, [0, 19, 20]) == pytest.approx([0.1, 0.1, 0.025], rel=1e-5)


def test_a_polynomial_falls_to_its_end_and_may_cycle():
    value = {"polynomial": {"initial_learning_rate": 1, "end_learning_rate": 0.2, "power": 2, "decay_steps": 50}}
    assert rates(value, [0, 25, 50, 75]) == pytest.approx([1, 0.8 * 0.25 + 0.2, 0.2, 0.2], rel=1e-5)
    value["polynomial"]["cycle"] = True
    assert rates(value, [0, 50, 75]) == pytest.approx([1, 0.2, 0.8 * 0.0625 + 0.2], rel=1e-5)


def test_boundaries_in_epochs_change_the_rate_with_the_first_step_of_an_epoch():
    value = {"step": {"boundaries_epochs": [6, 9], "values": [0.1, 0.01, 0.001]}}
    assert rates(value, [0, 59, 60, 89, 90, 99]) == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_boundaries_in_steps_are_those_of_keras():
    value = {"step": {"boundaries": [60], "values": [0.1, 0.01]}}
    assert rates(value, [59, 60, 61]) == pytest.approx([0.1, 0.1, 0.01])


@pytest.mark.parametrize(("anneal", "middle"), [("cosine", half(0.25)), ("linear", 0.75)])
def test_one_cycle_rises_and_falls_far(anneal, middle):
    value = {"one_cycle": {"max_learning_rate": 1, "rise": 0.2, "final_div_factor": 100, "anneal": anneal}}
    low, end = 1 / 25, 1 / 2500
    expected = [low, (low + 1) / 2, 1, end + (1 - end) * middle, (1 + end) / 2, end, end]
    assert rates(value, [0, 10, 20, 40, 60, 100, 150]) == pytest.approx(expected, rel=1e-4)


def test_one_cycle_can_end_before_the_run():
    value = {"one_cycle": {"max_learning_rate": 1, "cycle_epochs": 5, "rise": 0.5}}
    end = 1 / 25 / 1e4
    assert rates(value, [25, 50, 99]) == pytest.approx([1, end, end], rel=1e-2)


def test_one_cycle_is_read_again_from_its_config():
    schedule = ScheduleSpec.choose({"one_cycle": 0.5}).build(RUN)
    schedules = keras.optimizers.schedules
    again = schedules.deserialize(schedules.serialize(schedule))
    assert [float(again(step)) for step in (0, 30, 99)] == [float(schedule(step)) for step in (0, 30, 99)]


def test_one_cycle_drives_an_optimizer_in_a_compiled_step():
    schedule = ScheduleSpec.choose({"one_cycle": {"max_learning_rate": 1, "rise": 0.5}}).build(Horizon(4, 1))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(schedule), "mean_absolute_error", jit_compile=False)
    # The gradient is -1 at every step, so that the weight is the sum of the learning rates.
    model.fit(np.ones((4, 1)), np.full((4, 1), 100.0), batch_size=1, epochs=1, verbose=0)
    low, end = 1 / 25, 1 / 25 / 1e4
    expected = low + (low + 1) / 2 + 1 + (1 + end) / 2
    assert float(keras.ops.convert_to_numpy(model.layers[-1].kernel)[0, 0]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "name", sorted({type_name(member) for member in ScheduleSpec.choices().values()} - {"constant", "one_cycle"})
)
def test_settings_and_defaults_are_those_of_keras(name):
    member = ScheduleSpec.choices()[name]
    required = {"initial_learning_rate": 0.1, "decay_rate": 0.5, "first_decay_steps": 5}
    arguments = {key: value for key, value in required.items() if key in member.model_fields}
    if name == "piecewise_constant_decay":
        arguments = {"boundaries": (5,), "values": (0.2, 0.1)}
    signature = inspect.signature(type(member(**arguments).build(RUN)).__init__)
    theirs = {key: p.default for key, p in signature.parameters.items() if key not in ("self", "name")}
    names = [key for key in member.model_fields if key != "type" and not key.endswith("epochs")]
    assert names == list(theirs)
    for key in names:
        field = member.model_fields[key]
        # Durations have no default in Keras, and `warmup_steps` is 0 there, which is None here.
        if not field.is_required() and not key.endswith("steps") and key != "boundaries":
            assert field.get_default() == theirs[key]
