"""A row's content decides its split."""

import numpy as np
import pytest

from dltrain.spec.problems import SpecError
from dltrain.splits.base import Population
from splits.populations import assert_sound, population, sizes, split, with_digests


def people_of(values):
    return population(len(values), **with_digests(values))


def names(splits, values):
    """The split of each value."""
    return {value: name for name, ids in splits.items() for value in np.asarray(values)[ids].tolist()}


@pytest.mark.parametrize("seed", range(5))
def test_rows_that_come_or_change_places_move_no_other(seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=500)
    grown = generator.permutation(np.concatenate([values, generator.normal(size=700)]))
    before = names(split("hash", people_of(values), seed), values)
    after = names(split("hash", people_of(grown), seed), grown)
    assert len(before) == 500
    assert {value: after[value] for value in before} == before


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.2), (0.3, 0.3), (0.02, 0.5)])
def test_shares_are_met_as_well_as_chance_meets_them(validation, test, seed):
    people = people_of(np.arange(10_000))
    splits = split({"type": "hash", "validation": validation, "test": test}, people, seed)
    assert_sound(splits, people)
    for ids, share in [(splits.validation, validation), (splits.test, test)]:
        # Four standard deviations of a binomial count: 1 in 16,000 draws is farther off.
        assert abs(len(ids) - 10_000 * share) < 4 * np.sqrt(10_000 * share * (1 - share))


def test_equal_rows_are_in_one_split():
    values = np.random.default_rng(0).integers(100, size=1000)
    splits = split("hash", people_of(values))
    seen = [set(values[ids]) for _, ids in splits.items()]
    assert sum(map(len, seen)) == len(set(values))


def test_a_larger_share_keeps_the_rows_of_a_smaller_one():
    people = people_of(np.arange(1000))
    small = split({"type": "hash", "test": 0.1, "validation": "none"}, people)
    large = split({"type": "hash", "test": 0.3, "validation": "none"}, people)
    assert set(small.test) < set(large.test)


def test_a_seed_draws_other_rows():
    people = people_of(np.arange(1000))
    one, same, other = (split("hash", people, seed) for seed in (1, 1, 2))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    # Independent draws of a fifth share a fifth of their rows: 40 of 200, give or take 4 * 5.7.
    assert abs(len(np.intersect1d(one.test, other.test)) - 40) < 23


def test_a_column_decides_in_place_of_the_features():
    ids = np.array([f"user{number}" for number in np.arange(600) // 2])
    one = split({"type": "hash", "column": "user"}, population(600, user=ids, **with_digests(np.arange(600))))
    other = split({"type": "hash", "column": "user"}, population(600, user=ids, **with_digests(np.zeros(600))))
    assert one.fingerprint == other.fingerprint
    assert (one.test.reshape(-1, 2)[:, 1] - one.test.reshape(-1, 2)[:, 0] == 1).all()


def test_the_draw_is_the_same_on_every_machine():
    splits = split("hash", people_of(np.arange(40)), 42)
    assert splits.validation.tolist() == [0, 9]
    assert splits.test.tolist() == [4, 6, 16, 25]


def test_parts_that_the_data_provides_are_kept():
    people = Population({"train": 900, "test": 100}, None, with_digests(np.arange(1000)))
    splits = split("hash", people)
    assert_sound(splits, people)
    assert splits.test.tolist() == list(range(900, 1000))
    assert sizes(split({"type": "hash", "test": "none", "validation": "none"}, people)) == {"train": 900}


@pytest.mark.parametrize(
    ("value", "values", "problem"),
    [
        (
            {"test": 20},
            np.arange(100),
            "test: 20 rows would be others as the data grows; write a fraction such as 0.1",
        ),
        (
            {"test": 0.1, "validation": "none"},
            np.zeros(100),
            "the hash puts none of 100 rows in train; take another share, or another type for so few rows",
        ),
    ],
)
def test_what_a_hash_cannot_give_is_refused(value, values, problem):
    with pytest.raises(SpecError) as raised:
        split({"type": "hash", **value}, people_of(values))
    assert str(raised.value) == problem
