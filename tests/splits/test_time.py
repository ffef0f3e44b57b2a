"""Time: the past trains, the future is scored."""

import numpy as np
import pytest

from dltrain.spec.problems import SpecError
from dltrain.splits.base import SPAN, Population, SplitsSpec
from splits.populations import SHARES, assert_sound, population, sizes, split

ORDER = ("train", "validation", "test")


def windows(rows, reach, seed=0, order=True):
    """Rows whose targets are `reach` steps long, each beginning a step after the one before."""
    first = np.arange(rows)
    if not order:
        first = np.random.default_rng(seed).permutation(first)
    return population(rows, classes=None, **{SPAN[0]: first, SPAN[1]: first + reach - 1})


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("validation", "test"), SHARES)
@pytest.mark.parametrize("reach", [1, 4])
def test_a_time_split_never_trains_on_the_future(validation, test, reach, seed):
    generator = np.random.default_rng(seed)
    first = generator.integers(150, size=300)
    last = first + generator.integers(reach, size=300)
    people = population(300, seed, **{SPAN[0]: first, SPAN[1]: last})
    splits = split({"type": "time", "validation": validation, "test": test}, people, seed)
    assert_sound(splits, people, complete=reach == 1)
    named = dict(splits.items())
    assert list(named) == [name for name in ORDER if name in named]
    for before, after in zip(list(named), list(named)[1:], strict=False):
        assert last[named[before]].max() < first[named[after]].min()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("validation", "test"), SHARES)
def test_different_times_make_exact_shares_in_any_order_of_rows(validation, test, seed):
    times = np.random.default_rng(seed).permutation(200)
    people = population(200, time=times)
    splits = split({"time": "time", "validation": validation, "test": test}, people, seed)
    assert_sound(splits, people)
    counts = [
        0 if share == "none" else share if isinstance(share, int) else round(200 * share)
        for share in (validation, test)
    ]
    assert (len(splits.validation), len(splits.test)) == tuple(counts)
    ordered = np.concatenate([times[ids] for _, ids in splits.items()])
    assert sorted(times[splits.train]) == list(range(len(splits.train)))
    assert sorted(ordered) == list(range(200))


def test_rows_of_one_time_are_in_one_split_the_nearer_one():
    times = np.repeat([0, 1, 2, 3], [50, 12, 28, 10])
    # 30 of 100 from the end would cut time 2 in two: its begin, at 62, is nearer to 70 than its end, at 90.
    splits = split({"time": "t", "validation": "none", "test": 0.3}, population(100, t=times))
    assert sizes(splits) == {"train": 62, "test": 38}
    splits = split({"time": "t", "validation": "none", "test": 0.2}, population(100, t=times))
    assert sizes(splits) == {"train": 90, "test": 10}


def test_every_split_gets_a_time_where_few_times_hold_nearly_all_rows():
    times = np.repeat([0, 1, 2], [1, 1, 98])
    assert sizes(split({"time": "t"}, population(100, t=times))) == {"train": 1, "validation": 1, "test": 98}
    times = np.repeat([0, 1, 2], [98, 1, 1])
    assert sizes(split({"time": "t"}, population(100, t=times))) == {"train": 98, "validation": 1, "test": 1}


def test_windows_whose_targets_reach_over_a_boundary_are_left_out():
    people = windows(100, 4)
    splits = split({"type": "time"}, people)
    # Boundaries are at 70 and 80; windows that begin at 67 to 69 and at 77 to 79 reach over one.
    assert splits.train.tolist() == list(range(67))
    assert splits.validation.tolist() == list(range(70, 77))
    assert splits.test.tolist() == list(range(80, 100))
    assert splits.left_out == 6


