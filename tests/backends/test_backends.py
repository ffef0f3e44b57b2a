"""The same config on TensorFlow, JAX and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.conftest import CONFIGS

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1500)]
OTHERS = ("jax", "torch")


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("backend", OTHERS)
def test_twenty_steps_from_the_same_weights_give_the_same_losses(on, backend, name):
    ours, theirs = on(backend)["runs"][name], on("tensorflow")["runs"][name]
    assert len(theirs["history"]["loss"]) == 10
    assert theirs["history"]["loss"][-1] < theirs["history"]["loss"][0]
    np.testing.assert_allclose(ours["history"]["loss"], theirs["history"]["loss"], rtol=0, atol=1e-4)
    assert ours["test"] == pytest.approx(theirs["test"], abs=1e-4)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("backend", OTHERS)
def test_one_seed_gives_the_same_splits(on, backend, name):
    assert on(backend)["runs"][name]["splits"] == on("tensorflow")["runs"][name]["splits"]


@pytest.mark.parametrize("backend", OTHERS)
def test_tensorflow_is_not_needed(on, backend):
    assert not on(backend)["tensorflow"]
    assert on("tensorflow")["tensorflow"]


@pytest.mark.parametrize("backend", OTHERS)
def test_a_run_goes_on_and_is_reproduced_to_the_same_bits(on, backend):
    life = on(backend)["life"]
    assert life.pop("predicted") == sorted(["prediction", *(f"probability_{digit}" for digit in range(10))])
    rates = life.pop("rates")
    assert rates == pytest.approx([0.01, 0.01, 0.005][: len(rates)])  # on PyTorch it stops early
    assert len(rates) > 1
    assert life == {"resumed": [True, True], "reproduced": True, "evaluated": True}


@pytest.mark.parametrize("backend", OTHERS)
def test_folds_are_trained(on, backend):
    assert on(backend)["folds"] == [75, 75]


@pytest.mark.parametrize("backend", OTHERS)
def test_without_tensorflow_the_saved_model_of_labels_takes_prepared_rows(on, backend):
    inputs = on(backend)["inputs"]
    assert inputs["table"] == ["prepared"]
    assert inputs["mlp"] == ["x"]
