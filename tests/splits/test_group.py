"""Groups: never divided, shares as near as they allow."""

import numpy as np
import pytest

from dltrain.spec.problems import SpecError
from dltrain.splits.base import Population, SplitsSpec
from splits.populations import SHARES, assert_sound, population, sizes, split


def grouped(sizes_of_groups, shuffled=True):
    names = np.repeat([f"p{index}" for index in range(len(sizes_of_groups))], sizes_of_groups)
    if shuffled:
        names = np.random.default_rng(1).permutation(names)
    return population(len(names), patient=names)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("validation", "test"), SHARES)
def test_no_group_is_divided_and_no_row_is_lost(validation, test, seed):
    generator = np.random.default_rng(seed)
    people = grouped(generator.integers(1, 12, size=40))
    splits = split({"group": "patient", "validation": validation, "test": test}, people, seed)
    assert_sound(splits, people)
    seen = [set(people.columns["patient"][ids]) for _, ids in splits.items()]
    assert sum(map(len, seen)) == len(set().union(*seen)) == 40


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("largest", [2, 12, 60])
def test_a_share_is_missed_by_at_most_half_of_the_smallest_group_that_is_left(largest, seed):
    counts = np.random.default_rng(seed).integers(1, largest, size=50)
    people = grouped(counts)
    rows = int(counts.sum())
    splits = split({"group": "patient", "validation": "none", "test": 0.3}, people, seed)
    left = np.unique(people.columns["patient"][splits.train], return_counts=True)[1]
    assert abs(len(splits.test) - round(0.3 * rows)) <= left.min() / 2


def test_groups_of_one_row_make_exact_shares():
    assert sizes(split({"group": "patient"}, grouped([1] * 200))) == {"train": 140, "validation": 20, "test": 40}


def test_each_split_gets_a_group_however_large_they_are():
    for seed in range(10):
        assert sorted(sizes(split({"group": "patient"}, grouped([96, 1, 3]), seed)).values()) == [1, 3, 96]


def test_a_seed_decides_and_the_order_of_rows_does_not_change_a_group():
    people = grouped([5] * 20)
    one, same, other = (split({"group": "patient"}, people, seed) for seed in (1, 1, 2))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    again = split({"group": "patient"}, grouped([5] * 20, shuffled=False), 1)
    assert set(people.columns["patient"][one.test]) == set(
        grouped([5] * 20, shuffled=False).columns["patient"][again.test]
    )


def test_numbers_name_groups_as_well():
    people = population(100, store=np.arange(100) // 10)
    splits = split({"type": "group", "column": "store", "test": 0.2, "validation": 0.1}, people)
    assert sizes(splits) == {"train": 70, "validation": 10, "test": 20}


def test_a_part_that_the_data_provides_is_kept():
    people = Population({"train": 80, "test": 20}, None, {"patient": np.arange(100) // 5})
    splits = split({"group": "patient", "validation": 0.25}, people)
    assert sizes(splits) == {"train": 60, "validation": 20, "test": 20}
    assert splits.test.tolist() == list(range(80, 100))


@pytest.mark.parametrize(
    ("groups", "value", "problem"),
    [
        ([50, 50], {}, "column 'patient' has 2 groups, and train, validation, test need 3"),
        ([100], {"validation": "none"}, "column 'patient' has 1 group, and train, test need 2"),
    ],
)
def test_too_few_groups_are_refused(groups, value, problem):
    with pytest.raises(SpecError) as raised:
        split({"group": "patient", **value}, grouped(groups))
    assert str(raised.value) == f"{problem}; write none for a split that you can do without"


@pytest.mark.parametrize(
    "value",
    [{"group": "p"}, {"group": {"column": "p"}}, {"type": "group", "column": "p"}, {"type": "group", "group": "p"}],
)
def test_all_ways_to_name_the_column_are_equal(value):
    spec = SplitsSpec.choose(value)
    assert (spec.plain(), spec.columns) == ({"type": "group", "column": "p"}, ("p",))
