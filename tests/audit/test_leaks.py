"""Columns that tell the target alone, and those that do not."""

from pathlib import Path

import numpy as np
import pytest

from dltrain.audit.auditor import Auditor
from dltrain.audit.leaks import Sample, leaks
from dltrain.data.source import Rows
from dltrain.scratch import Scratch
from dltrain.splits.base import DIGESTS, Population, Splits, SplitsSpec

ROWS = 600
GENERATOR = np.random.default_rng(0)
TARGET = GENERATOR.integers(2, size=ROWS)
TRAINED = np.arange(ROWS) < 400


def found(values, target=TARGET, classes=("no", "yes"), trained=TRAINED, held_out=None):
    held = ~trained if held_out is None else held_out
    return list(leaks(Sample({"x": np.asarray(values)}, np.asarray(target), classes, trained, held)))


def test_labels_that_stand_for_a_class_are_shown():
    labels = np.where(TARGET == 1, "approved", "refused").astype(object)
    labels[::20] = "pending"
    assert found(labels) == []
    labels[::20] = np.where(TARGET[::20] == 1, "approved", "refused")
    (finding,) = found(labels)
    yes, no = int(TARGET[:400].sum()), int((1 - TARGET[:400]).sum())
    shown = [f"'approved' is 'yes' in {yes} rows", f"'refused' is 'no' in {no} rows"]
    ordered = shown if yes > no else shown[::-1]
    assert finding.text == (
        f"'x' alone tells the class of 100.0% of 200 held-out rows ({', '.join(ordered)}); "
        "leave it out with `dataset.ignore: [x]` if it is not known before the target"
    )
    assert finding.details["majority"] == pytest.approx(max(np.bincount(TARGET[400:])) / 200, abs=0.2)


@pytest.mark.parametrize("scale", [1, -1])
def test_numbers_on_both_sides_of_a_threshold_are_shown(scale):
    values = scale * (TARGET * 2.0 - 1 + GENERATOR.uniform(-0.9, 0.9, size=ROWS))
    (finding,) = found(values)
    assert finding.details["accuracy"] >= 0.99
    low, high = np.sort(values[:400][values[:400] < 0]), np.sort(values[:400][values[:400] > 0])
    shown = {
        f"{part[0]} to {part[-1]} is '{label}' in {len(part)} rows": len(part)
        for part, label in zip((low, high), ("no", "yes")[::scale], strict=True)
    }
    assert finding.details["examples"] == sorted(shown, key=shown.get, reverse=True)
    assert found(values + GENERATOR.normal(size=ROWS)) == []


def test_many_classes_are_told_by_a_number():
    target = GENERATOR.integers(10, size=ROWS)
    names = tuple("abcdefghij")
    assert len(found(target * 3.5, target, names)) == 1
    assert found(target // 2, target, names) == []


def test_a_truth_value_and_a_missing_value_can_tell_a_class():
    assert len(found(TARGET == 0)) == 1
    assert len(found(np.where(TARGET == 0, np.nan, GENERATOR.normal(size=ROWS)))) == 1
    (finding,) = found(np.where(TARGET == 0, np.nan, 7.0))
    assert {example.split(" is ")[0] for example in finding.details["examples"]} == {"'7.0'", "'nan'"}


def test_ids_tell_nothing_of_rows_that_are_not_seen():
    assert found(np.array([f"id{index}" for index in range(ROWS)], object)) == []
    assert found(np.random.default_rng(1).permutation(ROWS)) == []


def test_a_rare_class_is_not_told_by_what_is_always_the_same():
    rare = (np.arange(ROWS) % 300 == 7).astype(int)
    assert found(np.zeros(ROWS), rare) == []
    assert found(np.where(np.arange(ROWS) % 2, "a", "b"), rare) == []
    assert len(found(np.where(rare, "a", "b"), rare)) == 1


def test_a_few_rows_prove_nothing():
    assert found(TARGET, held_out=np.arange(ROWS) >= ROWS - 19) == []
    assert found(TARGET, trained=np.arange(ROWS) < 19) == []
    assert found(TARGET, held_out=np.zeros(ROWS, bool)) == []


def test_numbers_in_the_order_of_the_target_are_shown():
    target = GENERATOR.normal(size=ROWS)
    (finding,) = found(np.exp(-target), target, ())
    assert finding.text == (
        "'x' alone orders 400 rows as the target does (rank correlation -1.0000); "
        "leave it out with `dataset.ignore: [x]` if it is not known before the target"
    )
    assert found(target + GENERATOR.normal(size=ROWS) * 0.2, target, ()) == []
    assert found(np.where(np.arange(ROWS) % 2, target, np.nan), target, ())
    assert found(np.ones(ROWS), target, ()) == []
    assert found(np.array(["a", "b"] * 300, object), target, ()) == []


def test_the_correlation_is_spearmans():
    from scipy.stats import spearmanr

    target = np.round(GENERATOR.normal(size=ROWS), 1)
    values = np.round(target + GENERATOR.normal(size=ROWS) * 0.001, 2)
    (finding,) = found(values, target, ())
    assert finding.details["correlation"] == pytest.approx(spearmanr(values[:400], target[:400])[0], abs=1e-12)


def findings(features, target, chunk):
    auditor, rows = Auditor(Scratch(Path(), limit=1 << 30)), len(target)
    for start in range(0, rows, chunk):
        auditor.see(Rows({name: values[start : start + chunk] for name, values in features.items()}, None))
    people = Population({"train": rows}, target, {DIGESTS: auditor.digests})
    splits = Splits(np.arange(rows // 2), np.empty(0, int), np.arange(rows // 2, rows))
    spec = SplitsSpec.choose("random")
    return auditor, auditor.findings(spec, splits, population=people, target=target, classes=("no", "yes"))


def test_a_sample_of_many_rows_is_small_and_enough():
    target = np.random.default_rng(1).integers(2, size=200_000)
    features = {"leak": target * 2.0, "noise": np.random.default_rng(2).normal(size=200_000)}
    auditor, found = findings(features, target, 65_536)
    kept = sum(len(ids) for ids, _, _ in auditor._kept)
    assert 5_000 < kept <= 20_000
    assert [finding.details["column"] for finding in found] == ["leak"]
    assert 0.4 * kept < found[0].details["rows"] < 0.6 * kept


def test_columns_of_an_array_of_vectors_are_looked_at():
    target = np.random.default_rng(1).integers(2, size=1000)
    vectors = np.random.default_rng(2).normal(size=(1000, 5)).astype("float32")
    vectors[:, 3] += 20 * target
    _, (found,) = findings({"x": vectors}, target, 300)
    assert found.text.startswith("'x[3]' alone tells the class of 100.0% of 500 held-out rows (")
    assert found.text.endswith("); leave it out if it is not known before the target")
