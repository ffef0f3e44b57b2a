"""Rows that training has seen: copies, groups, windows that reach into what is scored."""

from pathlib import Path

import numpy as np

from dltrain.audit.auditor import Auditor
from dltrain.data.source import Rows
from dltrain.scratch import Scratch
from dltrain.splits.base import DIGESTS, SPAN, Population, Splits, SplitsSpec

NOTHING = np.empty(0, "int64")


def audited(features, splits, kind="random", chunk=1000, parts=None, target=None, **columns):
    auditor, rows = Auditor(Scratch(Path(), limit=1 << 30)), len(next(iter(features.values())))
    for start in range(0, rows, chunk):
        auditor.see(Rows({name: values[start : start + chunk] for name, values in features.items()}, None))
    people = Population(parts or {"train": rows}, None, {**columns, DIGESTS: auditor.digests})
    spec = SplitsSpec.choose(kind)
    target = np.arange(rows) % 7 if target is None else target
    return auditor.findings(spec, Splits(*map(np.asarray, splits)), population=people, target=target, classes=())


def random_rows(count=100, seed=0):
    return np.random.default_rng(seed).normal(size=count)


def test_rows_with_the_features_of_a_train_row_are_counted_and_shown():
    values = random_rows()
    values[[80, 90, 95]] = values[[3, 1, 3]]
    values[72] = values[5]
    splits = np.arange(70), np.arange(70, 80), np.arange(80, 100)
    (found,) = audited({"x": values, "y": values**2}, splits, chunk=33)
    assert found.text == (
        "3 of 20 test rows and 1 of 10 validation rows have the features of a train row "
        "(row 81 = row 4, row 91 = row 2, row 96 = row 4); `splits.type: hash` keeps such rows in one split"
    )
    assert found.plain() == {
        "kind": "identical_rows",
        "text": found.text,
        "pairs": [
            {"split": "test", "of": "train", "rows": 3, "total": 20},
            {"split": "validation", "of": "train", "rows": 1, "total": 10},
        ],
        "examples": ["row 81 = row 4", "row 91 = row 2", "row 96 = row 4"],
    }


def test_rows_are_found_among_many_whose_hashes_end_alike():
    # Hashes are looked up by their last 5 bits, so that each is like a hundred others.
    values = random_rows(3000)
    splits = np.arange(2999), NOTHING, np.array([2999])
    assert not audited({"x": values}, splits)
    values[2999] = values[1234]
    (found,) = audited({"x": values}, splits)
    assert found.details["examples"] == ["row 3000 = row 1235"]


def test_rows_of_a_part_that_the_data_provides_are_named_by_it():
    values = random_rows()
    values[85] = values[0]
    splits = np.arange(80), NOTHING, np.arange(80, 100)
    (found,) = audited({"x": values, "y": values**2}, splits, parts={"train": 80, "test": 20})
    assert found.text == (
        "1 of 20 test rows have the features of a train row (test row 6 = train row 1); drop them from one of the two"
    )


def test_rows_that_differ_in_one_feature_of_many_are_not_identical():
    columns = {f"c{index}": np.arange(100.0) // 60 for index in range(9)}
    columns["last"] = random_rows()
    assert audited(columns, (np.arange(60), np.arange(60, 80), np.arange(80, 100))) == ()


def test_rows_of_one_split_may_be_identical():
    values = random_rows()
    values[10:20], values[90:] = values[0], values[80]
    assert audited({"x": values, "y": values**2}, (np.arange(80), NOTHING, np.arange(80, 100))) == ()


def test_rows_that_agree_because_few_values_exist_are_no_copies():
    generator = np.random.default_rng(0)
    coarse = {"sex": generator.integers(2, size=1000), "age": generator.integers(18, 90, size=1000)}
    splits = np.arange(700), np.arange(700, 800), np.arange(800, 1000)
    assert audited(coarse, splits) == ()
    copied = {name: np.concatenate([values[:800], values[:200]]) for name, values in coarse.items()}
    assert audited({**copied, "weight": np.concatenate([random_rows(800), random_rows(800)[:200]])}, splits)


def test_images_and_texts_are_compared_as_well():
    images = np.random.default_rng(0).integers(256, size=(50, 4, 4)).astype("uint8")
    images[45] = images[7]
    splits = np.arange(40), NOTHING, np.arange(40, 50)
    (found,) = audited({"image": images}, splits)
    assert found.details["examples"] == ["row 46 = row 8"]
    texts = np.array([f"{'a long review ' * 20}{index}" for index in range(50)], object)
    texts[45] = texts[7]
    (found,) = audited({"text": texts}, splits)
    assert found.details["examples"] == ["row 46 = row 8"]


def test_nothing_is_found_without_rows_to_score():
    assert audited({"x": np.zeros(4)}, (np.arange(4), NOTHING, NOTHING)) == ()


def test_groups_with_rows_in_a_provided_part_are_shown():
    groups = np.array([f"p{index % 30}" for index in range(100)])
    groups[80:] = ["q1", "p3", "p7"] + ["q2"] * 17
    splits, parts = (np.arange(80), NOTHING, np.arange(80, 100)), {"train": 80, "test": 20}
    (found,) = audited({"x": random_rows()}, splits, {"group": "patient"}, parts=parts, patient=groups)
    assert found.text == (
        "2 groups of 'patient' have rows in train and in test ('p3', 'p7'); drop their rows from one of the two"
    )
    (found,) = audited(
        {"x": random_rows()}, splits, {"folds": 2, "group": "store"}, parts=parts, store=np.arange(100) // 90
    )
    assert found.text == ("a group of 'store' has rows in train and in test ('0'); drop their rows from one of the two")


def test_windows_that_reach_into_what_is_scored_are_shown():
    first = np.arange(100)
    spans = {SPAN[0]: first, SPAN[1]: first + 2}
    shuffled = np.sort(np.random.default_rng(0).permutation(100)[:80])
    rest = np.setdiff1d(first, shuffled)
    (found,) = audited({"x": random_rows()}, (shuffled, NOTHING, rest), **spans)
    late = int((shuffled + 2 >= rest[0]).sum())
    assert found.text == (
        f"{late} of 80 train rows reach into the time of the test rows; `splits.type: time` trains on what is earlier"
    )
    assert audited({"x": random_rows()}, (np.arange(78), NOTHING, np.arange(80, 100)), **spans) == ()
