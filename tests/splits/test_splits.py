"""Splits: complete, disjoint, never empty, and a function of the seed."""

import numpy as np
import pytest
from pydantic import ValidationError

from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of
from dltrain.splits.base import Population, Splits, SplitsSpec

CLASSES = np.repeat([0, 1, 2], [70, 25, 5])
KINDS = ["random", "stratified", "auto"]


def split(value, rows=100, classes=CLASSES, seed=0):
    parts = rows if isinstance(rows, dict) else {"train": rows}
    return SplitsSpec.choose(value).split(Population(parts, classes), seed=seed)


def sizes(splits):
    return {name: len(ids) for name, ids in splits.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("validation", [None, 0.1, 0.33, 7, "none"])
@pytest.mark.parametrize("test", [None, 0.01, 0.5, 20, "none"])
def test_every_row_is_in_exactly_one_split(kind, validation, test):
    splits = split({"type": kind, "validation": validation, "test": test})
    together = np.concatenate([ids for _, ids in splits.items()])
    assert sorted(together) == list(range(100))
    for _, ids in splits.items():  # noqa: PERF102
        assert ids.dtype.kind == "i"
        assert (np.diff(ids) > 0).all()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, {"train": 70, "validation": 10, "test": 20}),
        ({"validation": 0.25, "test": 0.25}, {"train": 50, "validation": 25, "test": 25}),
        ({"validation": 5, "test": 1}, {"train": 94, "validation": 5, "test": 1}),
        ({"validation": "none", "test": "none"}, {"train": 100}),
        ({"validation": "none", "test": 0.5}, {"train": 50, "test": 50}),
        ({"validation": 0.006, "test": 98}, {"train": 1, "validation": 1, "test": 98}),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_shares_are_fractions_of_all_rows_or_counts(kind, value, expected):
    assert sizes(split({"type": kind, **value})) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_the_ids(kind):
    one, same, other = split(kind, seed=1), split(kind, seed=1), split(kind, seed=2)
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert all((a == b).all() for (_, a), (_, b) in zip(one.items(), same.items(), strict=True))


@pytest.mark.parametrize("kind", ["random", "stratified"])
def test_the_largest_seed_works(kind):
    assert sizes(split(kind, seed=2**32 - 1)) == {"train": 70, "validation": 10, "test": 20}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.2), (17, 31), (0.03, 0.5)])
def test_stratified_keeps_each_class_to_within_a_row(validation, test, seed):
    splits = split({"type": "stratified", "validation": validation, "test": test}, seed=seed)
    shares = np.bincount(CLASSES) / 100
    left = np.bincount(CLASSES)
    for ids in (splits.test, splits.validation):
        expected = left * (len(ids) / left.sum())
        counts = np.bincount(CLASSES[ids], minlength=3)
        assert (np.abs(counts - expected) < 1).all()
        left = left - counts
    np.testing.assert_allclose(np.bincount(CLASSES[splits.train], minlength=3), shares * len(splits.train), atol=2)


def test_auto_stratifies_only_where_each_class_has_ten_rows():
    enough = np.repeat([0, 1], [90, 10])
    for classes, as_kind in [(enough, "stratified"), (np.repeat([0, 1], [91, 9]), "random"), (None, "random")]:
        assert split("auto", classes=classes).fingerprint == split(as_kind, classes=classes).fingerprint


def test_parts_of_the_data_are_taken_as_they_are():
    rows = {"train": 80, "validation": 8, "test": 12}
    for value in ({}, {"validation": "provided", "test": "provided"}):
        splits = split(value, rows=rows)
        assert splits.train.tolist() == list(range(80))
        assert splits.validation.tolist() == list(range(80, 88))
        assert splits.test.tolist() == list(range(88, 100))


def test_validation_is_drawn_from_train_where_only_a_test_part_is_provided():
    splits = split({"validation": 0.1}, rows={"train": 80, "test": 20})
    assert sizes(splits) == {"train": 72, "validation": 8, "test": 20}
    assert splits.test.tolist() == list(range(80, 100))
    assert max(splits.validation) < 80


def test_a_provided_part_can_be_left_out():
    assert sizes(split({"validation": "none", "test": "none"}, rows={"train": 80, "test": 20})) == {"train": 80}


@pytest.mark.parametrize(
    ("value", "settings", "problem"),
    [
        ({"validation": 0.004}, {}, "validation: 0.004 of 100 rows is none; take a larger fraction, or write none"),
        ({"test": 0.001}, {}, "test: 0.001 of 100 rows is none; take a larger fraction, or write none"),
        (
            {"validation": 50, "test": 50},
            {},
            "validation and test take 100 of 100 rows and leave none to train on; lower them",
        ),
        (
            {"test": "provided"},
            {},
            "test: the dataset provides no test split, only train; write a fraction or none",
        ),
        ({"type": "stratified"}, {"classes": None}, "type: stratified needs a class for each row, and the target "
         "has none; write type: random"),
        ({"type": "stratified"}, {"classes": np.repeat([0, 1], [99, 1])}, "type: class number 1 has a single row, "
         "which cannot be in two splits; write type: random"),
    ],
)  # fmt: skip
def test_a_split_that_would_be_empty_or_impossible_is_refused(value, settings, problem):
    with pytest.raises(SpecError) as raised:
        split(value, **settings)
    assert str(raised.value) == problem


class Config(Section):
    splits: SplitsSpec


@pytest.mark.parametrize("share", [0, 0.0, 1.0, 1.5, -0.1, -3, True, False, "all", [0.1]])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(ValidationError) as raised:
        Config(splits={"test": share})
    (problem,) = problems_of(raised.value)
    text = "expected a fraction between 0 and 1, a number of rows, provided or none; got "
    assert str(problem).startswith(f"splits.test: {text}")
    assert str(problem).endswith("; write none for no such split") == (share in (0, False))


def test_ids_by_name_make_the_same_splits():
    splits = split({})
    again = Splits.of(dict(splits.items()))
    assert again.fingerprint == splits.fingerprint
    assert sizes(again.only("test")) == {"test": 20}


def test_four_rows_can_all_be_trained_on():
    splits = split({"validation": "none", "test": "none"}, rows=4, classes=np.array([0, 1, 1, 0]))
    assert splits.train.tolist() == [0, 1, 2, 3]
