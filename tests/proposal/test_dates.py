"""Forms of dates, and series whose rows are equally far apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dltrain.proposal.dates import Clock, clock_of, form_of, is_time_of_rows

HOUR = 3600 * 1_000_000


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["31/12/2024", "01/02/2024"], "%d/%m/%Y"),
        (["12/31/2024", "01/02/2024"], "%m/%d/%Y"),
        (["1.2.2024 13:45", "11.2.2024 00:00"], "%d.%m.%Y %H:%M"),
        (["2024/12/31 23:59:01"], "%Y/%m/%d %H:%M:%S"),
        (["2024/12/31 noon"], None),
    ],
)
def test_the_form_of_a_date_is_one_that_all_dates_have(texts, form):
    assert form_of(pa.chunked_array([texts])) == form


def test_hours_are_looked_at_for_four_days_and_told_for_one():
    assert clock_of(np.arange(17_420) * HOUR) == Clock(96, 24, "a day of hours", sorted=True, gaps=False)


@pytest.mark.parametrize(
    ("step", "cycle"),
    [(1 / 60, 60), (0.25, 96), (0.5, 24), (1, 24), (24, 7), (24 * 7, 4), (24 * 30.4, 12), (24 * 91, 4), (24 * 365, 4)],
)
def test_the_horizon_is_a_natural_cycle_of_the_step(step, cycle):
    found = clock_of((np.arange(10_000) * step * HOUR).astype("int64"))
    assert found is not None
    assert (found.past, found.horizon) == (4 * cycle, cycle)


def test_rows_in_another_order_are_sorted_and_missing_times_are_gaps():
    times = np.delete(np.arange(3000), [700, 1500]) * HOUR
    found = clock_of(times[::-1])
    assert found is not None
    assert (found.sorted, found.gaps) == (False, True)


def test_short_series_have_shorter_windows():
    found = clock_of(np.arange(200) * HOUR)
    assert found is not None
    assert 100 + 10 * (found.past + found.horizon) <= 200


def test_times_that_repeat_or_jump_are_no_clock():
    assert clock_of(np.repeat(np.arange(1000), 2) * HOUR) is None
    assert clock_of(np.cumsum(np.random.default_rng(0).exponential(1.0, 1000) * HOUR).astype("int64")) is None
    assert clock_of(np.arange(5) * HOUR) is None


def test_dates_are_those_of_the_rows_by_their_name_or_order():
    shuffled, ordered = np.array([3, 1, 2]), np.array([1, 2, 2])
    assert is_time_of_rows("Date", shuffled)
    assert not is_time_of_rows("birth_date", shuffled)
    assert is_time_of_rows("sold", ordered)
