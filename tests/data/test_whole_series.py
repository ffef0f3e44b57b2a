"""Whole series of one or of several lengths as examples."""

import numpy as np
import pytest
from pydantic import ValidationError

from dltrain.data import windows
from dltrain.data.base import DatasetSpec
from dltrain.errors import DataError
from dltrain.splits.base import SPAN

NAN = None
SERIES = {
    "s": ["u", "v", "u", "v", "u"],
    "a": [1, 10, 2, 20, 3],
    "b": [5, 50, 6, 60, 7],
    "kind": ["x", "z", "x", "z", "x"],
}


def lengths(**series):
    """A table of series with so many rows each, numbered through."""
    names = [name for name, length in series.items() for _ in range(length)]
    return {"s": names, "a": range(len(names)), "kind": ["x"] * len(names)}


def spec(*paths, target="kind", missing="error", **window):
    files = {"path": paths[0]} if len(paths) == 1 else {"train": paths[0], "test": paths[1]}
    return DatasetSpec.choose({**files, "target": target, "missing": missing, "window": {"group": "s", **window}})


def rows_of(source):
    """All series with None for NaN, targets and extras."""
    chunks = list(source.chunks())
    joined = {name: np.concatenate([rows.extras[name] for rows in chunks]) for name in chunks[0].extras}
    target = None if chunks[0].target is None else np.concatenate([rows.target for rows in chunks]).tolist()
    values = np.concatenate([rows.features["window"] for rows in chunks])
    return np.where(np.isnan(values), None, values.astype(object)).tolist(), target, joined


def first_column(source):
    return [[step[0] for step in row] for row in rows_of(source)[0]]


def refusal(*paths, **settings):
    with pytest.raises(DataError) as raised:
        rows_of(spec(*paths, **settings).load().parts["train"])
    return str(raised.value)


def test_series_of_one_length_are_examples_with_one_label(written):
    columns = {"s": ["u", "u", "v", "v"], "a": [1, 2, 3, 4], "b": [5, 6, 7, 8], "kind": ["x", "x", "z", "z"]}
    dataset = spec(written(columns)).load()
    inputs, target, extras = rows_of(dataset.parts["train"])
    (feature,) = dataset.features
    assert (feature.shape, feature.padded, inputs) == ((2, 2), False, [[[1, 5], [2, 6]], [[3, 7], [4, 8]]])
    assert (target, SPAN[0] in extras) == (["x", "z"], False)


def test_shorter_series_are_padded_at_their_end(written):
    dataset = spec(written(SERIES)).load()
    inputs, target, extras = rows_of(dataset.parts["train"])
    (feature,) = dataset.features
    assert (feature.shape, feature.padded, feature.columns) == ((3, 2), True, ("a", "b"))
    assert inputs == [[[1, 5], [2, 6], [3, 7]], [[10, 50], [20, 60], [NAN, NAN]]]
    assert (target, extras["s"].tolist()) == (["x", "z"], ["u", "v"])


@pytest.mark.parametrize(
    ("window", "wanted"),
    [
        ({"length": 2}, [[0, 1], [3, NAN]]),
        ({"length": 2, "truncate": "end"}, [[0, 1], [3, NAN]]),
        ({"length": 2, "truncate": "beginning"}, [[1, 2], [3, NAN]]),
        ({"length": 4}, [[0, 1, 2, NAN], [3, NAN, NAN, NAN]]),
    ],
)
def test_a_stated_length_cuts_longer_series_and_pads_shorter_ones(written, window, wanted):
    dataset = spec(written(lengths(u=3, v=1)), **window).load()
    assert first_column(dataset.parts["train"]) == wanted
    assert (dataset.features[0].shape, dataset.features[0].padded) == ((window["length"], 1), True)


def test_a_stated_length_pads_also_where_all_series_have_it(written):
    (feature,) = spec(written(lengths(u=2, v=2)), length=2).load().features
    assert (feature.shape, feature.padded) == ((2, 1), True)


def test_all_parts_are_padded_to_the_longest_series_of_any(written):
    dataset = spec(written(lengths(u=2, v=2)), written(lengths(w=3), "test.csv")).load()
    assert first_column(dataset.parts["train"]) == [[0, 1, NAN], [2, 3, NAN]]
    assert first_column(dataset.parts["test"]) == [[0, 1, 2]]


def test_chunks_are_bounded_and_give_the_same_series(written, monkeypatch):
    path = written(lengths(u=3, v=1, w=2))
    whole = rows_of(spec(path).load().parts["train"])[0]
    monkeypatch.setattr(windows, "_CHUNK_BYTES", 4 * 3 * 2)
    source = spec(path).load().parts["train"]
    assert [len(rows) for rows in source.chunks()] == [2, 1]
    assert rows_of(source)[0] == whole


