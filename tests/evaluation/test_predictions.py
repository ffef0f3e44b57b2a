"""Predictions, chunk by chunk."""

import weakref

import numpy as np
import pytest

from dltrain import workload
from dltrain.assemble import Assembly
from dltrain.data.source import Rows, Source
from dltrain.errors import DataError
from dltrain.evaluation import predictions
from dltrain.evaluation.predictions import predict_source
from dltrain.evaluation.scores import Scorer
from dltrain.load import parse
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.runtime.settings import RuntimeSpec
from dltrain.runtime.start import start
from dltrain.signature import Feature, Target

pytestmark = pytest.mark.keras

DATES = Feature(name="seen", kind="datetime", dtype="float32", shape=(7,))
AMOUNT = Feature(name="amount", kind="numeric", dtype="float32")
COLOUR = Feature(name="colour", kind="categorical", dtype="string")


def rows_of(count):
    random = np.random.default_rng(0)
    lowest, highest = [1990, 1, 1, 0, 0, 0, 0], [2020, 13, 29, 7, 24, 60, 60]
    return {
        "seen": random.integers(lowest, highest, (count, 7)).astype("float32"),
        "amount": random.lognormal(3, 2, count).astype("float32"),
        "colour": random.choice(np.array(["red", "green", "blue"], object), count),
    }


@pytest.fixture(scope="module")
def assembly():
    """Dates and logarithms, whose layers compute sines: what depends on how rows are cut, if anything does."""
    start(RuntimeSpec(), seed=0)
    values = {
        "name": "test", "dataset": {"path": "t.csv", "target": "y"}, "model": {"mlp": {"units": [16]}},
        "task": "multiclass_classification", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"],
        "trainer": {"batch_size": 300},
    }  # fmt: skip
    features = (DATES, AMOUNT, COLOUR)
    specs = settle(features, {"amount": FeatureSpec.choose({"numeric": "log"})})
    rows = rows_of(1000)
    preprocessing = Preprocessing.adapt(features, specs, lambda name: iter([rows[name]]))
    return Assembly(parse(values), Target(name="y", classes=("a", "b", "c")), preprocessing)


class Cut(Source):
    """Rows in chunks of one length; counts how many chunks are alive at once."""

    def __init__(self, rows, length, extras=None):
        self.rows, self.length, self.extras = rows, length, extras or {}
        self.made = []
        self.most = 0

    def chunks(self):
        for first in range(0, len(self.rows["amount"]), self.length):
            part = slice(first, first + self.length)
            rows = Rows({name: np.array(values[part]) for name, values in self.rows.items()}, None,
                        {name: values[part] for name, values in self.extras.items()})  # fmt: skip
            self.made.append(weakref.ref(rows.features["amount"]))
            self.most = max(self.most, sum(chunk() is not None for chunk in self.made))
            yield rows
            del rows


@pytest.fixture(autouse=True)
def _batches_of_300(monkeypatch):
    """As `trainer.batch_size` says, though more rows would stay in the cache."""
    monkeypatch.setattr(workload, "_MOST_ROWS", 256)


def joined(tables):
    tables = list(tables)
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


@pytest.mark.parametrize("length", [7, 299, 300, 301, 1000])
def test_predictions_are_the_same_bits_however_the_rows_are_cut(assembly, length):
    rows = rows_of(1000)
    outputs = Scorer(assembly).predict(assembly.preprocessing.prepare(rows))
    found = joined(predict_source(assembly, Cut(rows, length), "t.csv"))
    assert list(found) == ["row", "prediction", "probability_a", "probability_b", "probability_c"]
    assert found["row"].tolist() == list(range(1, 1001))
    for index, label in enumerate("abc"):
        assert found[f"probability_{label}"].tobytes() == outputs[:, index].tobytes()
    assert found["prediction"].tolist() == np.array(["a", "b", "c"])[outputs.argmax(axis=1)].tolist()


def test_wide_rows_are_held_in_pieces_and_give_the_same_bits(assembly, monkeypatch):
    rows = rows_of(1000)
    whole = joined(predict_source(assembly, Cut(rows, 1000), "t.csv"))
    monkeypatch.setattr(predictions, "_PIECE_NUMBERS", 2000)
    tables = list(predict_source(assembly, Cut(rows, 1000), "t.csv"))
    width = assembly.preprocessing.prepared.shape[0]
    assert max(len(table["row"]) for table in tables) <= 300 + 2000 // width
    assert all((joined(tables)[name] == values).all() for name, values in whole.items())


def test_one_chunk_is_held_at_a_time(assembly):
    source = Cut(rows_of(3000), 100)
    most_rows = 0
    for table in predict_source(assembly, source, "t.csv"):
        most_rows = max(most_rows, len(table["row"]))
    assert source.most <= 2  # the next is read before the one before is forgotten
    assert most_rows == 300


def test_a_row_from_a_file_of_its_own_has_its_path_and_other_extras_stand_after_the_row(assembly):
    rows = rows_of(3)
    paths = np.array(["a/1.png", "ü.png", "bad\udcff.png"], object)
    found = joined(predict_source(assembly, Cut(rows, 2, {"path": paths}), "images"))
    assert list(found)[:2] == ["path", "prediction"]
    assert found["path"].tolist() == ["a/1.png", "ü.png", "bad?.png"]
    found = joined(predict_source(assembly, Cut(rows, 2, {"shop": np.array(["x", "y", "z"], object)}), "shops"))
    assert list(found)[:3] == ["row", "shop", "prediction"]
    assert found["shop"].tolist() == ["x", "y", "z"]


def test_a_missing_value_is_refused_with_its_row_where_training_refused_it(assembly):
    rows = rows_of(20)
    rows["colour"][13] = ""
    with pytest.raises(DataError) as raised:
        joined(predict_source(assembly, Cut(rows, 6), "t.csv"))
    assert str(raised.value) == (
        "t.csv: row 14: 'colour' is missing; fill or drop these rows, or write `dataset.missing: mean`"
    )


def test_an_id_outside_the_vocabulary_is_refused_with_its_row():
    feature = Feature(name="x", kind="ids", dtype="int32", shape=(4,), vocabulary_size=10)
    words = np.arange(40, dtype="int32").reshape(10, 4) % 10
    values = {
        "name": "test", "dataset": "iris", "model": {"lstm": {"units": [2]}}, "task": "binary_classification",
        "loss": "binary_crossentropy", "metrics": ["accuracy"],
    }  # fmt: skip
    preprocessing = Preprocessing.adapt((feature,), settle([feature], {}), lambda name: iter([words]))
    built = Assembly(parse(values), Target(name="y", classes=("a", "b")), preprocessing)
    words[7, 2] = 10

    class Words(Source):
        def chunks(self):
            yield Rows({"x": words[:5]}, None)
            yield Rows({"x": words[5:]}, None)

    with pytest.raises(DataError, match=r"^w\.npz: row 8: the feature 'x' holds the id 10, and ids are from 0 to 9; "):
        joined(predict_source(built, Words(), "w.npz"))


def test_no_rows_are_an_error(assembly):
    with pytest.raises(DataError, match=r"^t\.csv: has no rows$"):
        list(predict_source(assembly, Cut(rows_of(0), 6), "t.csv"))
