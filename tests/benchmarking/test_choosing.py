"""What is tried, and what is chosen."""

from dataclasses import replace

import pytest

from dltrain.benchmarking.choosing import best, fewer_threads, notes, other_backends, together, variations, verdict
from dltrain.benchmarking.trial import Trial, in_words
from dltrain.runtime.settings import RuntimeSpec
from tests.benchmarking.conftest import failed, measured

SLICES = (100.0, 101.0, 2.0, 99.0, 102.0)
ALL = ("tensorflow", "jax", "torch")


def test_every_other_backend_is_tried_with_its_defaults():
    assert list(other_backends(RuntimeSpec(), ALL)) == [{"backend": "jax"}, {"backend": "torch"}]
    written = RuntimeSpec(backend="jax", steps_per_execution=4, onednn=True, threads=2)
    reset = {"steps_per_execution": None, "onednn": None}
    assert list(other_backends(written, ("tensorflow", "jax"))) == [{"backend": "tensorflow", **reset}]


def test_on_tensorflow_steps_xla_and_kernels_are_tried_one_at_a_time():
    assert list(variations(measured({}, 1.0))) == [
        {"steps_per_execution": 4},
        {"steps_per_execution": 64},
        {"jit_compile": True},
        {"onednn": False},
        {"intra_op_threads": 1},
    ]


@pytest.mark.parametrize(
    ("used", "steps", "tried"),
    [(1, 100, [4]), (64, 1000, [16, 256]), (64, 100, [16, 100]), (16, 16, [4]), (16, 10, [2]), (1, 1, [])],
)
def test_a_quarter_of_the_steps_and_four_times_as_many_are_tried(used, steps, tried):
    found = variations(measured({}, 1.0, steps=steps, steps_per_execution=used))
    assert [each["steps_per_execution"] for each in found if "steps_per_execution" in each] == tried


def test_on_a_gpu_the_processor_is_tried_and_its_kernels_are_not():
    found = list(variations(measured({"threads": 2}, 1.0, device="gpu", backend="jax")))
    assert found == [{"threads": 2, "device": "cpu"}]
    assert {"onednn": False} not in list(variations(measured({}, 1.0, device="gpu")))


@pytest.mark.parametrize(("threads", "tried"), [(1, []), (2, [1]), (3, [1]), (16, [1, 8])])
def test_half_of_the_threads_and_one_are_tried(threads, tried):
    assert list(fewer_threads(measured({}, 1.0, threads=threads))) == [{"threads": count} for count in tried]


def test_one_thread_for_an_operation_and_all_are_tried_by_turns():
    assert {"intra_op_threads": 4} in list(variations(measured({}, 1.0, intra_op_threads=1)))
    assert "intra_op_threads" not in str(list(variations(measured({}, 1.0, threads=1, intra_op_threads=1))))
    assert "intra_op_threads" not in str(list(variations(measured({}, 1.0, device="gpu"))))


def test_no_fewer_threads_are_tried_than_share_an_operation():
    assert list(fewer_threads(measured({"intra_op_threads": 2}, 1.0))) == [{"intra_op_threads": 2, "threads": 2}]


def test_a_gpu_is_tried_with_all_threads():
    assert list(fewer_threads(measured({}, 1.0, device="gpu"))) == []


def test_what_helps_by_itself_is_tried_together():
    start = measured({}, 100.0)
    trials = [
        start,
        measured({"backend": "jax"}, 150.0),
        measured({"steps_per_execution": 1}, 50.0),
        measured({"steps_per_execution": 64}, 110.0),
        measured({"jit_compile": True}, 104.0),
        measured({"onednn": False}, 106.0),
    ]
    assert together(start, trials) == {"steps_per_execution": 64, "onednn": False}
    assert together(start, trials[:-1]) is None


def test_within_five_percent_the_config_stays_as_it_is():
    trials = [measured({}, 100.0), measured({"threads": 1}, 105.0), failed({"backend": "jax"})]
    assert best(trials) is trials[0]
    assert verdict(trials) == "the config stays as it is: threads 1 is 5.0% faster, and less than 5% is noise"


def test_beyond_that_the_fastest_is_chosen():
    trials = [measured({}, 100.0), measured({"threads": 1}, 106.0)]
    assert best(trials) is trials[1]
    assert verdict(trials) == "threads 1: 1.06 times as fast as it is"


def test_of_equal_ones_the_one_with_the_fewest_changes_is_chosen():
    trials = [
        measured({}, 100.0),
        measured({"onednn": False, "threads": 1}, 202.0),
        measured({"onednn": False}, 200.0),
        measured({"jit_compile": True}, 199.0),
    ]
    assert best(trials) is trials[2]


def test_the_fastest_may_be_the_config():
    assert verdict([measured({}, 100.0), measured({"threads": 1}, 99.0)]) == "the config is fastest as it is"


def test_a_config_that_could_not_be_measured_has_no_ratio():
    trials = [failed({}), measured({"backend": "jax"}, 10.0)]
    assert verdict(trials) == "backend jax: the config as it is could not be measured"
    assert best([failed({})]) is None


def test_a_disturbance_of_one_slice_does_not_move_the_rate():
    slow, fast = (replace(measured({}, 1.0).measured, rates=rates) for rates in (SLICES, (200.0,)))
    assert (slow.rate, slow.joined(fast).rate, fast.joined(slow).rate) == (100.0, 200.0, 200.0)


def test_settings_are_told_in_words():
    assert in_words({}) == "as it is"
    assert in_words({"backend": "jax", "steps_per_execution": None, "onednn": False}) == "backend jax, onednn false"


def test_a_step_that_is_compiled_for_longer_than_it_saves_is_told():
    as_it_is = measured({}, 1000.0)
    compiled = measured({"jit_compile": True}, 2000.0, first_step_seconds=20.0)
    assert list(notes([as_it_is, compiled])) == [
        "it begins later, which so short a training does not make up for: "
        "all epochs take about 25 s so and 15 s as it is"
    ]
    assert list(notes([as_it_is, measured({"jit_compile": True}, 2000.0, first_step_seconds=9.9)])) == []
    assert list(notes([failed({}), compiled])) == []


def test_a_machine_that_is_not_idle_is_told():
    restless = replace(measured({}, 1.0).measured, rates=(100.0, 160.0, 130.0))
    assert list(notes([Trial({}, restless)])) == [
        "this machine is not idle: within one trial the speed changed by a factor of 1.6; measure again"
    ]
    assert list(notes([Trial({}, replace(restless, rates=(100.0, 149.0)))])) == []
