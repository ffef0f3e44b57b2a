"""Thousands of mutated configs: each loads, or is refused with every problem at its place."""

import gc
import time

import pytest

from dltrain.errors import ConfigError
from dltrain.load import load
from hostile.configs import Mutator

CONFIGS, IN_CHECK = 5_000, 500


@pytest.fixture(scope="module")
def mutator(configs):
    return Mutator([path.read_text(encoding="utf-8") for path in sorted(configs.glob("*.yaml"))])


@pytest.fixture
def folder(configs, stand_ins, monkeypatch):
    """The working directory, with configs to extend and the data of the shipped ones."""
    monkeypatch.chdir(stand_ins)
    monkeypatch.setenv("ODD", "a\nb")
    monkeypatch.setenv("WORD", "adam")
    monkeypatch.delenv("X", raising=False)
    paths = sorted(configs.glob("*.yaml"))
    (stand_ins / "one.yaml").write_bytes(b"extends: two.yaml\n" + paths[0].read_bytes())
    (stand_ins / "two.yaml").write_bytes(paths[-1].read_bytes())
    for path in paths:
        # Modules of sections are imported here, and not within the time of a config.
        load(path)
    return stand_ins


@pytest.mark.parametrize(
    "first",
    [pytest.param(seed, marks=pytest.mark.long if seed else ()) for seed in range(0, CONFIGS, IN_CHECK)],
)
@pytest.mark.long
def test_a_mutated_config_loads_or_is_refused_at_its_places_within_a_second(first, folder, mutator):
    refused, slowest = 0, (0.0, 0)
    # As the command line does: else a collection of all that other tests have left is in the time of one config.
    gc.collect()
    gc.disable()
    for seed in range(first, first + IN_CHECK):
        data, settings = mutator(seed)
        (folder / "self.yaml").write_bytes(data)
        began = time.thread_time()
        refused += refuses(seed, settings)
        slowest = max(slowest, (time.thread_time() - began, seed))
    gc.enable()
    print("slowest:", slowest)
    assert slowest[0] < 1, slowest
    assert IN_CHECK // 2 < refused < IN_CHECK


def refuses(seed, settings):
    """Whether the config is wrong; every problem has a line of a file, or a setting."""
    try:
        load("self.yaml", settings)
    except ConfigError as error:
        raised = error
    except Exception as error:
        raise AssertionError(f"seed {seed}, {settings}") from error
    else:
        return False
    places, files = [problem.position for problem in raised.problems], {"self.yaml", "one.yaml", "two.yaml"}
    assert places, seed
    assert all(place.source in files if place.line else place.source.startswith("--set ") for place in places), seed
    return True
