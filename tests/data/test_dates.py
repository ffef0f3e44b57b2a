"""Dates in texts."""

from datetime import datetime

import pyarrow as pa
import pytest

from dltrain.data.dates import datetime_parts, parsed
from dltrain.data.reader import Place
from dltrain.errors import DataError


def read(texts, format=None):
    return parsed(pa.array(texts, pa.string()), format, "when", Place("t.csv", 10)).to_pylist()


@pytest.mark.parametrize(
    ("texts", "times"),
    [
        (["2024-02-29", None], [datetime(2024, 2, 29), None]),
        (["2024-02-29 01:02", "2024-02-29T01:02:03"], [datetime(2024, 2, 29, 1, 2), datetime(2024, 2, 29, 1, 2, 3)]),
        (["2024-02-29 01:02:03.5", "0001-01-01"], [datetime(2024, 2, 29, 1, 2, 3, 500000), datetime(1, 1, 1)]),
        (
            ["2024-01-01 00:30:00+01:00", "2024-01-01T00:30:00Z"],
            [datetime(2023, 12, 31, 23, 30), datetime(2024, 1, 1, 0, 30)],
        ),
        (
            ["2024-01-01 00:30:00+0100", "2024-01-01", None],
            [datetime(2023, 12, 31, 23, 30), datetime(2024, 1, 1), None],
        ),
        (["2024-01-01 01:02:03.123456789"], [datetime(2024, 1, 1, 1, 2, 3, 123456)]),
        ([None], [None]),
    ],
)
def test_iso_dates_are_read_with_or_without_times_fractions_and_zones(texts, times):
    assert read(texts) == times


@pytest.mark.parametrize(
    ("text", "format", "time"),
    [
        ("31/12/2024", "%d/%m/%Y", datetime(2024, 12, 31)),
        ("1/2/24 11:05 PM", "%d/%m/%y %I:%M %p", datetime(2024, 2, 1, 23, 5)),
        ("20240102", "%Y%m%d", datetime(2024, 1, 2)),
        ("3 Mar 2024 +0100", "%d %b %Y %z", datetime(2024, 3, 2, 23)),
        ("2024-01-02 03:04:05.25", "%Y-%m-%d %H:%M:%S.%f", datetime(2024, 1, 2, 3, 4, 5, 250000)),
        ("033/2024", "%j/%Y", datetime(2024, 2, 2)),
    ],
)
def test_other_dates_are_read_by_their_format(text, format, time):
    assert read([text, None, text], format) == [time, None, time]


@pytest.mark.parametrize(
    ("texts", "format", "wrong"),
    [
        (["2024-01-01", "2024-02-30"], None, "'2024-02-30', which is no date like 2024-12-31 or 2024-12-31 23:59"),
        (["2024-01-01", "1/1/2024"], None, "'1/1/2024', which is no date like 2024-12-31 or 2024-12-31 23:59"),
        (["1/1/2024", "31/2/2024"], "%d/%m/%Y", "'31/2/2024', which is no date as '%d/%m/%Y'"),
        (["1/1/2024", "1/1/2024 10:00"], "%d/%m/%Y", "'1/1/2024 10:00', which is no date as '%d/%m/%Y'"),
    ],
)
def test_what_is_no_date_is_refused_with_its_row(texts, format, wrong):
    with pytest.raises(DataError) as raised:
        read([None, *texts], format)
    assert str(raised.value) == (
        f"t.csv: row 13: column 'when' holds {wrong}; mend it, "
        "or write `dataset.features: {when: {datetime: {format: ...}}}`"
    )


def test_parts_count_months_and_days_from_one_and_weekdays_from_monday():
    times = pa.array([datetime(2024, 12, 29, 1, 2, 3), datetime(2024, 12, 30, 23, 59, 59)], pa.timestamp("us"))
    assert datetime_parts(times).tolist() == [[2024, 12, 29, 6, 1, 2, 3], [2024, 12, 30, 0, 23, 59, 59]]
