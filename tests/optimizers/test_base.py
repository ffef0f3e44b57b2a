"""Settings of optimizers, and their learning rates against the length of a run; no Keras is needed."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon
from dltrain.schedules.constant import Constant
from dltrain.spec.family import type_name
from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of

ALL = {"sgd", "rmsprop", "adam", "adamw", "adamax", "nadam", "adagrad", "adadelta", "adafactor", "ftrl"} | {
    "lion",
    "lamb",
    "muon",
    "schedule_free_adamw",
}


class Config(Section):
    optimizer: OptimizerSpec


def test_there_is_a_section_for_every_optimizer():
    assert {type_name(member) for member in OptimizerSpec.choices().values()} == ALL


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_number_is_the_learning_rate(name):
    assert OptimizerSpec.choose({name: 0.25}).learning_rate == Constant(learning_rate=0.25)


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_optimizer_written_out_is_read_again_as_the_same(name):
    schedule = {"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 3}}
    for value in (name, {name: {"learning_rate": schedule, "weight_decay": 0, "clipnorm": 1}}):
        spec = OptimizerSpec.choose(value)
        assert OptimizerSpec.choose(spec.plain()) == spec


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"sgd": {"clipnorm": 1, "clipvalue": 2}}, "sgd.clipvalue: clipnorm and clipvalue are both given; keep one"),
        (
            {"adam": {"global_clipnorm": 1, "clipvalue": 2}},
            "adam.global_clipnorm: clipvalue and global_clipnorm are both given; keep one",
        ),
        (
            {"sgd": {"nesterov": True}},
            "sgd.nesterov: nesterov has no effect without momentum; write a `momentum`, such as 0.9",
        ),
        (
            {"sgd": {"ema_overwrite_frequency": 10}},
            "sgd.ema_overwrite_frequency: ema_overwrite_frequency has no effect without the average;"
            " write `use_ema: true`",
        ),
        ({"sgd": {"gradient_accumulation_steps": 1}}, "sgd.gradient_accumulation_steps: must be at least 2, got 1"),
        ({"sgd": {"momentum": 1}}, "sgd.momentum: must be less than 1, got 1"),
        ({"adam": {"beta_1": -0.1}}, "adam.beta_1: must be at least 0, got -0.1"),
        ({"sgd": 0}, "sgd: must be at least 1e-12, got 0"),
        (
            {"adamw": {"weight_decay": None}},
            "adamw.weight_decay: expected a number, got nothing; write a value or delete the key",
        ),
        ({"lion": {"beta_1": 0}}, "lion.beta_1: must be greater than 0, got 0"),
        ({"ftrl": {"learning_rate_power": 0.5}}, "ftrl.learning_rate_power: must be at most 0, got 0.5"),
        (
            {"sgd": {"learning_rate": {"cosin": 0.1}}},
            "sgd.learning_rate.cosin: unknown schedule 'cosin'; expected constant, cosine_decay, cosine_decay_restarts,"
            " exponential_decay, inverse_time_decay, one_cycle, piecewise_constant_decay or polynomial_decay;"
            " did you mean 'cosine'?",
        ),
        (
            {"sgd": {"learning_rate": {"type": "cosin", "initial_learning_rate": 0.1}}},
            "sgd.learning_rate.type: unknown schedule 'cosin'; expected constant, cosine_decay, cosine_decay_restarts,"
            " exponential_decay, inverse_time_decay, one_cycle, piecewise_constant_decay or polynomial_decay;"
            " did you mean 'cosine'?",
        ),
    ],
)
def test_a_wrong_setting_is_refused(value, text):
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"optimizer": value})
    assert [str(problem) for problem in problems_of(caught.value)] == [f"optimizer.{text}"]


def test_a_schedule_longer_than_the_run_is_refused_at_its_key():
    schedule = {"cosine": {"initial_learning_rate": 0.1, "decay_epochs": 20}}
    spec = OptimizerSpec.choose({"sgd": {"learning_rate": schedule}})
    for method in (spec.check, spec.build):
        with pytest.raises(SpecError) as caught:
            method(Horizon(steps_per_epoch=100, epochs=12))
        assert str(caught.value) == (
            "learning_rate.decay_epochs: 20 epochs are longer than the run of 12 epochs;"
            " lower it, or raise `trainer.epochs`"
        )
    assert spec.check(Horizon(steps_per_epoch=100, epochs=20)) is None


def test_optimizers_and_their_checks_need_no_keras():
    code = (
        "import sys; from dltrain.optimizers.base import OptimizerSpec as O;"
        "from dltrain.schedules.base import Horizon;"
        "O.choose({'sgd': {'learning_rate': {'cosine': 0.1}}}).check(Horizon(10, 10));"
        "assert not {'keras', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
