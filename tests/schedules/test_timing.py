"""How long schedules last, which needs no Keras."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import Constant
from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of

RUN = Horizon(steps_per_epoch=100, epochs=12)


class Config(Section):
    rate: ScheduleSpec


def timing(value, horizon=RUN):
    return ScheduleSpec.choose(value).timing(horizon)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, {}),
        ({"cosine": 0.1}, {"decay_steps": 1200, "warmup_steps": 0}),
        ({"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 5}}, {"decay_steps": 500, "warmup_steps": 0}),
        ({"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 0.5}}, {"decay_steps": 50, "warmup_steps": 0}),
        ({"cosine": {"initial_learning_rate": 0.1, "decay_steps": 7}}, {"decay_steps": 7, "warmup_steps": 0}),
        (
            {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_epochs": 2}},
            {"decay_steps": 1000, "warmup_steps": 200},
        ),
        (
            {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_steps": 30, "decay_epochs": 3}},
            {"decay_steps": 300, "warmup_steps": 30},
        ),
        (
            {"cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_epochs": 5}},
            {"first_decay_steps": 500},
        ),
        ({"exponential": {"initial_learning_rate": 0.1, "decay_rate": 0.5}}, {"decay_steps": 1200}),
        (
            {"exponential": {"initial_learning_rate": 0.1, "decay_rate": 0.5, "decay_epochs": 50}},
            {"decay_steps": 5000},
        ),
        ({"inverse_time_decay": {"initial_learning_rate": 0.1, "decay_rate": 2}}, {"decay_steps": 1200}),
        ({"polynomial": 0.1}, {"decay_steps": 1200}),
        ({"polynomial": {"initial_learning_rate": 0.1, "decay_epochs": 5, "cycle": True}}, {"decay_steps": 500}),
        ({"one_cycle": 0.1}, {"cycle_steps": 1200}),
        ({"one_cycle": {"max_learning_rate": 0.1, "cycle_epochs": 10}}, {"cycle_steps": 1000}),
        ({"step": {"boundaries": [300, 1198], "values": [3, 2, 1]}}, {"boundaries": [300, 1198]}),
        ({"step": {"boundaries_epochs": [6, 9.5], "values": [3, 2, 1]}}, {"boundaries": [599, 949]}),
    ],
)
def test_durations_become_steps(value, expected):
    assert timing(value) == expected


def test_a_duration_is_at_least_one_step():
    spec = {"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 0.001}}
    assert timing(spec)["decay_steps"] == 1


def test_every_schedule_fits_a_run_of_one_step_by_default():
    shortest = Horizon(steps_per_epoch=1, epochs=1)
    for value in (0.1, {"cosine": 0.1}, {"polynomial": 0.1}, {"one_cycle": 0.1}):
        assert set(timing(value, shortest).values()) <= {0, 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            {"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 20}},
            "decay_epochs: 20 epochs are longer than the run of 12 epochs; lower it, or raise `trainer.epochs`",
        ),
        (
            {"cosine": {"initial_learning_rate": 0.1, "decay_steps": 1201}},
            "decay_steps: 1201 steps are longer than the run of 12 epochs of 100 steps, 1200 in all;"
            " lower it, or raise `trainer.epochs`",
        ),
        (
            {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_epochs": 12}},
            "warmup_epochs: the warm-up takes the whole run and leaves nothing to decay; lower it",
        ),
        (
            {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_epochs": 13}},
            "warmup_epochs: 13 epochs are longer than the run of 12 epochs; lower it, or raise `trainer.epochs`",
        ),
        (
            {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_epochs": 2, "decay_epochs": 12}},
            "decay_epochs: a decay of 1200 steps after a warm-up of 200 is longer than the run of 1200;"
            " lower it, or leave it out for the 1000 steps that are left",
        ),
        (
            {"cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_epochs": 12.5}},
            "first_decay_epochs: 12.5 epochs are longer than the run of 12 epochs; lower it, or raise `trainer.epochs`",
        ),
        (
            {"exponential": {"initial_learning_rate": 0.1, "decay_rate": 0.5, "decay_epochs": 13, "staircase": True}},
            "decay_epochs: 13 epochs are longer than the run of 12 epochs; lower it, or raise `trainer.epochs`",
        ),
        (
            {"polynomial": {"initial_learning_rate": 0.1, "decay_epochs": 13, "cycle": True}},
            "decay_epochs: 13 epochs are longer than the run of 12 epochs; lower it, or raise `trainer.epochs`",
        ),
        (
            {"one_cycle": {"max_learning_rate": 0.1, "cycle_steps": 2000}},
            "cycle_steps: 2000 steps are longer than the run of 12 epochs of 100 steps, 1200 in all;"
            " lower it, or raise `trainer.epochs`",
        ),
        (
            {"step": {"boundaries_epochs": [6, 12], "values": [3, 2, 1]}},
            "boundaries_epochs.1: nothing is trained after epoch 12 in the run of 12 epochs of 100 steps, 1200 in all;"
            " lower it, or raise `trainer.epochs`",
        ),
        (
            {"step": {"boundaries": [1199], "values": [2, 1]}},
            "boundaries.0: nothing is trained after step 1199 in the run of 12 epochs of 100 steps, 1200 in all;"
            " lower it, or raise `trainer.epochs`",
        ),
        (
            {"step": {"boundaries_epochs": [0.101, 0.102], "values": [3, 2, 1]}},
            "boundaries_epochs.1: epochs 0.101 and 0.102 end with the same step; keep one",
        ),
    ],
)
def test_a_schedule_longer_than_the_run_is_refused(value, text):
    with pytest.raises(SpecError) as caught:
        timing(value)
    assert str(caught.value) == text


def test_a_run_of_one_epoch_is_told_in_the_singular():
    with pytest.raises(SpecError) as caught:
        timing({"one_cycle": {"max_learning_rate": 1, "cycle_steps": 2}}, Horizon(steps_per_epoch=1, epochs=1))
    assert str(caught.value) == (
        "cycle_steps: 2 steps are longer than the run of 1 epoch of 1 step, 1 in all;"
        " lower it, or raise `trainer.epochs`"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "rate: must be at least 1e-12, got 0"),
        (
            {"cosine": {"initial_learning_rate": 1, "decay_steps": 5, "decay_epochs": 1}},
            "rate.cosine.decay_epochs: decay_steps and decay_epochs are both given; keep one",
        ),
        (
            {"cosine": {"initial_learning_rate": 1, "warmup_target": 2, "warmup_steps": 5, "warmup_epochs": 1}},
            "rate.cosine.warmup_epochs: warmup_steps and warmup_epochs are both given; keep one",
        ),
        (
            {"cosine": {"initial_learning_rate": 1, "warmup_epochs": 1}},
            "rate.cosine: warmup_epochs needs `warmup_target`, the learning rate after the warm-up;"
            " write both or neither",
        ),
        (
            {"cosine": {"initial_learning_rate": 1, "warmup_target": 2}},
            "rate.cosine: warmup_target needs the length of the warm-up; write `warmup_epochs` or `warmup_steps`",
        ),
        (
            {"cosine": 0},
            "rate.cosine: an initial_learning_rate of 0 trains nothing; raise it, or write a `warmup_target`",
        ),
        (
            {"cosine_decay_restarts": {"initial_learning_rate": 1}},
            "rate.cosine_decay_restarts.first_decay_epochs: the length of the first decay is missing;"
            " write `first_decay_epochs` or `first_decay_steps`",
        ),
        (
            {"step": {"values": [1]}},
            "rate.step.values: the boundaries are missing; write `boundaries_epochs` or `boundaries`",
        ),
        (
            {"step": {"boundaries": [5], "boundaries_epochs": [1], "values": [2, 1]}},
            "rate.step.boundaries_epochs: boundaries and boundaries_epochs are both given; keep one",
        ),
        (
            {"step": {"boundaries_epochs": [6, 9], "values": [2, 1]}},
            "rate.step.values: the number of boundaries is 2 and of values 2; write one value more than boundaries",
        ),
        (
            {"step": {"boundaries_epochs": [6, 6], "values": [3, 2, 1]}},
            "rate.step.boundaries_epochs: 6 comes after 6; write boundaries from small to large",
        ),
        ({"one_cycle": {"max_learning_rate": 1, "rise": 1}}, "rate.one_cycle.rise: must be less than 1, got 1"),
    ],
)
def test_a_wrong_setting_is_refused(value, text):
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"rate": value})
    assert [str(problem) for problem in problems_of(caught.value)] == [text]


def test_a_number_is_a_constant_learning_rate():
    spec = ScheduleSpec.choose(0.1)
    assert isinstance(spec, Constant)
    assert spec.build(RUN) == 0.1


def test_a_schedule_written_out_is_read_again_as_the_same():
    for value in (
        0.1,
        {"cosine": {"initial_learning_rate": 0, "warmup_target": 0.1, "warmup_epochs": 2}},
        {"step": {"boundaries_epochs": [6, 9], "values": [3, 2, 1]}},
        {"one_cycle": {"max_learning_rate": 0.1, "cycle_epochs": 10}},
        {"cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_steps": 5}},
    ):
        spec = ScheduleSpec.choose(value)
        assert ScheduleSpec.choose(spec.plain()) == spec


def test_schedules_load_without_keras():
    code = "import sys; from dltrain.schedules.base import ScheduleSpec; ScheduleSpec.choose({'cosine': 0.1})"
    subprocess.run([sys.executable, "-c", f"{code}; assert not {{'keras', 'numpy'}} & set(sys.modules)"], check=True)