def test_a_gap_begins_a_shorter_series_where_asked(written):
    columns = {"s": ["u"] * 5, "t": [1, 2, 3, 8, 9], "a": [1, 2, 3, 4, 5], "kind": ["x"] * 5}
    source = spec(written(columns), time="t", gaps="split").load().parts["train"]
    assert first_column(source) == [[1, 2, 3], [4, 5, NAN]]


def test_two_labels_of_a_series_are_refused(written):
    mixed = {"s": ["u", "v", "u"], "a": [1, 2, 3], "kind": ["x", "z", "w"]}
    text = "t.csv: row 3: series 'u' has the targets 'x' and 'w'; a whole series has one, so write `past`, or mend it"
    assert refusal(written(mixed)) == text
    assert refusal(written(mixed), length=1) == text


def test_a_value_that_is_missing_inside_a_series_is_refused_or_kept_apart_from_padding(written):
    columns = {"s": ["u"] * 3 + ["v"], "a": [1, NAN, 3, 4], "b": [5, NAN, NAN, 8], "kind": ["x"] * 4}
    path = written(columns)
    text = "t.csv: row 2: column 'a' has no value; fill these rows, or write `dataset.missing: mean`"
    assert refusal(path) == text
    inputs, _, _ = rows_of(spec(path, missing="mean").load().parts["train"])
    assert inputs == [[[1, 5], [NAN, NAN], [3, NAN]], [[4, 8], [NAN, NAN], [NAN, NAN]]]


@pytest.mark.parametrize(("window", "row"), [({}, 3), ({"length": 2}, 2)])
def test_a_last_row_without_any_value_is_refused_as_it_would_be_padding(written, window, row):
    columns = {"s": ["u"] * 3 + ["v"], "a": [1, NAN, NAN, 4], "kind": ["x"] * 4}
    assert refusal(written(columns), missing="mean", **window) == (
        f"t.csv: row {row}: series 'u' ends here in a row without any value, which would be padding; "
        "drop the row, or fill it"
    )


def opened(written, fitted, columns):
    features = fitted.load().features
    return fitted.open_file(written(columns, "new.csv"), features, labelled=False)


def test_a_file_to_predict_is_padded_to_the_length_of_the_training_series(written):
    fitted = spec(written(lengths(u=3, v=1)))
    source = opened(written, fitted, {"s": ["w", "w", "x"], "a": [7, 8, 9]})
    inputs, target, extras = rows_of(source)
    assert (inputs, target) == ([[[7], [8], [NAN]], [[9], [NAN], [NAN]]], None)
    assert extras["s"].tolist() == ["w", "x"]


TRAIN = "or train with `window: {{length: {0}}}`, which cuts longer ones and pads shorter ones"


@pytest.mark.parametrize(
    ("trained", "given", "wanted"),
    [
        ({"u": 3, "v": 1}, {"w": 4}, f"has 4 rows, and the model takes at most 3; cut or fill it, {TRAIN.format(3)}"),
        ({"u": 2, "v": 2}, {"w": 3}, f"has 3 rows, and the model takes exactly 2; cut or fill it, {TRAIN.format(2)}"),
        ({"u": 2, "v": 2}, {"w": 1}, f"has 1 row, and the model takes exactly 2; cut or fill it, {TRAIN.format(2)}"),
    ],
)
def test_a_length_that_the_model_does_not_take_is_refused(written, trained, given, wanted):
    fitted = spec(written(lengths(**trained)))
    with pytest.raises(DataError) as raised:
        opened(written, fitted, lengths(**given))
    assert str(raised.value) == f"new.csv: row 1: series 'w' begins here and {wanted}"


@pytest.mark.parametrize(
    ("window", "wanted"),
    [({"length": 2}, [[0, 1]]), ({"truncate": "beginning"}, [[1, 2, 3]]), ({"truncate": "end"}, [[0, 1, 2]])],
)
def test_a_longer_series_to_predict_is_cut_where_the_settings_say_so(written, window, wanted):
    fitted = spec(written(lengths(u=3, v=1)), **window)
    assert first_column(opened(written, fitted, lengths(w=4))) == wanted


@pytest.mark.parametrize(("setting", "value"), [("length", 3), ("truncate", "end")])
def test_length_and_truncate_are_of_whole_series_alone(setting, value):
    with pytest.raises(ValidationError) as raised:
        spec("t.csv", past=2, **{setting: value})
    (error,) = raised.value.errors()
    assert error["msg"] == f"`{setting}` is of whole series, and `past` is there; keep one"


@pytest.mark.parametrize("window", [{}, {"length": 3, "truncate": "beginning"}])
def test_the_settings_of_whole_series_can_be_written_out_and_read_again(window):
    whole = spec("t.csv", **window)
    assert DatasetSpec.choose(whole.plain()) == whole
