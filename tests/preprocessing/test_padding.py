"""Padding of series enters no statistics, and is told from values that are missing."""

import numpy as np
import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.padding import as_zeros, real_steps
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.signature import MASK_VALUE, Feature

NAN = float("nan")
FEATURE = Feature(name="window", kind="numeric", dtype="float32", shape=(4, 2), padded=True)
ROWS = np.array(
    [
        [[1, 10], [2, NAN], [6, 30], [NAN, NAN]],
        [[3, 70], [NAN, NAN], [NAN, 20], [5, NAN]],
        [[9, 50], [NAN, NAN], [NAN, NAN], [NAN, NAN]],
    ],
    "float32",
)
REAL = [[True, True, True, False], [True, True, True, True], [True, False, False, False]]
SETTINGS = [
    {"missing": "mean"},
    {"missing": "constant", "fill_value": 0.0, "scaling": "none", "indicator": True},
    {"missing": "median", "scaling": "robust", "indicator": True},
    {"missing": "most_frequent", "scaling": "min_max"},
    {"missing": "mean", "scaling": "log", "indicator": True},
]


def adapted(settings, rows=ROWS, feature=FEATURE):
    specs = {"window": FeatureSpec.choose({"numeric": settings})}
    return Preprocessing.adapt((feature,), specs, lambda name: iter([rows[:1], rows[1:]]))


def test_steps_are_real_up_to_the_last_one_with_any_value():
    assert real_steps(ROWS).tolist() == REAL


def test_padding_is_zeros_to_what_looks_for_wrong_values():
    wanted = ROWS.copy()
    wanted[0, 3] = wanted[2, 1:] = 0
    np.testing.assert_array_equal(as_zeros(ROWS), wanted)


@pytest.mark.parametrize("settings", SETTINGS)
def test_statistics_are_those_of_the_real_steps_alone(settings):
    one_by_one = ROWS[np.array(REAL)][:, None]
    feature = FEATURE.model_copy(update={"shape": (1, 2), "padded": False})
    wanted = FeatureSpec.choose({"numeric": settings}).adapt(feature, iter([one_by_one[:3], one_by_one[3:]]))
    found = adapted(settings).statistics["window"]
    assert found == wanted
    longer = np.concatenate([ROWS, np.full((3, 5, 2), NAN, "float32")], axis=1)
    assert adapted(settings, longer, FEATURE.model_copy(update={"shape": (9, 2)})).statistics["window"] == wanted


def test_missing_values_are_filled_and_padding_is_marked():
    preprocessing = adapted({"missing": "mean", "scaling": "none", "indicator": True})
    assert preprocessing.prepared == Feature(name="window", kind="numeric", dtype="float32", shape=(4, 4), padded=True)
    first, second = (1 + 2 + 6 + 3 + 5 + 9) / 6, (10 + 30 + 70 + 20 + 50) / 5
    padding = [MASK_VALUE] * 4
    assert preprocessing.prepare({"window": ROWS}).tolist() == [
        [[1, 10, 0, 0], [2, second, 0, 1], [6, 30, 0, 0], padding],
        [[3, 70, 0, 0], [np.float32(first), second, 1, 1], [np.float32(first), 20, 1, 0], [5, second, 0, 1]],
        [[9, 50, 0, 0], padding, padding, padding],
    ]


@pytest.mark.keras
@pytest.mark.parametrize("settings", [*SETTINGS, {}, {"scaling": "min_max"}, {"scaling": "log"}])
def test_the_saved_layers_give_the_same_bits(settings):
    rows = (
        ROWS if settings.get("missing") else np.where(np.array(REAL)[..., None], np.nan_to_num(ROWS), np.float32(NAN))
    )
    preprocessing = adapted(settings, rows)
    found = np.asarray(preprocessing.model(rows))
    np.testing.assert_array_equal(found, preprocessing.prepare({"window": rows}))
    assert (found == MASK_VALUE).all(axis=2).tolist() == [[not real for real in row] for row in REAL]
