"""How settings on the command line go on."""

import pytest

from dltrain.experiment import Experiment
from dltrain.spec.keys import proposals

CONFIG = {
    "dataset": "digits",
    "optimizer": {"sgd": 0.1},
    "model": {"type": "mlp", "layers": ["flatten", {"dense": {"units": 3}}]},
    "expect": {"test.accuracy": ">= 0.9"},
}


def texts(written, values=CONFIG):
    return [text for text, _ in proposals(Experiment, values, written)]


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("tra", ["trainer."]),
        ("trainer.ep", ["trainer.epochs="]),
        ("opt", ["optimizer.", "optimizer="]),
        ("optimizer.ty", ["optimizer.type="]),
        ("optimizer.type=adam", ["optimizer.type=adam", "optimizer.type=adamax", "optimizer.type=adamw"]),
        ("optimizer=sg", ["optimizer=sgd"]),
        ("optimizer.n", ["optimizer.nesterov="]),
        ("optimizer.nesterov=", ["optimizer.nesterov=true", "optimizer.nesterov=false"]),
        ("runtime.device=", ["runtime.device=auto", "runtime.device=cpu", "runtime.device=gpu"]),
        ("model.layers.", ["model.layers.0.", "model.layers.1."]),
        ("model.layers.1.un", ["model.layers.1.units="]),
        ("model.layers.0.un", []),
        ("dataset=dig", ["dataset=digits"]),
        ("metrics.", []),
        ("trainer.epochs=", []),
        ("trainer.epochs.x", []),
        ("no.such.key", []),
        ("expect.", []),
    ],
)
def test_a_setting_goes_on_as_the_config_allows(written, proposed):
    assert texts(written) == proposed


def test_a_component_of_another_type_has_other_settings():
    assert texts("optimizer.beta_1", {"optimizer": "adam"}) == ["optimizer.beta_1="]
    assert texts("optimizer.beta_1", {"optimizer": {"type": "sgd"}}) == []


def test_without_a_config_all_settings_of_all_components_are_proposed():
    assert {"optimizer.beta_1=", "optimizer.nesterov="} <= set(texts("optimizer.", {}))


def test_a_proposal_says_what_it_means():
    assert proposals(Experiment, {}, "trainer.ep") == [("trainer.epochs=", "passes over the training rows, at most.")]
    meaning = dict(proposals(Experiment, {}, "optimizer="))["optimizer=adam"]
    assert meaning == "Mean gradient over the root of the mean squared gradient:"
