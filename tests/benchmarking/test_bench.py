"""The order of trials, with made-up speeds."""

import pytest

from dltrain.benchmarking import bench as module
from dltrain.benchmarking.bench import bench
from dltrain.errors import InputError, RunError
from dltrain.runtime.settings import RuntimeSpec
from tests.benchmarking.conftest import failed


@pytest.fixture
def installed(monkeypatch):
    """Which backends a machine has."""

    def have(*names):
        find = module.importlib.util.find_spec
        known = {"tensorflow", "jax", "torch"}
        monkeypatch.setattr(
            module.importlib.util, "find_spec", lambda name: name in names or None if name in known else find(name)
        )

    return have


def speed(settings):
    """JAX is twice as fast, XLA halves, half of the threads gives a tenth more; the rest changes nothing."""
    rate = 200.0 if settings.get("backend") == "jax" else 100.0
    return rate * (0.5 if settings.get("jit_compile") else 1.0) * (1.1 if settings.get("threads") == 2 else 1.0)


def test_backends_then_settings_then_threads_and_the_best_once_more(machine, installed):
    installed("tensorflow", "jax")
    calls = []
    found = bench(RuntimeSpec(), machine(speed, calls))
    assert [settings for settings, _ in calls] == [
        {},
        {"backend": "jax"},
        {"steps_per_execution": 4},
        {"steps_per_execution": 64},
        {"jit_compile": True},
        {"onednn": False},
        {"intra_op_threads": 1},
        {"backend": "jax", "threads": 1},
        {"backend": "jax", "threads": 2},
        {},
        {"backend": "jax", "threads": 2},
    ]
    assert (found.chosen.settings, found.missing) == ({"backend": "jax", "threads": 2}, ("torch",))
    assert found.verdict == "backend jax, threads 2: 2.20 times as fast as it is"
    assert found.notes == ["jax draws other initial weights for the same seed"]
    assert calls[0][1] is None
    assert all(60 <= limit < 61 for _, limit in calls[1:])


def test_a_backend_that_is_far_behind_is_not_looked_at_further(machine, installed):
    installed("tensorflow", "jax")
    calls = []
    measure = machine(lambda settings: 33 if "backend" in settings else 100, calls, backend="jax")
    bench(RuntimeSpec(backend="jax"), measure)
    assert [settings for settings, _ in calls] == [{}, {"backend": "tensorflow"}, {"threads": 1}, {"threads": 2}]


def test_what_is_fixed_is_not_changed(machine, installed):
    installed("tensorflow", "jax", "torch")
    calls = []
    found = bench(RuntimeSpec(), machine(speed, calls), fixed=["backend", "threads", "jit_compile"])
    assert [settings for settings, _ in calls] == [
        {},
        {"steps_per_execution": 4},
        {"steps_per_execution": 64},
        {"onednn": False},
        {"intra_op_threads": 1},
    ]
    assert (found.chosen.settings, found.verdict) == ({}, "the config is fastest as it is")


def test_what_a_backend_refuses_is_a_trial_like_any_other(machine, installed):
    installed("tensorflow", "jax")
    told = []
    refused = failed({"backend": "jax"}, "strings", "refused", 2)
    found = bench(RuntimeSpec(), machine(lambda settings: refused if settings.get("backend") else 10), tell=told.append)
    assert told[1] is refused
    assert found.plain()["trials"][1] == {"settings": {"backend": "jax"}, "status": "refused", "text": "strings"}


def test_wrong_input_ends_at_once_with_the_words_of_fit(machine, installed):
    installed("tensorflow", "jax")
    calls = []
    with pytest.raises(InputError, match=r"^error: a cell is empty$"):
        bench(RuntimeSpec(), machine(lambda settings: failed(settings, "a cell is empty", "refused", 2), calls))
    assert len(calls) == 1


def test_where_nothing_can_be_measured_every_reason_is_told(machine, installed):
    installed("tensorflow", "jax")
    with pytest.raises(RunError) as raised:
        bench(RuntimeSpec(), machine(lambda settings: failed(settings, f"no {settings.get('backend', 'GPU')}")))
    assert str(raised.value) == "nothing could be measured:\n  as it is: no GPU\n  backend jax: no jax"


def test_a_config_that_was_disturbed_gets_a_second_chance(machine, installed):
    installed("tensorflow")
    disturbed = iter([50.0, 100.0])
    measure = machine(lambda settings: 100.0 if settings else next(disturbed))
    found = bench(RuntimeSpec(), measure, fixed=["steps_per_execution", "threads", "intra_op_threads", "onednn"])
    assert [trial.rate for trial in found.trials] == [100.0, 100.0]
    assert (found.chosen.settings, found.verdict) == ({}, "the config is fastest as it is")
