"""Folds: each row is tested once."""

import numpy as np
import pytest
from pydantic import ValidationError

from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of
from dltrain.splits.base import Population, SplitsSpec
from splits.populations import assert_sound, population, sizes, split


def folds_of(value, people, seed=0):
    return [spec.split(people, seed=seed) for spec in SplitsSpec.choose(value).repeats]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("folds", [2, 5, 7])
@pytest.mark.parametrize("classes", [None, 3])
@pytest.mark.parametrize("grouped", [False, True])
def test_each_row_is_a_test_row_of_one_fold(folds, classes, grouped, seed):
    groups = np.random.default_rng(seed).integers(60, size=300)
    people = population(300, seed, classes, g=groups)
    found = folds_of({"folds": folds} | ({"group": "g"} if grouped else {}), people, seed)
    assert len(found) == folds
    assert sorted(np.concatenate([splits.test for splits in found]).tolist()) == list(range(300))
    for splits in found:
        assert_sound(splits, people)
        assert len(splits.validation) > 0
        if grouped:
            seen = [set(groups[ids]) for _, ids in splits.items()]
            assert sum(map(len, seen)) == len(set(groups))


@pytest.mark.parametrize("folds", [2, 3, 10])
def test_folds_have_equal_sizes_and_classes_to_within_a_row(folds):
    people = Population({"train": 203}, np.repeat([0, 1, 2], [150, 40, 13]))
    counts = np.array(
        [np.bincount(people.classes[splits.test], minlength=3) for splits in folds_of({"folds": folds}, people)]
    )
    assert np.ptp(counts.sum(axis=1)) <= 1
    assert (np.ptp(counts, axis=0) <= 1).all()


def test_folds_of_groups_are_alike_in_size_and_classes():
    generator = np.random.default_rng(0)
    groups = generator.integers(200, size=2000)
    people = Population({"train": 2000}, generator.choice(3, p=[0.7, 0.2, 0.1], size=2000), {"g": groups})
    counts = np.array(
        [np.bincount(people.classes[splits.test]) for splits in folds_of({"folds": 5, "group": "g"}, people)]
    )
    np.testing.assert_allclose(counts, np.bincount(people.classes)[None] / 5 * np.ones((5, 1)), rtol=0.1)


def test_validation_is_a_share_of_the_rows_outside_of_the_fold():
    people = population(100)
    assert sizes(split({"folds": 5, "fold": 2}, people)) == {"train": 72, "validation": 8, "test": 20}
    assert sizes(split({"folds": 5, "fold": 2, "validation": 0.5}, people)) == {
        "train": 40,
        "validation": 40,
        "test": 20,
    }
    assert sizes(split({"folds": 5, "fold": 2, "validation": "none"}, people)) == {"train": 80, "test": 20}


def test_a_provided_test_part_is_left_out_and_a_provided_validation_part_is_used_in_each():
    people = Population({"train": 60, "validation": 10, "test": 30}, None)
    for splits in folds_of({"folds": 3}, people):
        assert sizes(splits) == {"train": 40, "validation": 10, "test": 20}
        assert splits.validation.tolist() == list(range(60, 70))
        assert splits.test.max() < 60


def test_a_seed_decides_the_folds():
    people = population(100)
    one, same, other = (folds_of({"folds": 4}, people, seed) for seed in (1, 1, 2))
    assert [splits.fingerprint for splits in one] == [splits.fingerprint for splits in same]
    assert one[0].fingerprint != other[0].fingerprint


def test_a_fold_alone_is_a_single_run():
    spec = SplitsSpec.choose({"type": "k_fold", "folds": 3, "group": "g"})
    assert [each.fold for each in spec.repeats] == [1, 2, 3]
    assert SplitsSpec.choose({"folds": 3, "fold": 2}).repeats == ()
    assert SplitsSpec.choose(spec.repeats[1].plain()) == spec.repeats[1]
    assert (SplitsSpec.choose({"k_fold": 7}).folds, spec.columns) == (7, ("g",))


@pytest.mark.parametrize(
    ("value", "people", "problem"),
    [
        ({"folds": 9}, population(8, classes=None), "folds: 9 folds need 9 rows, and there are 8"),
        (
            {"folds": 5, "group": "g"},
            population(12, g=np.arange(12) % 4),
            "folds: 5 folds need 5 groups, and column 'g' has 4",
        ),
        (
            {"folds": 2},
            Population({"train": 5}, np.array([0, 0, 1, 2, 2])),
            "class number 1 has a single row, which cannot be trained on while it is tested; "
            "drop it, or write another type",
        ),
        ({"folds": 2, "validation": 0.001}, population(9, classes=None),
         "validation: 0.001 of 4 rows is none; take a larger fraction, or write none"),
        ({"folds": 2, "validation": "provided"}, population(9, classes=None),
         "validation: the dataset provides no validation split, only train; write a fraction or none"),
    ],
)  # fmt: skip
def test_folds_that_cannot_be_made_are_refused(value, people, problem):
    with pytest.raises(SpecError) as raised:
        split({**value, "fold": 1}, people)
    assert str(raised.value) == problem


class Config(Section):
    splits: SplitsSpec


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            {"folds": 4, "test": 0.2},
            "splits.test: every fold is the test rows of one run, so there is no share to set; delete it",
        ),
        ({"folds": 4, "fold": 5}, "splits: there is no fold 5 of 4; write a number from 1 to 4"),
        ({"folds": 1}, "splits.folds: must be at least 2, got 1"),
    ],
)
def test_settings_that_make_no_folds_are_refused(value, problem):
    with pytest.raises(ValidationError) as raised:
        Config(splits=value)
    assert [str(found) for found in problems_of(raised.value)] == [problem]
