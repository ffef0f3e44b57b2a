"""Windows over time."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from dltrain.data import windows
from dltrain.data.base import DatasetSpec
from dltrain.data.source import NAIVE
from dltrain.errors import DataError
from dltrain.spec.problems import SpecError
from dltrain.splits.base import SPAN, Population, SplitsSpec

HOURS = {"t": [0, 1, 2, 3, 4, 5], "a": [10, 11, 12, 13, 14, 15], "y": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]}
LAST = {"past": 2, "horizon": 3, "output": "last"}


def spec(path, target="y", **window):
    settings = {key: window.pop(key) for key in ("ignore", "missing", "type") if key in window}
    return DatasetSpec.choose({"path": path, "target": target, "window": window, **settings})


def rows_of(source):
    """All windows, targets and extras."""
    chunks = list(source.chunks())
    joined = {name: np.concatenate([rows.extras[name] for rows in chunks]) for name in chunks[0].extras}
    target = None if chunks[0].target is None else np.concatenate([rows.target for rows in chunks])
    return np.concatenate([rows.features["window"] for rows in chunks]), target, joined


def refusal(*arguments, **window):
    with pytest.raises((DataError, SpecError)) as raised:
        rows_of(spec(*arguments, **window).load().parts["train"])
    return str(raised.value)


def test_a_window_holds_the_past_of_all_numbers_and_its_target_what_follows(written):
    dataset = spec(written(HOURS), time="t", past=2, horizon=3).load()
    inputs, target, extras = rows_of(dataset.parts["train"])
    (feature,) = dataset.features
    assert (feature.name, feature.kind, feature.dtype) == ("window", "numeric", "float32")
    assert (feature.shape, feature.columns, feature.own_past) == ((2, 2), ("a", "y"), (1,))
    assert (dataset.target_name, dataset.target_columns) == ("y", ("y+1", "y+2", "y+3"))
    assert inputs.tolist() == [[[10, 0.5], [11, 1.5]], [[11, 1.5], [12, 2.5]]]
    assert target.tolist() == [[2.5, 3.5, 4.5], [3.5, 4.5, 5.5]]
    assert {name: rows.tolist() for name, rows in extras.items()} == {
        "t": [1, 2], SPAN[0]: [2, 3], SPAN[1]: [4, 5], NAIVE: [[1.5], [2.5]],
    }  # fmt: skip


def test_the_last_value_alone_is_predicted_where_asked(written):
    _, target, extras = rows_of(spec(written(HOURS), time="t", **LAST).load().parts["train"])
    assert target.tolist() == [4.5, 5.5]
    assert (extras[SPAN[0]].tolist(), extras[SPAN[1]].tolist()) == ([4, 5], [4, 5])


def test_several_targets_are_predicted_at_every_step(written):
    dataset = spec(written(HOURS), target=["y", "a"], time="t", past=3, horizon=2).load()
    _, target, extras = rows_of(dataset.parts["train"])
    assert target.tolist() == [[[3.5, 13], [4.5, 14]], [[4.5, 14], [5.5, 15]]]
    assert extras[NAIVE].tolist() == [[2.5, 12], [3.5, 13]]
    assert dataset.features[0].own_past == (1, 0)
    assert dataset.target_columns == ("y+1", "a+1", "y+2", "a+2")


def test_a_window_begins_every_stride_rows(written):
    inputs, target, _ = rows_of(spec(written(HOURS), time="t", past=1, horizon=1, stride=2).load().parts["train"])
    assert inputs[:, 0, 0].tolist() == [10, 12, 14]
    assert target.tolist() == [1.5, 3.5, 5.5]


def test_without_a_horizon_the_label_is_that_of_the_last_row_and_no_input(written):
    columns = {"t": [1, 2, 3, 4], "a": [5, 6, 7, 8], "state": ["on", "on", "off", "on"]}
    dataset = spec(written(columns), target="state", time="t", past=2).load()
    inputs, target, extras = rows_of(dataset.parts["train"])
    assert dataset.features[0].columns == ("a",)
    assert inputs[:, :, 0].tolist() == [[5, 6], [6, 7], [7, 8]]
    assert target.tolist() == ["on", "off", "on"]
    assert (extras[SPAN[0]].tolist(), NAIVE in extras) == ([2, 3, 4], False)


def test_a_class_can_be_forecast_at_one_step(written):
    columns = {"t": [1, 2, 3, 4], "a": [5, 6, 7, 8], "state": ["on", "on", "off", "on"]}
    dataset = spec(written(columns), target="state", time="t", past=1, horizon=2, output="last").load()
    assert rows_of(dataset.parts["train"])[1].tolist() == ["off", "on"]
    text = refusal(written(columns), target="state", time="t", past=1, horizon=2)
    assert text == "dataset.window: 'state' holds labels, and one can be predicted; write `output: last`"


def test_no_window_reaches_over_two_series(written):
    columns = {"t": [1, 1, 2, 2, 3, 3], "s": ["b", "a"] * 3, "y": [1, 10, 2, 20, 3, 30]}
    inputs, target, extras = rows_of(
        spec(written(columns), time="t", group="s", past=2, horizon=1).load().parts["train"]
    )
    assert inputs[:, :, 0].tolist() == [[1, 2], [10, 20]]
    assert target.tolist() == [3, 30]
    assert extras["s"].tolist() == ["b", "a"]


@pytest.mark.parametrize("numbers", [4, 8, 12, 1 << 20])
def test_chunks_are_bounded_and_give_the_same_rows(written, monkeypatch, numbers):
    path = written({"t": range(9), "y": range(9)})
    whole = rows_of(spec(path, time="t", past=4, horizon=1).load().parts["train"])
    monkeypatch.setattr(windows, "_CHUNK_BYTES", 4 * numbers)
    source = spec(path, time="t", past=4, horizon=1).load().parts["train"]
    assert [len(rows) for rows in source.chunks()] == {4: [1] * 5, 8: [2, 2, 1], 12: [3, 2], 1 << 20: [5]}[numbers]
    for found, wanted in zip(rows_of(source)[:2], whole[:2], strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_dates_of_csv_and_parquet_are_times(written, tmp_path):
    texts = ["2024-01-01 00:00:00", "2024-01-01 01:00:00", "2024-01-01 02:00:00"]
    times = np.array(texts, "datetime64[us]")
    pq.write_table(pa.table({"t": times, "y": [1.0, 2.0, 3.0]}), tmp_path / "t.parquet")
    german = ["01.01.2024 00:00", "01.01.2024 01:00", "01.01.2024 02:00"]
    for settings in [
        {"path": written({"t": texts, "y": [1, 2, 3]})},
        {"path": str(tmp_path / "t.parquet")},
        {"path": written({"t": german, "y": [1, 2, 3]}, "u.csv"), "format": "%d.%m.%Y %H:%M"},
    ]:
        _, _, extras = rows_of(spec(**settings, time="t", past=1, horizon=1).load().parts["train"])
        assert extras[SPAN[0]].tolist() == times[1:].astype("int64").tolist()


def test_a_column_that_is_no_time_is_refused(written):
    path = written({"t": ["01.01.2024", "02.01.2024", "03.01.2024"], "y": [1, 2, 3]})
    text = f"{path}: column 't' holds neither numbers nor dates like 2024-12-31 23:59:00; if they are dates, "
    assert refusal(path, time="t", past=1, horizon=1) == text + 'write how: `window: {format: "%d/%m/%Y %H:%M"}`'


def test_calendar_columns_are_sines_and_cosines(written):
    times = ["2024-01-01 00:00", "2024-01-01 06:00", "2024-01-01 12:00"]
    dataset = spec(written({"t": times, "y": [1, 2, 3]}), time="t", past=2, horizon=1, calendar=["hour"]).load()
    inputs, _, _ = rows_of(dataset.parts["train"])
    assert dataset.features[0].columns == ("y", "sin(hour)", "cos(hour)")
    np.testing.assert_allclose(inputs[0], [[1, 0, 1], [2, 1, 0]], atol=1e-7)
    text = "dataset.window.calendar: `calendar` is of dates, and column 't' holds numbers; delete it"
    assert refusal(written(HOURS), time="t", past=2, horizon=1, calendar=["hour"]) == text


SORTED = "write `window: {sort: true}` to put rows in order"
ANOTHER = ", or name the column that tells several series apart: `window: {group: ...}`"


@pytest.mark.parametrize(
    ("times", "window", "wanted"),
    [
        ([1, 2, 5, 4], {}, "row 4: 't' is 4, earlier than 5 before it; " + SORTED + ANOTHER),
        ([1, 2, 2, 3], {}, "row 3: 't' is 2, as in row 2; keep one of the two" + ANOTHER),
        ([1, 2, 2, 3], {"group": "s"}, "row 3: 't' is 2, as in row 2 in series 'x'; keep one of the two"),
        ([3, 2, 2, 1], {"sort": True}, "row 3: 't' is 2, as in row 2; keep one of the two" + ANOTHER),
        (
            [1, 2, 3, 5], {},
            "row 4: 't' is 2 after the row before it, and the usual step is 1; fill the gap, or "
            "write `window: {gaps: split}` to begin a new series there, or `gaps: ignore` to take no notice",
        ),
    ],
)  # fmt: skip
def test_rows_out_of_order_and_gaps_are_refused_with_their_row(written, times, window, wanted):
    path = written({"t": times, "s": ["x"] * 4, "y": [1, 2, 3, 4]})
    left = {} if window.get("group") else {"ignore": ["s"]}
    assert refusal(path, time="t", past=1, horizon=1, **window, **left) == f"t.csv: {wanted}"


def test_a_gap_between_dates_is_told_in_hours(written):
    times = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00", "2024-01-02 04:00"]
    text = refusal(written({"t": times, "y": [1, 2, 3, 4]}), time="t", past=1, horizon=1)
    assert text.startswith(
        "t.csv: row 4: 't' is 1 day, 2:00:00 after the row before it, and the usual step is 1:00:00; "
    )


def test_rows_are_put_in_the_order_of_time_where_asked(written):
    path = written({"t": [3, 1, 2], "y": [30, 10, 20]})
    inputs, target, _ = rows_of(spec(path, time="t", past=1, horizon=1, sort=True).load().parts["train"])
    assert (inputs.ravel().tolist(), target.tolist()) == ([10, 20], [20, 30])


def test_a_gap_begins_a_new_series_or_is_ignored(written):
    path = written({"t": [1, 2, 3, 5, 7, 8, 9], "y": [1, 2, 3, 5, 7, 8, 9]})
    split = rows_of(spec(path, time="t", past=1, horizon=1, gaps="split").load().parts["train"])
    assert split[0].ravel().tolist() == [1, 2, 7, 8]
    ignored = rows_of(spec(path, time="t", past=1, horizon=1, gaps="ignore").load().parts["train"])
    assert ignored[0].ravel().tolist() == [1, 2, 3, 5, 7, 8]
    text = "t.csv: row 1: no series without a gap has the 5 rows of a window; write a smaller `past`"
    assert refusal(path, time="t", past=4, horizon=1, gaps="split") == text


def test_months_have_no_gaps(written):
    times = [f"2023-{month:02}-01" for month in range(1, 13)]
    dataset = spec(written({"t": times, "y": range(12)}), time="t", past=6, horizon=6).load()
    assert len(rows_of(dataset.parts["train"])[1]) == 1


def test_a_series_that_is_too_short_is_refused(written):
    columns = {"t": [1, 2, 3, 1], "s": ["u", "u", "u", "v"], "y": [1, 2, 3, 4]}
    assert refusal(written(columns), time="t", group="s", past=2, horizon=1) == (
        "t.csv: row 4: series 'v' begins here and has 1 rows, and a window takes 2 of the past and 1 of the future; "
        "drop it, or write a smaller `past` or `horizon`"
    )


def test_a_missing_value_is_refused_with_its_row_unless_it_is_filled(written):
    path = written({"t": [1, 2, 3], "a": [1, None, 3], "y": [1, 2, 3]})
    text = "t.csv: row 2: column 'a' has no value; fill these rows, or write `dataset.missing: mean`"
    assert refusal(path, time="t", past=1, horizon=1) == text
    inputs, _, _ = rows_of(spec(path, time="t", past=1, horizon=1, missing="mean").load().parts["train"])
    np.testing.assert_array_equal(inputs[:, 0, 0], [1, np.nan])
    target = written({"t": [1, 2, 3], "a": [1, 2, 3], "y": [1, None, 3]})
    text = "t.csv: row 2: the target 'y' has no value; fill or drop these rows"
    assert refusal(target, time="t", past=1, horizon=1, missing="mean") == text


def test_labels_among_the_columns_are_refused(written):
    path = written({"t": [1, 2, 3], "kind": ["x", "y", "x"], "y": [1, 2, 3]})
    text = f"{path}: column 'kind' holds labels, and a window is made of numbers; leave it out with"
    assert refusal(path, time="t", past=1, horizon=1) == f"{text} `dataset.ignore: [kind]`"


def test_the_targets_past_can_be_left_out(written):
    dataset = spec(written(HOURS), time="t", past=1, horizon=1, ignore=["y"]).load()
    inputs, target, extras = rows_of(dataset.parts["train"])
    assert (dataset.features[0].columns, dataset.features[0].own_past) == (("a",), ())
    assert (inputs.ravel()[:2].tolist(), target[:2].tolist()) == ([10, 11], [1.5, 2.5])
    assert extras[NAIVE].ravel()[:2].tolist() == [0.5, 1.5]


def test_a_file_to_predict_gives_every_complete_past_also_the_last_one(written):
    path = written(HOURS)
    fitted = spec(path, time="t", past=2, horizon=3, stride=3)
    source = fitted.open_file(path, fitted.load().features, labelled=False)
    inputs, target, extras = rows_of(source)
    assert target is None
    assert inputs[:, -1, 0].tolist() == [12, 15]
    assert {name: rows.tolist() for name, rows in extras.items()} == {"t": [2, 5]}
    short = written({name: values[:1] for name, values in HOURS.items()}, "u.csv")
    with pytest.raises(DataError) as raised:
        fitted.open_file(short, fitted.load().features, labelled=False)
    assert str(raised.value) == (
        "u.csv: row 1: the series begins here and has 1 rows, and a window takes 2; drop it, or write a smaller `past`"
    )


def test_a_file_to_score_is_like_the_one_trained_on(written):
    path = written(HOURS)
    fitted = spec(path, time="t", past=2, horizon=3)
    wanted = rows_of(fitted.load().parts["train"])
    found = rows_of(fitted.open_file(path, fitted.load().features))
    np.testing.assert_array_equal(found[0], wanted[0])
    np.testing.assert_array_equal(found[1], wanted[1])
    lacking = written({"t": [1, 2], "y": [1, 2]}, "u.csv")
    with pytest.raises(DataError) as raised:
        fitted.open_file(lacking, fitted.load().features)
    assert str(raised.value) == f"{lacking}: has no column 'a', which the run was trained with"


def test_times_of_predictions_are_text(written):
    times = ["2024-01-01 00:00:00", "2024-01-01 01:00:00"]
    path = written({"t": times, "y": [1, 2]})
    fitted = spec(path, time="t", past=1, horizon=1)
    source = fitted.open_file(path, fitted.load().features, labelled=False)
    assert rows_of(source)[2]["t"].tolist() == times


def split(dataset, **settings):
    _, _, extras = rows_of(dataset.parts["train"])
    population = Population({"train": len(extras[SPAN[0]])}, None, extras)
    return SplitsSpec.choose(settings or "auto").split(population, seed=0)


@pytest.mark.parametrize("settings", [{}, {"type": "time"}])
def test_windows_are_split_by_time_and_targets_never_reach_over_a_boundary(written, settings):
    dataset = spec(written({"t": range(20), "y": range(20)}), time="t", past=3, horizon=2).load()
    splits = split(dataset, **settings, validation=0.25, test=0.25)
    _, target, _ = rows_of(dataset.parts["train"])
    spans = {name: (target[ids].min(), target[ids].max()) for name, ids in splits.items()}
    assert spans["train"][1] < spans["validation"][0] <= spans["validation"][1] < spans["test"][0]
    assert [len(ids) for _, ids in splits.items()] == [7, 3, 4]
    # The past of the first validation window lies in what was trained on, as it is known by then.
    assert rows_of(dataset.parts["train"])[0][splits.validation[0]].ravel().tolist() == [8, 9, 10]


@pytest.mark.parametrize(
    ("window", "wanted"),
    [
        ({"time": "t"}, "write `past`, the number of rows of a window, or `group` for whole series as examples"),
        ({"group": "s", "horizon": 2}, "`horizon` needs `past`, the number of rows of a window"),
        ({"group": "s", "stride": 2}, "`stride` needs `past`, the number of rows of a window"),
        ({"past": 2, "output": "last"}, "`output: last` needs `horizon`, the number of rows to look ahead"),
        ({"past": 2, "gaps": "split"}, "`gaps` needs `time`, the column of the time"),
        ({"past": 2, "time": "t", "group": "t"}, "`time` and `group` are both 't'; name two columns"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(window, wanted):
    with pytest.raises(ValidationError) as raised:
        spec("t.csv", **window)
    (error,) = raised.value.errors()
    assert error["msg"] == wanted


def test_a_column_that_is_not_there_is_refused_where_it_is_named(written):
    with pytest.raises(SpecError) as raised:
        spec(written(HOURS), time="time", past=2, horizon=1).load()
    (problem,) = raised.value.problems
    assert problem.path == ("dataset", "window", "time")
    assert problem.message == "t.csv has no column 'time'; it has t, a or y"
