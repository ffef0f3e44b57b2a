"""What the live view of a training shows at a moment, in a number of cells."""

from __future__ import annotations

from math import inf, nan

import pytest

from dltrain.cli.view import COARSE, FINE, View, clock, sparkline
from dltrain.training.observer import EpochReport, Plan

ROWS = ({"epoch": 1, "loss": 0.9, "val_loss": 0.8}, {"epoch": 2, "loss": 0.7, "val_loss": 0.4})


def text(view, moment, width):
    return ["".join(piece for piece, _ in line) for line in view.lines(moment, width)]


def plan(**changed):
    known = {"epochs": 10, "steps": 100, "batch_size": 32, "monitor": "val_loss", "mode": "min", "history": ()}
    return Plan(**(known | changed))


def halfway(**changed):
    """Epoch 3, of which 50 of 100 steps are done, the last 40 of them in two seconds."""
    view = View(plan(history=ROWS), **changed)
    view.end(EpochReport(2, 10, {"val_loss": 0.4}, 6.0, "val_loss", best=True))
    view.values.pop()
    view.step(100.0, 3, 10, {"loss": 0.66})
    view.step(102.0, 3, 50, {"loss": 0.6, "accuracy": 0.75})
    return view


def test_before_the_first_step_there_is_an_empty_bar_and_no_rate():
    assert text(View(plan()), 0.0, 60) == ["epoch 1/10  ────────────────────────────────────────  0/100"]


def test_a_view_tells_progress_rate_time_left_scores_and_the_best_epoch():
    # 20 steps of 32 rows a second; half an epoch of 5 s, and seven epochs that take 6 s as the last one did.
    assert text(halfway(), 102.0, 77) == [
        "epoch 3/10  ━━━━━━━━━━━━━━━━────────────────  50/100  640 samples/s  45s left",
        "loss 0.6000  accuracy 0.7500",
        "val_loss █▁ 0.4000  best 0.4000 in epoch 2",
    ]


def test_no_line_is_wider_than_the_terminal():
    view = halfway(patience=(2, 5))
    for width in range(1, 201):
        assert max(map(len, text(view, 102.0, width))) <= width


def test_the_rate_gives_way_first_where_there_is_no_room_for_a_bar():
    assert text(halfway(), 102.0, 48)[0] == "epoch 3/10  ━━━━━━━━━─────────  50/100  45s left"
    assert text(halfway(), 102.0, 30)[0] == "epoch 3/10  ━━━━━─────  50/100"


def test_the_count_of_patience_is_told_once_an_epoch_was_no_better():
    view = View(plan())
    view.end(EpochReport(1, 10, {"val_loss": 0.5}, 1.0, "val_loss", best=True, patience=(0, 3)))
    assert text(view, 0.0, 90)[-1] == "val_loss 0.5000  best 0.5000 in epoch 1"
    view.end(EpochReport(2, 10, {"val_loss": 0.6}, 1.0, "val_loss", best=False, patience=(1, 3)))
    end = "val_loss ▁█ 0.6000  best 0.5000 in epoch 1  1 of 3 epochs without a better one"
    assert text(view, 0.0, 90)[-1] == end


def test_the_best_of_a_score_that_should_grow_is_the_first_of_the_largest():
    view = View(plan(monitor="accuracy", mode="max"))
    for epoch, value in enumerate((0.5, 0.75, 0.75, nan), 1):
        view.end(EpochReport(epoch, 10, {"accuracy": value}, 1.0, "accuracy", best=False))
    assert text(view, 0.0, 80)[-1] == "accuracy ▁██  nan  best 0.7500 in epoch 2"


def test_a_training_that_goes_on_shows_the_epochs_behind_it():
    assert text(View(plan(history=ROWS)), 0.0, 60) == [
        "epoch 3/10  ────────────────────────────────────────  0/100",
        "val_loss █▁ 0.4000  best 0.4000 in epoch 2",
    ]


@pytest.mark.parametrize(
    ("values", "most", "expected"),
    [
        ([], 8, ""),
        ([1.0], 8, "▄"),
        ([2.0, 2.0], 8, "▄▄"),
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, "▁▂▃▄▅▆▇█"),
        ([0.0, 2.0, 6.0, 8.0], 2, "▁█"),
        ([0.0, nan, 7.0, inf], 8, "▁ █ "),
        ([nan, nan], 8, "  "),
    ],
)
def test_a_sparkline_has_a_letter_for_each_value_or_for_the_mean_of_neighbours(values, most, expected):
    assert sparkline(values, FINE.heights, most) == expected


def test_an_encoding_without_blocks_gets_letters_that_it_has():
    lines = text(halfway(marks=COARSE), 102.0, 77)
    assert lines[0].startswith("epoch 3/10  ================----------------  50/100")
    assert lines[2] == "val_loss #_ 0.4000  best 0.4000 in epoch 2"
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0s"), (0.2, "1s"), (59, "59s"), (60, "1m00s"), (3599, "59m59s"), (7620, "2h07m")]
)
def test_times_are_told_in_two_units_at_most(seconds, expected):
    assert clock(seconds) == expected
