"""Operations of the benchmark models by arithmetic, and the files of each case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.operations import CNN, MLP, Convolution, Dense, step_operations
from benchmarks.training import CASES
from dltrain.load import load

REPOSITORY = Path(__file__).parents[2]


def test_a_step_counts_three_products_a_layer_but_two_for_the_first():
    assert step_operations((Dense(3, 4), Dense(4, 5)), rows=10) == 2 * 10 * (2 * 3 * 4 + 3 * 4 * 5)
    assert Convolution(14, 32, 64).operations(1) == 2 * 14 * 14 * 9 * 32 * 64


def test_the_mlp_is_that_of_its_config():
    # 784 x 512 twice, 512 x 512 and 512 x 10 three times, a multiplication and an addition each.
    assert step_operations(MLP, rows=1) == 2 * (2 * 784 * 512 + 3 * 512 * 512 + 3 * 512 * 10)
    assert len(CNN) == 4


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_config_and_its_programs_by_hand(name: str):
    folder = REPOSITORY / "benchmarks"
    assert (folder / "cases" / f"{name}.yaml").is_file()
    for framework in ("keras", "torch"):
        assert (folder / "by_hand" / f"{CASES[name].data}_{framework}.py").is_file()


@pytest.mark.data
@pytest.mark.parametrize("name", CASES)
def test_the_config_of_a_case_is_right_and_has_its_name(name: str):
    if "DLTRAIN_DATA" not in os.environ:
        pytest.skip("the data sets of $DLTRAIN_DATA are not here")
    experiment, _ = load(REPOSITORY / "benchmarks" / "cases" / f"{name}.yaml")
    assert experiment.name == name