def test_windows_are_split_by_time_without_being_asked():
    people = windows(100, 4, order=False)
    assert split("auto", people).fingerprint == split({"type": "time"}, people).fingerprint
    assert split({"test": 0.5}, people).fingerprint == split({"type": "time", "test": 0.5}, people).fingerprint


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["2020-01-09", "2020-01-10", "2020-02-01", "2021-01-01"], None),
        (["2020-01-09 23:59:59", "2020-01-10", "2020-01-10T00:00:01", "2020-01-10 00:00:02.5"], None),
        # The first is 22:00 in UTC, on the day before.
        (["2020-01-10T00:00:00+02:00", "2020-01-09T23:00:00Z", "2020-01-09T23:30:00", "2020-01-10"], None),
        (["31.01.2020", "1.2.2020", "01.03.2020", "15.01.2021"], "%d.%m.%Y"),
    ],
)
def test_dates_are_ordered_as_dates(texts, form):
    column = np.array(texts[::-1])
    value = {"type": "time", "column": "d", "validation": "none", "test": 1} | ({"format": form} if form else {})
    for count in (1, 2, 3):
        splits = split({**value, "test": count}, population(4, d=column))
        assert [texts[3 - row] for row in splits.test] == texts[4 - count :][::-1]


def test_dates_of_numpy_are_times():
    column = np.array(["2020-01-03", "2020-01-01", "2020-01-02"], "datetime64[ns]")
    splits = split({"time": "d", "validation": 1, "test": 1}, population(3, d=column))
    assert (splits.train[0], splits.validation[0], splits.test[0]) == (1, 2, 0)


def test_parts_that_the_data_provides_are_kept_where_they_are_later():
    people = Population({"train": 80, "test": 20}, None, {"t": np.arange(100)})
    splits = split({"time": "t", "validation": 0.25}, people)
    assert sizes(splits) == {"train": 60, "validation": 20, "test": 20}


@pytest.mark.parametrize(
    ("value", "people", "problem"),
    [
        ({"type": "time"}, population(10),
         "nothing says which rows are earlier; write `column:` with the column of times"),
        (
            {"time": "t"},
            population(10, t=np.repeat([1, 2], 5)),
            "there are 2 different times, and train, validation, test need 3; "
            "write none for a split that you can do without",
        ),
        (
            {"time": "t"},
            population(3, t=np.array(["2020-01-01", "later", "2020-01-03"])),
            "column: row 2: 't' holds 'later', which is no date like 2024-12-31 or 2024-12-31 23:59:00; "
            'mend it, or write `format:` such as "%d.%m.%Y"',
        ),
        (
            {"type": "time", "column": "t", "format": "%Y"},
            population(3, t=np.array(["2020", "2021", "20"])),
            "column: row 3: 't' holds '20', which is no date like %Y; mend it",
        ),
        (
            {"time": "t"},
            population(3, t=np.array([1.0, np.nan, 2.0])),
            "column: row 2: 't' holds 'nan', which is no date like 2024-12-31 or 2024-12-31 23:59:00; "
            'mend it, or write `format:` such as "%d.%m.%Y"',
        ),
        (
            {"time": "t"},
            Population({"train": 3, "test": 2}, None, {"t": np.array([1, 2, 5, 4, 6])}),
            "the parts of the dataset are not in the order of time: train row 3 is in validation and is not "
            "earlier than test row 1 in test; write type: random, or mend the parts",
        ),
        (
            {"type": "auto"},
            Population({"train": 3, "test": 2}, None, dict.fromkeys(SPAN, np.array([1, 2, 5, 4, 6]))),
            "the parts of the dataset are not in the order of time: train row 3 is in validation and is not "
            "earlier than test row 1 in test; write {type: random, validation: none, test: provided}, or mend "
            "the parts",
        ),
        (
            {"type": "time", "test": 1, "validation": "none"},
            windows(4, 4),
            "every target that could be in train reaches over a boundary of two splits; "
            "take larger shares, or fewer steps",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_put_in_order_is_refused(value, people, problem):
    if list(people.parts) == ["train", "test"]:
        value = {**value, "validation": 1}
    with pytest.raises(SpecError) as raised:
        split(value, people)
    assert str(raised.value) == problem


def test_both_ways_to_name_the_column_are_equal():
    for value in ({"time": "d"}, {"time": "d", "test": 0.2}, {"type": "time", "column": "d"}):
        spec = SplitsSpec.choose(value)
        assert (spec.type, spec.columns) == ("time", ("d",))
