"""Dates by their parts."""

from math import cos, pi, sin

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature

COLUMN = Feature(name="d", kind="datetime", dtype="float32", shape=(7,))
NAN = [np.nan] * 7
ROWS = np.array([[2020, 1, 1, 2, 0, 0, 0], [2024, 12, 31, 1, 23, 30, 0], [2022, 4, 16, 5, 6, 15, 0]], "float32")


def adapted(settings, rows=ROWS):
    specs = settle([COLUMN], {"d": FeatureSpec.choose({"datetime": settings})})
    return Preprocessing.adapt((COLUMN,), specs, lambda name: iter([rows[:1], rows[1:]]))


def prepare(settings, rows=ROWS):
    preprocessing = adapted(settings, rows)
    found = preprocessing.prepare({"d": rows})
    assert found.shape == (len(rows), *preprocessing.prepared.shape)
    return found


def test_the_parts_that_differ_among_the_training_rows_are_used():
    assert adapted({}).statistics["d"]["parts"] == ["year", "month", "day", "weekday", "hour", "minute"]
    assert adapted({}, ROWS[:1]).statistics["d"]["parts"] == ["year"]
    assert adapted({"parts": ["hour"]}).statistics["d"]["parts"] == ["hour"]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("part", "turns"),
    [
        ("month", [0, 11 / 12, 3 / 12]),
        ("day", [0, 30 / 31, 15 / 31]),
        ("weekday", [2 / 7, 1 / 7, 5 / 7]),
        ("hour", [0, 23 / 24, 6 / 24]),
        ("minute", [0, 30 / 60, 15 / 60]),
        ("second", [0, 0, 0]),
    ],
)
def test_a_part_that_comes_again_is_a_sine_and_a_cosine(part, turns):
    wanted = [[sin(2 * pi * turn), cos(2 * pi * turn)] for turn in turns]
    np.testing.assert_allclose(prepare({"parts": [part]}), wanted, atol=2e-6)


@pytest.mark.keras
def test_years_are_scaled_to_mean_0_and_deviation_1():
    years = np.array([2020, 2024, 2022])
    np.testing.assert_allclose(
        prepare({"parts": ["year"]})[:, 0], (years - years.mean()) / years.std(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.keras
def test_columns_are_in_the_order_of_the_parts_and_the_indicator_is_last():
    rows = np.concatenate([ROWS, [NAN]]).astype("float32")
    found = prepare({"parts": ["hour", "year"], "missing": "mean", "indicator": True}, rows)
    alone = prepare({"parts": ["hour"]}), prepare({"parts": ["year"]})
    np.testing.assert_allclose(found[:3], np.hstack([*alone, np.zeros((3, 1))]), atol=1e-6)
    hour = 29 / 3 / 24
    np.testing.assert_allclose(found[3], [sin(2 * pi * hour), cos(2 * pi * hour), 0, 1], atol=2e-6)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"format": "31/12/2024"}, "expected a format such as %d/%m/%Y %H:%M; '31/12/2024' has no % in it"),
        (
            {"format": "%d/%q/%Y"},
            "'%d/%q/%Y' is no format of dates: 'q' is a bad directive in format '%d/%q/%Y'; write e.g. %d/%m/%Y %H:%M",
        ),
        ({"parts": ["hour", "hour"]}, "'hour' is named twice; keep one"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, text):
    from pydantic import ValidationError

    with pytest.raises(ValidationError) as raised:
        FeatureSpec.choose({"datetime": settings})
    assert raised.value.errors()[0]["msg"] == text
