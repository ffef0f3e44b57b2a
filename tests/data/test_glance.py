"""A glance at data shows nothing that reading it does not show."""

import random
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from dltrain.data.base import DatasetSpec
from dltrain.data.columns import Sighting
from dltrain.data.first_rows import FirstRows
from dltrain.errors import DataError
from dltrain.spec.problems import SpecError

VALUES = ["1", "0", " 2 ", "1.5", "-3e4", ".5", "00123", "NA", "", "yes", "true", "False", "nan", "inf", "a", "b c"]
VALUES += ["2024-12-31", "2024-12-31 23:59", "31/12/2024", "one two three four", "1234567890123456", "1,5", "?"]


def told(values, mark="."):
    """What the rules on Arrow's columns say; None where they refuse."""
    column = pa.chunked_array([pa.array([value or None for value in values], pa.string())])
    try:
        return Sighting("a", column, "a.csv", mark, untyped=True).describe().kind
    except DataError:
        return None


def seen(values, mark=".", are_all=True):
    return FirstRows({"a": [value or None for value in values]}, are_all, untyped=True, mark=mark)


@pytest.mark.parametrize("mark", [".", ","])
def test_the_kind_of_a_column_is_told_by_the_same_rules_as_from_all_rows(mark):
    generator = random.Random(0)
    kinds = set()
    for _ in range(1500):
        values = generator.choices(generator.sample(VALUES, generator.randint(1, 3)), k=generator.randint(1, 12))
        kind = seen(values, mark).kind("a")
        # What is a mixture, or a date of another form, is left to whoever reads all rows.
        assert kind in (told(values, mark), None), values
        kinds.add(kind)
    assert kinds == {"numeric", "boolean", "datetime", "categorical", "text", None}


def test_the_target_is_seen_as_all_rows_show_it():
    numbers = seen(["2", "10", "1", "2"]).target("a")
    assert (numbers.holds, numbers.distinct, numbers.labels, numbers.lowest) == ("whole", 3, ("1", "2", "10"), 1.0)
    texts = seen(["b", "a", "b"], are_all=False).target("a")
    assert (texts.holds, texts.distinct, texts.labels) == ("text", 2, None)
    assert seen(["1", "x", "2"]).target("a").holds is None


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer", "diabetes"])
def test_a_bundled_dataset_is_what_its_name_tells(name):
    spec = DatasetSpec.choose(name)
    glance, dataset = spec.glance(), spec.load()
    target = np.concatenate([rows.target for rows in dataset.parts["train"].chunks()])
    assert (glance.features, glance.rows) == (dataset.features, {"train": len(target)})
    assert glance.target.labels in (None, tuple(map(str, np.unique(target))))
    assert (glance.target.labels is None) == (name == "diabetes")


@pytest.mark.parametrize("y", [np.arange(6) % 2, np.array(list("abcabc")), np.linspace(0, 1, 6), np.arange(6)[:, None]])
def test_an_archive_is_seen_as_it_is_read(tmp_path, y):
    np.savez_compressed(tmp_path / "a.npz", x=np.ones((6, 4, 4), "uint8"), y=y)
    spec = DatasetSpec.choose({"path": str(tmp_path / "a.npz")})
    glance, dataset = spec.glance(), spec.load()
    assert (glance.features, glance.rows) == (dataset.features, {"train": 6})
    fractions = y.dtype.kind == "f"
    assert glance.target.labels == (None if fractions else tuple(str(value) for value in np.unique(y)))
    assert glance.target.holds == {"U": "text", "f": "real"}.get(y.dtype.kind, "whole")


def test_a_table_that_is_read_in_part_tells_no_number_of_rows_and_no_labels(tmp_path):
    (tmp_path / "a.csv").write_text("n,t,y\n" + "1,a,p\n2,b,q\n" * 20_000)
    glance = DatasetSpec.choose({"path": str(tmp_path / "a.csv"), "target": "y"}).glance()
    assert [feature.kind for feature in glance.features] == ["numeric", "categorical"]
    assert (glance.rows, glance.target.labels, glance.target.distinct) == ({"train": None}, None, 2)


def test_a_small_table_is_seen_whole(tmp_path):
    (tmp_path / "a.csv").write_text("n,y\n" + "1,p\n2,q\n" * 20)
    glance = DatasetSpec.choose({"path": str(tmp_path / "a.csv"), "target": "y"}).glance()
    assert (glance.rows, glance.target.labels) == ({"train": 40}, ("p", "q"))


def test_labels_of_one_of_two_files_are_not_all(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("n,y\n" + "1,p\n2,q\n" * 20)
    spec = DatasetSpec.choose({"train": str(tmp_path / "a.csv"), "test": str(tmp_path / "b.csv"), "target": "y"})
    assert (spec.glance().rows, spec.glance().target.labels) == ({"train": 40, "test": 40}, None)


def test_a_column_that_is_not_in_the_header_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("n,y\n1,2\n")
    with pytest.raises(SpecError, match=r"dataset.target: a.csv has no column 'z'; it has n or y"):
        DatasetSpec.choose({"path": str(tmp_path / "a.csv"), "target": "z"}).glance()


def test_windows_have_the_shape_that_settings_and_columns_give(tmp_path):
    (tmp_path / "a.csv").write_text("t,a,b\n" + "".join(f"2024-01-{day:02d},1.5,2\n" for day in range(1, 31)))
    window = {"time": "t", "past": 4, "horizon": 3, "calendar": ["weekday"]}
    spec = DatasetSpec.choose({"path": str(tmp_path / "a.csv"), "target": "b", "window": window})
    glance, dataset = spec.glance(), spec.load()
    assert glance.features[0].shape == dataset.features[0].shape == (4, 4)
    assert glance.target.shape == (3,)


def test_neither_numpy_nor_pyarrow_is_imported(tmp_path):
    (tmp_path / "a.csv").write_text("n,y\n1,2\n")
    np.savez(tmp_path / "a.npz", x=np.ones((6, 4)), y=np.arange(6))
    code = f"""
import sys
from dltrain.data.base import DatasetSpec
for values in ({{"path": "{tmp_path}/a.csv", "target": "y"}}, {{"path": "{tmp_path}/a.npz"}}, {{"name": "mnist"}}):
    assert DatasetSpec.choose(values).glance().features
print(sorted({{"numpy", "pyarrow"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")
