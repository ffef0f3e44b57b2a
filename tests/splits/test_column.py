"""A column names the split of each row."""

import numpy as np
import pytest
from pydantic import ValidationError

from dltrain.spec.problems import SpecError
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of
from dltrain.splits.base import Population, SplitsSpec
from splits.populations import assert_sound, population, sizes, split

NAMES = np.array(["train", "val", "train", "test", "validation", "train"])


def test_the_usual_names_need_no_settings():
    splits = split({"column": "part"}, population(6, part=NAMES))
    assert (splits.train.tolist(), splits.validation.tolist(), splits.test.tolist()) == ([0, 2, 5], [1, 4], [3])


@pytest.mark.parametrize("kind", ["int64", "float64", "str"])
def test_values_are_named_as_they_read(kind):
    people = population(40, fold=(np.arange(40) % 4).astype(kind) if kind != "float64" else np.arange(40) % 4 / 1.0)
    splits = split({"type": "column", "column": "fold", "train": [0, 1], "validation": 2, "test": "3"}, people)
    assert_sound(splits, people)
    assert sizes(splits) == {"train": 20, "validation": 10, "test": 10}
    assert set(np.arange(40)[splits.test] % 4) == {3}


@pytest.mark.parametrize("values", [np.array([True, False, False]), np.array(["true", "false", "false"])])
def test_truth_values_are_named_by_true_and_false(values):
    value = {"type": "column", "column": "held", "train": False, "validation": "none", "test": True}
    splits = split(value, population(3, held=values))
    assert (splits.train.tolist(), splits.test.tolist()) == ([1, 2], [0])


def test_the_column_decides_for_rows_of_every_file():
    people = Population({"train": 4, "test": 2}, None, {"part": NAMES})
    assert split({"column": "part"}, people).test.tolist() == [3]


def test_validation_can_be_drawn_from_the_rows_to_train_on():
    people = population(100, classes=2, part=np.repeat(["train", "test"], [80, 20]))
    value = {"type": "column", "column": "part", "validation": 0.25}
    one, same, other = (split(value, people, seed) for seed in (1, 1, 2))
    assert_sound(one, people)
    assert sizes(one) == {"train": 60, "validation": 20, "test": 20}
    assert one.test.tolist() == list(range(80, 100))
    assert one.fingerprint == same.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            {"test": "none"},
            "column: row 4: column 'part' says 'test', which stands for no split; "
            "name with `train`, `validation` and `test` what stands for them: test",
        ),
        (
            {"train": "x", "validation": "val"},
            "column: row 1: column 'part' says 'train', which stands for no split; "
            "name with `train`, `validation` and `test` what stands for them: train or validation",
        ),
        ({"test": ["test", "val"]}, "test: 'val' stands for validation as well; keep one of the two"),
        (
            {"validation": ["val", "validation", "test"], "test": "held out"},
            "test: no row of column 'part' says 'held out'; write none",
        ),
        (
            {"train": ["train", "val", "validation"], "validation": "dev"},
            "validation: no row of column 'part' says 'dev'; write a fraction of the others, such as 0.1, or none",
        ),
        (
            {"train": "fit", "test": ["test", "train"]},
            "train: no row of column 'part' says 'fit'; "
            "name the values of the rows to train on, such as `train: [0, 1]`",
        ),
    ],
)
def test_a_value_without_a_split_and_a_split_without_a_value_are_refused(value, problem):
    with pytest.raises(SpecError) as raised:
        split({"type": "column", "column": "part", **value}, population(6, part=NAMES))
    assert str(raised.value) == problem


def test_the_row_of_a_file_is_named():
    people = Population({"train": 4, "test": 2}, None, {"part": np.array([*NAMES[:5], "tset"])})
    with pytest.raises(SpecError) as raised:
        split({"column": "part"}, people)
    assert str(raised.value).startswith("column: test row 2: column 'part' says 'tset', which stands for no split; ")


class Config(Section):
    splits: SplitsSpec


@pytest.mark.parametrize("given", [None, {}, [], [None], [[1]]])
def test_what_is_no_value_is_refused(given):
    with pytest.raises(ValidationError) as raised:
        Config(splits={"type": "column", "column": "part", "test": given})
    (problem,) = problems_of(raised.value)
    text = {"None": "nothing", "{}": "a mapping"}.get(str(given), "a list")
    assert str(problem) == f"splits.test: expected values of the column, such as [0, 1, 2], or none; got {text}"


def test_settings_written_out_read_the_same():
    spec = SplitsSpec.choose({"type": "column", "column": "c", "train": [0, 1], "validation": 0.1, "test": "none"})
    assert SplitsSpec.choose(spec.plain()) == spec
