"""Few rows of a dataset: the head, every class, and no more of a file than that takes."""

import numpy as np

from dltrain.data.source import ArraySource, Dataset, Rows, Source
from dltrain.signature import Feature
from dltrain.smoke import rows as few
from dltrain.smoke.rows import few_of_each, few_rows, first_of_each
from dltrain.splits.base import Splits

X = Feature(name="x", kind="numeric", dtype="float32", shape=())


class Counted(Source):
    """Chunks of ten rows, of which it is counted how many were read."""

    def __init__(self, target, extras=None):
        self.target, self.extras, self.read = np.asarray(target), extras or {}, 0

    def chunks(self):
        for start in range(0, len(self.target), 10):
            part = slice(start, start + 10)
            self.read = start + 10
            extras = {name: values[part] for name, values in self.extras.items()}
            yield Rows({"x": np.arange(start, start + 10, dtype="float32")}, self.target[part], extras, "t.csv", start)


def taken(source, count):
    dataset, cut = few_rows(Dataset({"train": source}, (X,), "y", "digest", "t.csv"), count)
    chunks = list(dataset.parts["train"].chunks())
    return [row for rows in chunks for row in rows.features["x"].astype(int).tolist()], chunks, cut[0].cut


def test_of_a_measure_only_the_head_is_taken(monkeypatch):
    monkeypatch.setattr(few, "_MOST_READ", 20)
    source = Counted(np.linspace(0, 1, 200))
    found, _, cut = taken(source, 15)
    assert (found, cut, source.read) == (list(range(15)), True, 20)


def test_rows_of_classes_that_the_head_lacks_are_taken_too():
    target = np.array(["a"] * 50 + ["b"] * 50)
    found, chunks, cut = taken(Counted(target), 12)
    assert (found, cut) == ([*range(12), *range(50, 58)], True)
    assert all(rows.before == int(rows.features["x"][0]) for rows in chunks)


def test_values_that_splits_go_by_are_not_missing_either():
    source = Counted(np.linspace(0, 1, 40), {"fold": np.repeat(["train", "test"], 20)})
    assert taken(source, 10)[0] == [*range(10), *range(20, 28)]


def test_a_short_source_is_taken_whole():
    assert taken(Counted(np.arange(30) % 3), 100)[::2] == (list(range(30)), False)


def test_every_label_of_several_is_looked_for():
    target = np.zeros((30, 2), "int64")
    target[25:, 1] = 1
    assert taken(Counted(target), 10)[0] == [*range(10), *range(25, 30)]


def test_the_fingerprint_is_not_waited_for():
    def never():
        raise AssertionError

    dataset, _ = few_rows(Dataset({"train": ArraySource({"x": np.zeros(3)}, np.zeros(3))}, (X,), "y", never, "t"), 2)
    assert dataset.fingerprint == ""


def test_classes_take_turns():
    assert first_of_each(np.array([0, 0, 0, 0, 1, 2, 2]), 4).tolist() == [0, 1, 4, 5]
    assert first_of_each(np.array(["c", "b", "a"]), 1).tolist() == [0, 1, 2]


def test_a_split_has_two_batches_or_a_row_of_each_class():
    splits = Splits.of({"train": np.array([0, 1, 2, 3]), "test": np.array([4, 5, 6])})
    classes = np.array([0, 0, 1, 2, 1, 1, 1])
    chosen = few_of_each(splits, classes, 2)
    assert (chosen.train.tolist(), chosen.test.tolist()) == ([0, 2, 3], [4, 5])
    assert few_of_each(splits, None, 2).train.tolist() == [0, 1]
