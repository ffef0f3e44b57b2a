"""Ratios, bars and noise of the benchmark programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.results import Ratio, conclude, equally_accurate, exponent, ratio, spread


def test_a_ratio_is_that_of_the_medians_with_the_spread_of_the_pairs():
    found = ratio("mnist-mlp", ("dltrain", [30.0, 20.0, 40.0]), ("Keras", [10.0, 20.0, 10.0]), bar=1.7)
    assert found == Ratio("mnist-mlp", "dltrain", "Keras", 3.0, 1.0, 4.0, 1.7)
    assert str(found) == "mnist-mlp: dltrain / Keras: 3.00 (1.00 to 4.00), bar 1.7: met"


def test_parity_is_judged_by_the_median_of_pairs():
    found = ratio("mnist-cnn", ("dltrain", [10.0, 20.0, 33.0]), ("Keras", [10.0, 25.0, 30.0]), bar=0.97)
    assert found.value == 1.0
    assert (found.low, found.high) == (0.8, 1.1)


def test_a_ratio_below_its_bar_is_missed_and_one_without_a_bar_is_not():
    assert str(Ratio("a", "b", "c", 1.2, 1.1, 1.3, 1.7)) == "a: b / c: 1.20 (1.10 to 1.30), bar 1.7: MISSED"
    assert not Ratio("a", "b", "c", 1.2, 1.1, 1.3, 1.7).met
    assert str(Ratio("a", "b", "c", 0.2, 0.1, 0.3, None)) == "a: b / c: 0.20 (0.10 to 0.30), no bar"
    assert Ratio("a", "b", "c", 0.2, 0.1, 0.3, None).met


def test_accuracies_are_equal_within_two_standard_errors_of_their_difference():
    # sqrt(2 * 0.9 * 0.1 / 1800) = 0.01, so 0.02 apart is chance and 0.021 is not.
    assert equally_accurate([0.91], [0.8901], rows=1800)
    assert not equally_accurate([0.9105], [0.8895], rows=1800)


def test_the_spread_between_seeds_widens_what_is_chance():
    # Variances 0.0002 and 0.0002 of two runs each: sqrt(0.0001 + 0.0001 + 0.0001) = 0.0173.
    assert equally_accurate([0.92, 0.90], [0.89, 0.87], rows=1800)
    assert not equally_accurate([0.925, 0.905], [0.885, 0.865], rows=1800)


def test_the_exponent_of_growth_leaves_start_up_out():
    assert exponent({1: 3.0, 2: 4.0, 8: 10.0}, 2.0) == pytest.approx(1.0)
    assert exponent({1: 3.0, 8: 66.0}, 2.0) == pytest.approx(2.0)


def test_a_spread_has_decimals_only_where_numbers_are_small():
    assert spread([1000.4, 3000.2, 2000.0], "rows/s") == "2,000 rows/s (1,000 to 3,000, 3 runs)"
    assert spread([1.5, 2.5], "s") == "2.000 s (1.500 to 2.500, 2 runs)"


def test_a_conclusion_is_written_for_the_figure(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    missed = Ratio("a", "dltrain", "Keras", 1.2, 1.1, 1.3, 1.7)
    assert not conclude("training", "a", [missed], {"measures": {}})
    record = json.loads((tmp_path / "training-a.json").read_text(encoding="utf-8"))
    assert record["ratios"] == [
        {"case": "a", "side": "dltrain", "against": "Keras", "value": 1.2, "low": 1.1, "high": 1.3, "bar": 1.7}
    ]
    assert capsys.readouterr().out == f"{missed}\n"
